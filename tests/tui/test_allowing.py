"""Allowing a divergence where it is read, and how what rules expect is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from core.model.trace import ReplayRun
from tests.tui import fakes
from tests.tui.reviewed import Held, base_trace, changed, settled, words, world
from tests.tui.ruled import RULES, dialog, field, on_candidate, with_rules
from tests.tui.seen import toasts
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.views.allowing import why_not
from tui.views.diff import Section, Spot
from tui.widgets.checklist import Tick
from tui.widgets.diff import DiffView
from tui.widgets.lines import Lines

WIDE, NARROW = (150, 45), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


def test_a_key_of_a_run_is_no_wildcard() -> None:
    section = Section("2:output", "step 2", {"*": 1, "n": 1}, {"*": 2, "n": 1}, ())
    assert why_not(section, Spot("/*", "differs")).startswith("In a rule the key * stands for every element")
    assert why_not(section, Spot("/a/*/b", "differs"))
    assert why_not(section, Spot("/a*", "differs")) == why_not(section, Spot("/", "differs")) == ""


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
