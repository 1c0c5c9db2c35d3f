"""Sending back, renaming and withdrawing a rule, and the whole way of a rule on real files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from core.model.decision import DecisionKind
from core.store.policy import Policy
from tests.review.making import drop, releases, run
from tests.review.making import opened as session_on
from tests.tui import fakes
from tests.tui.reviewed import Held, changed, settled, words, world
from tests.tui.ruled import RULES, dialog, field, on_candidate, with_rules
from tests.tui.seen import toasts
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.views.deciding import command
from tui.views.promotion import promotion_lines
from tui.widgets.checklist import Tick
from tui.widgets.diff import DiffView
from tui.widgets.document import Document

WIDE, NARROW = (150, 45), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


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
    assert toasts(app)[0].startswith("ship a version got its new name by ana@example.com")


async def test_renaming_what_is_approved_says_that_the_approval_does_not_count_then() -> None:
    folder, view = world()
    view = replace(view, decisions=(fakes.decision(view, seq=3),))
    app = Held(folder, DecisionDialog(folder, view, "rename"))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert (
            "decided by ana@example.com; the approval by ana@example.com does not count under another name in the "
            "program, so it has to be approved again."
        ) in dialog(app)


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


def test_a_run_that_still_differs_elsewhere_does_not_agree_by_a_rule(tmp_path: Path) -> None:
    view = with_rules(*RULES)[1]
    results = tuple(result.replace(passed=False) for result in view.candidate.shadow.traces)
    made = view.candidate.replace(shadow=view.candidate.shadow.replace(traces=results))
    assert any(result.allowed for result in results)
    lines = promotion_lines(replace(view, candidate=made), Policy(), tmp_path, 100)
    assert "0 runs agree by it" in "\n".join(line.content.plain for line in lines)


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
            await pilot.press("a")
            await settled(pilot)
            ticks = [tick.said for tick in app.screen.query(Tick)]
            assert "1 run passes only thanks to allow rules" in ticks
            assert "no run differs, 1 run only thanks to allow rules (2)" in dialog(app)
            assert "5 of 5 runs agree, 1 of them only thanks to allow rules" in dialog(app)
            await pilot.press("escape", "6")
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


async def test_who_looks_again_at_what_has_another_name_may_give_the_former_one() -> None:
    folder, view = world()
    app = Held(folder, DecisionDialog(folder, view, "rename"))
    renamed = replace(view, label="bump", behaviour_digest="sha256:" + "b" * 64)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        folder.push(changed(folder, renamed))
        await settled(pilot)
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert field(app).value == "version_bump"
        assert "still needed" not in dialog(app)
        field(app).value = "bump"
        await settled(pilot)
        assert "still needed: another name than the present one" in dialog(app)


async def test_looking_again_says_that_a_reason_is_needed_now() -> None:
    folder, view = world(runs=6)
    app = Held(folder, DecisionDialog(folder, view, "approve"))
    risky = replace(view, risk="high", behaviour_digest="sha256:" + "b" * 64)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "reason optional;" in dialog(app)
        folder.push(changed(folder, risky))
        await settled(pilot)
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert "reason required by the policy;" in dialog(app)
