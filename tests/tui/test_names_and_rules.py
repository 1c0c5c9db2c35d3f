"""Sending back, renaming, allowing a divergence and withdrawing the rule, from the screens to the record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.model.trace import ReplayRun
from core.shadow.compare import Pool, shadow_compare
from core.shadow.waivers import Waiver
from tests.review.making import drop, releases, run
from tests.review.making import opened as session_on
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, base_trace, changed, settled, words, world
from tests.tui.seen import toasts
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.views.deciding import command
from tui.widgets.checklist import Tick
from tui.widgets.diff import DiffView
from tui.widgets.document import Document
from tui.widgets.lines import Lines

WIDE, NARROW = (150, 45), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


def field(app: AssayApp) -> Input:
    """The field for a name or a pointer."""
    return app.screen.query_one("#particular", Input)


def dialog(app: AssayApp) -> str:
    """What the dialog says, on one line."""
    assert isinstance(app.screen, DecisionDialog)
    return " ".join(words(app).replace("│", " ").split())  # type: ignore[arg-type]


def on_candidate(given: tuple[Folder, CandidateView] | None = None) -> tuple[Held, Folder, CandidateView]:
    folder, view = given or world()
    return Held(folder, CandidateScreen(folder, view.lineage)), folder, view


def with_rules(*rules: Waiver) -> tuple[Folder, CandidateView]:
    """The world of runs that differ, compared under some rules."""
    folder, view = world()
    shadow = shadow_compare(view.candidate, Pool(tuple(folder.held.values())), rules)
    view = replace(view, candidate=view.candidate.replace(shadow=shadow), rules=rules)
    folder.snapshot = changed(folder, view)
    return folder, view


RULES = (
    Waiver(seq=3, step=2, pointer="/version", reason="versions move on"),
    Waiver(seq=4, step=2, pointer="/log", reason="timings"),
)


@pytest.mark.parametrize(("key", "kind"), [("w", "needs_work"), ("m", "rename")])
async def test_the_list_asks_about_the_selected_candidate(key: str, kind: DecisionKind) -> None:
    app = AssayApp(fakes.FakeReviewing(), clock=lambda: fakes.NOW)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause()
        selected = app.screen.selected  # type: ignore[attr-defined]
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(app.screen, DecisionDialog)
        assert (app.screen.case.kind, app.screen.case.view) == (kind, selected)


@SIZES
async def test_renaming_by_keys(size: tuple[int, int]) -> None:
    app, folder, view = on_candidate()
    async with app.run_test(size=size) as pilot:
        await pilot.press("m")
        await settled(pilot)
        assert app.focused is field(app)
        assert field(app).value == "version_bump"
        assert "Rename version_bump (3 steps, risk medium), decided by ana@example.com." in dialog(app)
        assert "still needed: another name than the present one" in dialog(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        field(app).value = "   "
        await settled(pilot)
        assert "still needed: a name that is visible text on one line" in dialog(app)
        field(app).value = "bump\u202e"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        field(app).value = " ship a version "
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert any("ship a version" in line for line in words(app).splitlines()[:4])
    (request,) = folder.requests
    assert (request.kind, request.detail) == ("rename", {"name": "ship a version"})
    assert request.command[:5] == ("assay", "rename", "runs", view.lineage, "ship a version")
    assert toasts(app)[0].startswith("ship a version has its new name, given as ana@example.com")


@SIZES
async def test_allowing_the_place_under_the_cursor(size: tuple[int, int]) -> None:
    app, folder, view = on_candidate()
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert app.screen.query_one(DiffView).place == "/version"
        await pilot.press("x")
        await settled(pilot)
        assert app.focused is field(app)
        assert field(app).value == "/version"
        said = dialog(app)
        if size == WIDE:
            for part in (
                "place step 2 · file_mutation bump_version · output /version",
                'expected "1.2.0"',
                'observed "1.3.0" in run trace_6',
                "[ ] for the whole cohort release, not only for this candidate",
            ):
                assert part in said, part
        assert "still needed: a reason" in said
        await pilot.press("tab", "tab", *"moves on", "ctrl+s")
        await settled(pilot)
    (request,) = folder.requests
    assert request.detail == {"pointer": "/version", "step": 2, "scope": "lineage"}
    assert (request.kind, request.reason) == ("allow", "moves on")
    assert request.command[4:10] == ("--pointer", "/version", "--step", "2", "--scope", "lineage")
    assert "--expect" not in request.command
    assert [rule.pointer for rule in folder.snapshot.view(view.lineage).rules] == ["/version"]  # type: ignore[union-attr]


async def test_the_rule_can_be_widened_before_it_is_made() -> None:
    app, folder, _ = on_candidate()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("x")
        await settled(pilot)
        field(app).value = "version"
        app.screen.query_one("#reason", Input).value = "why"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        assert "a JSON pointer that begins with /" in dialog(app)
        field(app).value = "/files/*"
        app.screen.query_one(Tick).focus()
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
    assert folder.requests[0].detail == {"pointer": "/files/*", "step": 2, "scope": "cohort"}
    assert folder.requests[0].acknowledged == ()


async def test_receipts_are_allowed_in_the_replay_run() -> None:
    folder, view = world()
    folder.held["trace_6"] = base_trace(6).replace(
        replay_run=ReplayRun(run_id="x", effect_receipts=({"id": "r1", "tag": "v1.3.0"},))
    )
    made = view.candidate.replace(expected_receipts=({"id": "r1", "tag": "v1.2.0"},))
    folder.snapshot = changed(folder, replace(view, candidate=made))
    app, _, _ = on_candidate((folder, view))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        assert app.screen.query_one(DiffView).place == "/effect_receipts/0/tag"
        await pilot.press("x")
        await settled(pilot)
        field(app).value = "/"
        await settled(pilot)
        assert "a place inside the replay run" in dialog(app)
        field(app).value = "/effect_receipts/*/tag"
        app.screen.query_one("#reason", Input).value = "why"
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert folder.requests[0].detail == {"pointer": "/effect_receipts/*/tag", "step": None, "scope": "lineage"}
    assert "--step" not in folder.requests[0].command


async def test_side_effects_cannot_be_allowed_and_it_says_so() -> None:
    app, _, _ = on_candidate()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        app.screen.query_one("#runs", Lines).select("r:trace_8")
        await settled(pilot)
        await pilot.press("x")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)
        assert toasts(app) == ["Only outputs and receipts may differ by rule, not the side effects of step 2."]


async def test_a_run_that_agrees_has_nothing_to_allow() -> None:
    app, _, _ = on_candidate()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        app.screen.query_one("#runs", Lines).select("r:trace_0")
        await settled(pilot)
        await pilot.press("x")
        await settled(pilot)
        assert toasts(app) == ["Select a place that differs first; n goes to the next one."]


async def test_what_rules_expect_is_marked_with_the_rule_and_does_not_count() -> None:
    app, _, _ = on_candidate(with_rules(RULES[0]))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        assert "2 runs differ: step 2 /log" in words(app)
        diff = app.screen.query_one(DiffView)
        marked = [line for line in diff.text.splitlines() if line.startswith("≈")]
        assert marked == ["≈ /version  may differ: step 2 output /version: versions move on (rule 3)"]
        assert "◆ /log" in diff.text
        assert "1 difference  1 place may differ by rule" in words(app)
        diff.select(next(key for key in diff.keys if "\0/version\0" in key))
        await pilot.press("x")
        await settled(pilot)
        assert "A rule expects this already" in toasts(app)[0]


async def test_runs_that_agree_only_by_rule_are_told_apart() -> None:
    folder, view = with_rules(*RULES)
    assert (view.passed, view.failed) == (8, 1)
    app, _, _ = on_candidate((folder, view))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        said = words(app)
        assert "≈ 2 runs agree only thanks to allow rules" in said
        assert "✓ 6 runs agree" in said
        app.screen.query_one("#runs", Lines).select("r:trace_6")
        await settled(pilot)
        assert "≈ by rule trace_6  2 places may differ by rule" in words(app)
        await pilot.press("5")
        await settled(pilot)
        assert words(app).count("≈ by rule") == 2


async def test_a_rule_made_elsewhere_compares_anew() -> None:
    app, folder, view = on_candidate()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        assert "2 runs differ: step 2 /log, step 2 /version" in words(app)
        _, ruled = with_rules(RULES[0])
        app._arrived(changed(folder, ruled))
        await settled(pilot)
        assert "2 runs differ: step 2 /log" in words(app)
        assert "≈ /version" in app.screen.query_one(DiffView).text
    assert view.rules == ()


@SIZES
@pytest.mark.parametrize("way", ["x", "enter"])
async def test_withdrawing_from_the_rules_in_force(way: str, size: tuple[int, int]) -> None:
    app, folder, view = on_candidate(with_rules(*RULES))
    async with app.run_test(size=size) as pilot:
        await pilot.press("6")
        await settled(pilot)
        document = app.screen.query_one("#promotion").query_one(Document)
        said = " ".join(document.text.split())
        assert "step 2 output /log #4 2 runs agree by it timings" in said
        await pilot.press("home", "x")
        await settled(pilot)
        assert "Select one of the allow rules" in toasts(app)[0]
        assert document.select("rule:4")
        await pilot.press(way)
        await settled(pilot)
        said = dialog(app)
        assert "Withdraw a rule of version_bump" in said
        if size == WIDE:
            assert "place step 2 output /log" in said
            assert "allowed as timings" in said
            assert "2 runs agree only thanks to allow rules like it" in said
        await pilot.press("ctrl+s")
        await settled(pilot)
    (request,) = folder.requests
    assert (request.kind, request.detail) == ("withdraw", {"rule": 4})
    assert request.command[4:6] == ("--rule", "4")
    assert [rule.seq for rule in folder.snapshot.view(view.lineage).rules] == [3]  # type: ignore[union-attr]


async def test_a_rule_that_went_meanwhile_cannot_be_withdrawn() -> None:
    folder, view = with_rules(RULES[0])
    app = Held(folder, DecisionDialog(folder, view, "withdraw", {"rule": 9}))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "rule 9 is not in force any more" in dialog(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert folder.requests == []


async def test_a_hostile_pointer_is_shown_spelled_out_and_recorded_as_it_is() -> None:
    folder, view = world()
    evil = "/" + fakes.HOSTILE.replace("/", "")
    about = (("place", fakes.HOSTILE),)
    app = Held(folder, DecisionDialog(folder, view, "allow", {"pointer": evil, "step": 2}, about))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert not set("\x1b\x07\r\x9b\u202e") & set(words(app) + field(app).value)
        app.screen.query_one("#reason", Input).value = "why"
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert folder.requests[0].detail["pointer"] == evil


async def test_the_whole_way_on_real_files(tmp_path: Path) -> None:
    """A run that differs, allowed from the screen, agrees by rule; withdrawn, it differs again."""
    traces = releases(tmp_path / "traces")
    other: dict[str, Any] = run("run-9", "1.9")
    drop(traces, "shadow/run-9", {**other, "actions": _with_output(other["actions"], {"failed": 2})})
    with session_on(traces) as session:
        (view,) = session.snapshot.candidates
        assert view.failed == 1
        app = Held(session, CandidateScreen(session, view.lineage))
        session._on_snapshot = app._arrived
        async with app.run_test(size=WIDE) as pilot:
            await pilot.press("2")
            await settled(pilot)
            await pilot.press("x")
            await settled(pilot)
            app.screen.query_one("#reason", Input).value = "flaky tests are counted elsewhere"
            await pilot.press("ctrl+s")
            await settled(pilot)
            assert "≈ 1 run agrees only thanks to allow rules" in words(app)
            (ruled,) = session.snapshot.candidates
            assert (ruled.failed, [rule.pointer for rule in ruled.rules]) == (0, ["/failed"])
            await pilot.press("6")
            await settled(pilot)
            app.screen.query_one("#promotion").query_one(Document).select("rule:1")
            await pilot.press("x")
            await settled(pilot)
            await pilot.press("ctrl+s")
            await settled(pilot)
            assert session.snapshot.candidates[0].failed == 1
    assert (session.workspace / "journal.jsonl").read_bytes().count(b"\n") == 2


def _with_output(actions: list[dict[str, Any]], output: object) -> list[dict[str, Any]]:
    return [{**a, "observed_output": output} if a["name"] == "test" else a for a in actions]


def test_sending_back_is_bound_to_what_was_read() -> None:
    folder, view = world()
    case = DecisionDialog(folder, view, "needs_work").case
    given = command(case, folder, "why")
    assert given[given.index("--expect") + 1] == view.behaviour_digest
