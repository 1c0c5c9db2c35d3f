"""The dialog when a decision is refused or the world moves on."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input

from core.live.reviewing import Outcome, Refused, Request
from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.model.errors import WorkspaceError
from core.promotion.changes import Change
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, changed, good_world, settled, words, world
from tests.tui.seen import toasts
from tui.screens.decision import DecisionDialog
from tui.widgets.checklist import Tick

SIZES = [(140, 40), (80, 24)]


def opened(
    kind: DecisionKind = "approve", *, failing: bool = False, **changes: Any
) -> tuple[Held, Folder, CandidateView]:
    folder, view = world() if failing else good_world()
    view = replace(view, **changes)
    folder.snapshot = changed(folder, view)
    return Held(folder, DecisionDialog(folder, view, kind)), folder, view


async def test_a_refusal_is_told_in_the_dialog_and_nothing_typed_is_lost() -> None:
    app, folder, view = opened()
    folder.refusal = Refused(("journal: line 3 was changed",), view)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("space", "tab", *"fine", "ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, DecisionDialog)
        assert "Not recorded" in words(app)
        assert "journal: line 3 was changed" in words(app)
        assert app.screen.query_one("#reason", Input).value == "fine"
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert [request.reason for request in folder.requests] == ["fine", "fine"]


async def test_a_full_disk_is_shown_whole() -> None:
    app, folder, _ = opened()
    message = (
        "runs.assay/journal.jsonl: no space left on device; free some space and confirm again, nothing was recorded"
    )
    folder.refusal = WorkspaceError(message)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        said = " ".join(words(app).replace("│", " ").split())
        assert "no space left on device; free some space and confirm again" in said


async def test_a_stale_refusal_shows_the_change_and_looks_again_at_the_new_state() -> None:
    app, folder, view = opened()
    steps = list(view.candidate.steps)
    steps[0] = steps[0].replace(name="read_everything")
    fresh = replace(
        view,
        candidate=view.candidate.replace(steps=tuple(steps)),
        behaviour_digest="sha256:" + "f" * 64,
        changes=(Change("step 1 name", "read_manifest", "read_everything", "step 1 has another name"),),
    )
    others = tuple(fresh if v.lineage == view.lineage else v for v in folder.snapshot.candidates)
    async with app.run_test(size=(140, 50)) as pilot:
        await pilot.pause()
        await pilot.press("space", "tab", *"fine")
        folder.refusal = Refused(("the behaviour changed", "step 1 has another name"), fresh, stale=True)
        await pilot.press("ctrl+s")
        await settled(pilot)
        folder.push(replace(folder.snapshot, candidates=others))
        await settled(pilot)
        said = words(app)
        assert "it is not what you read any more" in said
        assert "step 1 has another name" in said
        assert "read_everything" in said
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert len(folder.requests) == 1, "a stale view cannot be confirmed again"
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert not any(tick.ticked for tick in app.screen.query(Tick)), "warnings are to be weighed anew"
        assert "not opened here: what changed since the approved version" in words(app)
        await pilot.press("space", "down", "space", "ctrl+s")
        await settled(pilot)
    assert [r.behaviour_digest for r in folder.requests] == [view.behaviour_digest, fresh.behaviour_digest]
    assert folder.requests[1].seen == fresh
    assert isinstance(app.outcomes[-1], Outcome)


async def test_new_agreeing_runs_are_told_and_do_not_hinder() -> None:
    app, folder, view = opened()
    shadow = view.candidate.shadow
    grown = shadow.replace(traces=(*shadow.traces, fakes.result(77)))
    fresh = replace(view, candidate=view.candidate.replace(shadow=grown), evidence="sha256:" + "e" * 64)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        others = tuple(fresh if v.lineage == view.lineage else v for v in folder.snapshot.candidates)
        folder.push(replace(folder.snapshot, candidates=others))
        await settled(pilot)
        assert "1 new run arrived meanwhile and agrees." in words(app)
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
    assert folder.requests[0].seen == view, "bound to what was read, not to what the list shows now"


async def test_a_change_of_behaviour_meanwhile_wants_another_look() -> None:
    app, folder, view = opened()
    fresh = replace(view, behaviour_digest="sha256:" + "f" * 64)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("space")
        folder.push(
            replace(
                folder.snapshot,
                candidates=tuple(fresh if v.lineage == view.lineage else v for v in folder.snapshot.candidates),
            )
        )
        await settled(pilot)
        assert "Its behaviour changed since this dialog was opened" in words(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        await pilot.press("ctrl+r", "space", "ctrl+s")
        await settled(pilot)
    assert [r.behaviour_digest for r in folder.requests] == [fresh.behaviour_digest]


async def test_a_vanished_candidate_cannot_be_decided() -> None:
    app, folder, _ = opened("reject", failing=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        folder.push(replace(folder.snapshot, candidates=()))
        await settled(pilot)
        assert "The candidate is no longer listed." in words(app)
        await pilot.press(*"why", "ctrl+s")
        await settled(pilot)
    assert folder.requests == []


async def test_looking_again_at_what_is_gone_says_so_still() -> None:
    app, folder, view = opened()
    folder.refusal = Refused(("run trace_0 is gone",), view, stale=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        folder.push(replace(folder.snapshot, candidates=()))
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert "The candidate is no longer listed." in words(app)
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
    assert len(folder.requests) == 1


async def test_a_second_confirmation_while_recording_does_nothing() -> None:
    app, folder, _ = opened()
    gate = threading.Event()
    decide = folder.decide

    def slow(request: Request) -> Outcome:
        assert gate.wait(60)
        return decide(request)

    folder.decide = slow  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("space", "ctrl+s", "ctrl+s", "escape", "ctrl+q")
        await pilot.pause()
        assert isinstance(app.screen, DecisionDialog), "neither closed nor left while it is being written"
        assert "recording …" in words(app)
        assert app.is_running
        assert app.return_code is None
        assert "once more in a moment" in " ".join(toasts(app))
        gate.set()
        await settled(pilot)
    assert len(folder.requests) == 1


@pytest.mark.parametrize("kind", ["approve", "reject", "revoke"])
@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_is_spelled_out(kind: DecisionKind, size: tuple[int, int]) -> None:
    evil = fakes.HOSTILE
    folder, view = good_world()
    view = replace(view, label=evil, warnings=(evil,), reasons=(evil,), risk="high")
    view = replace(view, decisions=(fakes.decision(view, reason=evil),))
    folder.reviewer = "ana@example.com"
    app = Held(folder, DecisionDialog(folder, view, kind))
    folder.refusal = Refused((evil,), replace(view, reasons=(evil,)), stale=True)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        said = words(app)
        if kind == "approve":
            await pilot.press("space", "down", "space")
            app.screen.query_one("#typed-name", Input).value = app.screen.case.name_to_type  # type: ignore[attr-defined]
        app.screen.query_one("#reason", Input).value = "why"
        await pilot.pause()
        await pilot.press("ctrl+s")
        await settled(pilot)
        said += words(app)
    assert len(folder.requests) == 1
    assert not any(char in said for char in "\x1b\x07\r\x9b\u202e")
    assert "[red]x[/red]" in said


async def test_why_it_cannot_be_approved_any_more_stands_before_how_runs_changed() -> None:
    app, folder, view = opened()
    shadow = view.candidate.shadow
    grown = shadow.replace(traces=(*shadow.traces, *(fakes.result(number, passed=False) for number in range(70, 79))))
    fresh = replace(view, candidate=view.candidate.replace(shadow=grown), approvable=("9 runs differ",))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        others = tuple(fresh if v.lineage == view.lineage else v for v in folder.snapshot.candidates)
        folder.push(replace(folder.snapshot, candidates=others))
        await settled(pilot)
        said = words(app)
    assert "It cannot be approved any more: 9 runs differ" in said
    assert "… and 7 more changes." in said
    assert "reason    optional" in said
    assert "Look again  ^R" in said
    assert "still needed: look again first" in said


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_a_long_reason_leaves_fields_and_buttons_on_the_screen(size: tuple[int, int]) -> None:
    why = " ".join(f"because{number}" for number in range(150))
    app, _, _ = opened(decisions=(fakes.decision(fakes.view(), "reject", actor="ana@example.com", reason=why),))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        said = words(app)
        assert "Promote version_bump" in said
        assert "reason    " in said
        assert "Cancel  Esc" in said
        whole = str(app.screen.query_one("#dialog-full").render())
        assert "What will happen, in full" in whole
        assert "because149." in whole
