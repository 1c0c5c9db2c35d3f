"""The candidate screen while things change, decisions, and hostile text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.live.snapshot import CandidateView
from core.promotion.changes import Change
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, base_trace, changed, good_world, settled, words, world
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.widgets.diff import DiffView
from tui.widgets.document import Document
from tui.widgets.lines import Lines

WIDE, NARROW = (160, 45), (80, 24)
TABS = ("overview", "divergences", "savings", "workflow", "evidence", "promotion")


def opened(given: tuple[Folder, CandidateView] | None = None) -> tuple[Held, Folder, CandidateView]:
    folder, view = given or world()
    return Held(folder, CandidateScreen(folder, view.lineage)), folder, view


def tab_text(app: Held, name: str) -> str:
    """Everything that a tab's document holds, scrolled into view or not."""
    return app.screen.query_one(f"#{name}").query_one(Document).text


async def test_a_live_change_keeps_tab_scroll_selection_and_focus() -> None:
    app, folder, view = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("down")
        await settled(pilot)
        diff, runs = app.screen.query_one(DiffView), app.screen.query_one("#runs", Lines)
        diff.focus()
        await pilot.press("n", "down")
        await settled(pilot)
        before = (runs.selected, diff.selected, diff.scroll_offset, app.focused)
        grown = view.candidate.shadow.replace(traces=(fakes.result(50), *view.candidate.shadow.traces))
        folder.push(changed(folder, replace(view, candidate=view.candidate.replace(shadow=grown))))
        await settled(pilot)
        assert (runs.selected, diff.selected, diff.scroll_offset, app.focused) == before
        assert "r:trace_50" in runs.keys
        assert app.screen.tab.id == "divergences"  # type: ignore[attr-defined]


async def test_a_live_change_is_shown_in_the_open_tab() -> None:
    app, folder, view = opened()
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        document = app.screen.query_one("#overview").query_one(Document)
        await pilot.press("pagedown")
        await settled(pilot)
        place = document.scroll_offset
        assert place.y > 0
        folder.push(changed(folder, replace(view, status="rejected", reasons=("rejected by bo@example.com: no",))))
        await settled(pilot)
        assert "rejected by bo@example.com: no" in document.text
        assert "✗ rejected" in words(app)
        assert document.scroll_offset == place


async def test_a_vanished_lineage_says_so_and_cannot_be_decided() -> None:
    app, folder, view = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        folder.push(replace(folder.snapshot, candidates=tuple(v for v in folder.snapshot.candidates if v != view)))
        await settled(pilot)
        assert "no longer listed; what is shown is the last state" in words(app)
        await pilot.press("a")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)


async def test_neighbours_follow_the_lists_order_and_the_tab_stays() -> None:
    folder, view = world()
    names = [v.lineage for v in folder.snapshot.candidates]
    order = [names[1], names[0], names[2]]
    screen = CandidateScreen(folder, view.lineage, lambda: order)
    app = Held(folder, screen)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("6", "right_square_bracket")
        await settled(pilot)
        assert screen.lineage == names[0]
        assert "triage_issue" in words(app)
        assert "2/3" in words(app)
        assert screen.tab.id == "promotion"
        assert names[0] in tab_text(app, "promotion")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await settled(pilot)
        assert screen.lineage == names[1], "there is none before the first one"


@pytest.mark.parametrize(("key", "kind"), [("a", "approve"), ("r", "reject"), ("u", "revoke"), ("w", "needs_work")])
async def test_decisions_open_their_dialog_with_the_shown_view(key: str, kind: str) -> None:
    app, _, view = opened(good_world())
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press(key)
        await settled(pilot)
        dialog = app.screen
        assert isinstance(dialog, DecisionDialog)
        assert (dialog.case.kind, dialog.case.view) == (kind, view)


async def test_an_approval_shows_in_the_title_and_in_a_toast() -> None:
    app, folder, view = opened(good_world())
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("a")
        await settled(pilot)
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)
        assert "✓ ready" in words(app)
        told = [notification.message for notification in app._notifications]
        assert any(f"runs.assay/crashpacks/{view.candidate.id}-001" in message for message in told)
    assert len(folder.requests) == 1


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_hostile_text_is_spelled_out_in_every_tab(size: tuple[int, int]) -> None:
    evil = fakes.HOSTILE
    folder, view = world()
    trace = base_trace(6)
    actions = list(trace.actions)
    actions[2] = actions[2].replace(observed_output={evil: evil, "log": evil + "\n" + evil})
    folder.held["trace_6"] = trace.replace(actions=tuple(actions))
    made = view.candidate
    steps = list(made.steps)
    steps[1] = steps[1].replace(expected_output={evil: [evil]}, preconditions=(evil,), review_notes=(evil,))
    results = tuple(r.replace(details=(evil,)) if not r.passed else r for r in made.shadow.traces)
    made = made.replace(
        name=evil,
        steps=tuple(s.replace(name=evil, kind=evil, capabilities=(evil,), required_secrets=(evil,)) for s in steps),
        parameters=tuple(p.replace(name=evil, examples=(evil,), source_paths=(evil,)) for p in made.parameters),
        warnings=(evil,),
        rejection_reasons=(evil,),
        shadow=made.shadow.replace(traces=results),
    )
    view = replace(view, label=evil, cohort=evil, candidate=made, reasons=(evil,), warnings=(evil,), notes=(evil,))
    view = replace(view, decisions=(fakes.decision(view, reason=evil, actor=evil),))
    view = replace(view, changes=(Change(evil, evil, evil + " more", evil),))
    runs = {key: replace(run, unit=evil, started_at=evil) for key, run in folder.snapshot.runs.items()}
    folder.snapshot = replace(changed(folder, view), runs=runs)
    app, _, _ = opened((folder, view))
    said = ""
    async with app.run_test(size=size) as pilot:
        for key in "123456":
            await pilot.press(key)
            await settled(pilot)
            said += words(app)
            for document in app.screen.query(Document):
                said += document.text
        await pilot.press("2", "o")
        await settled(pilot)
        said += words(app)
    assert not any(char in said for char in "\x1b\x07\r\x9b\u202e")
    assert "[red]x[/red]" in said
    assert "[@click=app.quit]" in said
