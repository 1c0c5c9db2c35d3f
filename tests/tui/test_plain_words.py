"""What is told is what is so: labels keep their end, numbers are not rounded up, what is unknown is called unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widgets import Input

from core.model.candidate import Savings
from core.model.shares import confidence
from core.shadow.differences import Difference
from tests.tui import fakes
from tests.tui.reviewed import Held, settled, words
from tests.tui.test_decision import opened
from tests.tui.test_generalised import opened as generalised
from tests.tui.test_generalised import planted, snapshot
from tests.tui.test_home_pictures import pictured
from tui.screens.decision import DecisionDialog
from tui.text import arrowed
from tui.views.columns import COLUMNS
from tui.views.diff import sections_rows
from tui.views.groups import places
from tui.views.saved import Ledger, savings_lines
from tui.views.sections import sections
from tui.views.workflow import workflow_lines
from tui.widgets.table import fit


class TestLabels:
    @given(st.text(max_size=60), st.integers(1, 60))
    def test_no_label_is_wider_than_its_column(self, label: str, width: int) -> None:
        assert cell_len(arrowed(f"first → {label}", width)) <= max(width, 6)

    @pytest.mark.parametrize(
        ("width", "told"),
        [
            (60, "find_user → get_order → exchange_delivered_order"),
            (40, "find_user → ge… → exchange_delivered_order"),
            (32, "find_… → exchange_delivered_order"),
            (28, "… → exchange_delivered_order"),
            (20, "… → exchange…d_order"),
        ],
    )
    def test_the_last_step_is_told_longest(self, width: int, told: str) -> None:
        assert arrowed("find_user → get_order → exchange_delivered_order", max(width, cell_len(told))) == told

    def test_what_is_no_sequence_keeps_both_ends(self) -> None:
        assert arrowed("close_the_weekly_sprint", 12) == "close_…sprint"[:12] or "…" in arrowed("close_the_weekly", 12)


@pytest.mark.parametrize(
    ("share", "told"), [(1.0, "1.00"), (0.9999, "0.99"), (0.7999, "0.79"), (0.8, "0.80"), (0.29, "0.29"), (0.0, "0.00")]
)
def test_a_confidence_is_never_rounded_up(share: float, told: str) -> None:
    assert confidence(share) == told


@pytest.mark.parametrize("width", [76, 96, 116, 100, 128])
def test_confidence_is_shown_before_what_matters_less(width: int) -> None:
    shown = {column.key: size for column, size in fit(COLUMNS, width)}
    assert "status" in shown
    assert ("confidence" in shown) or not shown.keys() & {"steps", "runs", "tokens", "time", "cohort", "changed"}
    # Nothing that could be left out takes room from the name of the workflow.
    assert shown["workflow"] >= 38 or not shown.keys() & {"tokens", "time", "cohort", "changed"}


def test_savings_that_no_run_records_are_no_zeros() -> None:
    view = fakes.view()
    none = Savings(unrecorded=True)
    view = replace(view, candidate=view.candidate.replace(savings=none))
    ledger = Ledger(tuple((e.trace_id, (Savings(),) * 3) for e in view.candidate.examples), total=5)
    said = "\n".join(line.content.plain for line in savings_lines(view, ledger, 110))
    assert "$0.00" not in said
    assert "0 %" not in said
    assert "unknown: no run records the calls that chose the steps" in said
    assert "model calls                unknown" in said


def test_a_step_left_out_moves_none_of_the_others() -> None:
    made = snapshot("planted").candidates[0].candidate
    steps = ["tool_call:find", "tool_call:look", "tool_call:close", "tool_call:tell"]
    without = Difference(None, "signature", "/", steps, [steps[0], *steps[2:]], "the job gets done without look")
    ((_, rows),) = sections_rows(sections(made, planted()[0], 0, [without]))
    differing = [
        (row.left and row.left.text.strip(), row.right and row.right.text.strip()) for row in rows if not row.same
    ]
    assert differing == [("tool_call:look", None)]


def test_a_place_at_the_root_says_what_differs_there() -> None:
    whole = Difference(1, "output", "/", "a", "b", "step 1 output differs")
    part = Difference(3, "output", "/version", "a", "b", "step 3 output differs at /version")
    assert places((whole, part)) == ("step 1 output", "step 3 /version")


def test_long_lines_of_a_file_are_folded_and_say_so() -> None:
    files = (("workflow.harn", "short\n" + "x" * 900 + "\nend"),)
    folded = [line.content.plain for line in workflow_lines(files, None, 80)]
    assert any("more lines of this width, z shows all" in line for line in folded)
    whole = [line.content.plain for line in workflow_lines(files, None, 80, whole=True)]
    assert sum(line.count("x") for line in whole) == 900
    assert len(folded) < 8 < len(whole)


async def test_z_shows_the_whole_file() -> None:
    app = generalised("planted")
    async with app.run_test(size=(60, 24)) as pilot:
        await settled(pilot)
        await pilot.press("4")
        await settled(pilot)
        page = app.screen.tab.document
        assert "z shows all" in page.text
        await pilot.press("z")
        await settled(pilot)
        assert "z shows all" not in page.text
        await pilot.press("z")
        assert "z shows all" in page.text


def reason(app: Held) -> Input:
    return app.screen.query_one("#reason", Input)


async def test_what_was_written_in_a_dialog_survives_its_closing() -> None:
    app, folder, view = opened()
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        reason(app).value = "read all of it"
        await pilot.press("escape")
        await settled(pilot)
        app.push_screen(DecisionDialog(folder, view, "reject"))
        await settled(pilot)
        assert not reason(app).value
        await pilot.press("escape")
        app.push_screen(DecisionDialog(folder, view, "approve"))
        await settled(pilot)
        assert reason(app).value == "read all of it"
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        assert folder.requests[-1].reason == "read all of it"
        app.push_screen(DecisionDialog(folder, folder.snapshot.candidates[0], "revoke"))
        app.push_screen(DecisionDialog(folder, view, "approve"))
        await settled(pilot)
        assert not reason(app).value


async def test_fields_of_a_dialog_are_named_and_tab_is_theirs_at_once() -> None:
    app, _, _ = opened(risk="high")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        reason(app).value = app.screen.query_one("#typed-name", Input).value = "x"
        await pilot.pause()
        shown = [line.strip(" │") for line in words(app).splitlines()]
        assert any(line.startswith("reason    x") for line in shown)
        assert any(line.startswith("name      x") for line in shown)
        # Before the focused field sees it: what is typed right after Tab belongs to the next field.
        assert app.screen.active_bindings["tab"].binding.priority


class Unfinished(fakes.FakeReviewing):
    """The disk fills up after the journal's line was written."""

    def decide(self, request: Any) -> Any:
        return replace(super().decide(request), trouble="the disk is full")


async def test_a_decision_that_could_not_be_finished_is_told_for_good() -> None:
    app = pictured()
    live = app.reviewing = Unfinished()
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        view = live.snapshot.candidates[0]
        app.push_screen(DecisionDialog(live, view, "needs_work"), app.decided)
        await settled(pilot)
        reason(app).value = "mend it"
        await pilot.press("ctrl+s")
        await settled(pilot)
        app.clear_notifications()
        app.tick()
        await settled(pilot)
        said = " ".join(words(app).split())
        assert f"on {view.label} is recorded, but not finished: the disk is full. The next start completes it." in said
