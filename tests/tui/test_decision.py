"""The dialog that records decisions."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Button, Input

from core.live.reviewing import Outcome, Refused, Request
from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.model.errors import WorkspaceError
from core.promotion.changes import Change
from core.store.policy import Policy
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, good_world, world
from tui.screens.decision import DecisionDialog
from tui.widgets.checklist import Tick

SIZES = [(140, 40), (80, 24)]


def opened(
    kind: DecisionKind = "approve", *, failing: bool = False, **changes: Any
) -> tuple[Held, Folder, CandidateView]:
    folder, view = world() if failing else good_world()
    view = replace(view, **changes)
    folder.snapshot = replace(
        folder.snapshot,
        candidates=tuple(view if v.lineage == view.lineage else v for v in folder.snapshot.candidates),
    )
    return Held(folder, DecisionDialog(folder, view, kind)), folder, view


async def settled(pilot: Any) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


def words(app: Held) -> str:
    """What the dialog says, line after line."""
    lines = [strip.text for strip in app.screen._compositor.render_strips()]
    return "\n".join(lines)


@pytest.mark.parametrize("size", SIZES)
async def test_approving_by_keys(size: tuple[int, int]) -> None:
    app, folder, view = opened()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.focused, Tick)
        assert "Promote version_bump (3 steps, risk medium) as ana@example.com." in words(app)
        await pilot.press("space", "tab", *"all read", "ctrl+s")
        await settled(pilot)
    assert folder.requests == [
        Request(
            kind="approve",
            lineage=view.lineage,
            behaviour_digest=view.behaviour_digest,
            actor="ana@example.com",
            reason="all read",
            seen=view,
            acknowledged=view.warnings,
            command=(
                "assay", "approve", "runs", view.lineage, "--expect", view.behaviour_digest,
                "--as", "ana@example.com", "--reason", "all read", "--workspace", "runs.assay",
            ),
        )
    ]  # fmt: skip
    outcome = app.outcomes[-1]
    assert isinstance(outcome, Outcome)
    assert outcome.decision.kind == "approve"


@pytest.mark.parametrize("size", SIZES)
async def test_approving_by_mouse_only(size: tuple[int, int]) -> None:
    app, folder, view = opened()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert await pilot.click(Tick)
        await pilot.pause()
        assert await pilot.click("#confirm")
        await settled(pilot)
    assert [request.acknowledged for request in folder.requests] == [view.warnings]


@pytest.mark.parametrize("size", SIZES)
async def test_everything_that_is_asked_for_fits_on_the_screen(size: tuple[int, int]) -> None:
    many = tuple(f"warning {n}: " + "something to weigh " * 5 for n in range(12))
    app, _, _ = opened(warnings=many, risk="high")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        for name in ("#reason", "#typed-name", "#confirm", "#cancel", "#dialog-missing"):
            region = app.screen.query_one(name).region
            assert region.height >= 1, name
            assert region.bottom < size[1], name
        assert app.focused is not None
        assert app.focused.region.bottom <= app.screen.query_one("#dialog-scroll").region.bottom


async def test_enter_never_approves() -> None:
    app, folder, _ = opened()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("enter", "space", "enter", "tab", "x", "enter", "enter", "enter", "enter")
        await settled(pilot)
        assert folder.requests == []
        app.screen.query_one("#confirm").focus()
        await pilot.press("enter")
        await settled(pilot)
        assert folder.requests == []
        await pilot.press("space")
        await settled(pilot)
    assert len(folder.requests) == 1


async def test_every_warning_has_to_be_ticked() -> None:
    app, folder, _ = opened(warnings=("first", "second"))
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        assert app.screen.query_one("#confirm", Button).disabled
        assert "still needed: 1 warning to tick" in words(app)
        assert isinstance(app.focused, Tick)
        assert app.focused.said == "second"
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
    assert [request.acknowledged for request in folder.requests] == [("first", "second")]


async def test_a_ticked_warning_can_be_unticked() -> None:
    app, folder, _ = opened()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("space", "space", "ctrl+s")
        await settled(pilot)
    assert folder.requests == []


async def test_high_risk_wants_the_name_and_a_reason() -> None:
    app, folder, _ = opened(risk="high", warnings=())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+s")
        assert "still needed: a reason, the name: version_bump" in words(app)
        await pilot.press(*"read", "tab", *"version_bum", "ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        await pilot.press("p", "ctrl+s")
        await settled(pilot)
    assert [request.reason for request in folder.requests] == ["read"]


async def test_a_medium_risk_asks_for_no_name() -> None:
    app, _, _ = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.screen.query_one("#typed-name").display


@pytest.mark.parametrize("kind", ["reject", "needs_work"])
async def test_saying_no_wants_a_reason_by_policy(kind: DecisionKind) -> None:
    app, folder, _ = opened(kind, failing=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.focused is app.screen.query_one("#reason")
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        await pilot.press(*"why", "ctrl+s")
        await settled(pilot)
    assert [(r.kind, r.reason, r.acknowledged) for r in folder.requests] == [(kind, "why", ())]
    assert folder.requests[0].command[1] == kind.replace("_", "-")


async def test_a_policy_without_reasons_asks_for_none() -> None:
    folder, view = world()
    folder.snapshot = replace(folder.snapshot, policy=Policy(reason_required=()))
    app = Held(folder, DecisionDialog(folder, view, "reject"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert len(folder.requests) == 1


async def test_a_blocked_candidate_says_why_and_cannot_be_approved() -> None:
    app, folder, _ = opened(failing=True, approvable=("shadow comparison did not pass",))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "This cannot be recorded now" in words(app)
        assert "shadow comparison did not pass" in words(app)
        assert app.focused is app.screen.query_one("#cancel")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        assert not app.screen.query(Tick)
        await pilot.press("escape")
        await settled(pilot)
    assert app.outcomes == [None]


async def test_the_author_may_not_approve() -> None:
    folder, view = good_world()
    folder.snapshot = replace(folder.snapshot, policy=Policy(author="ana@example.com"))
    app = Held(folder, DecisionDialog(folder, view, "approve"))
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        assert "ana@example.com is the author and may not approve" in words(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert folder.requests == []


async def test_revoking_names_what_is_taken_back() -> None:
    folder, view = good_world()
    view = replace(view, decisions=(fakes.decision(view, seq=3, reason="looked fine"),))
    app = Held(folder, DecisionDialog(folder, view, "revoke"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "approved by ana@example.com, 2026-09-21T13:33:20Z: looked fine" in words(app)
        await pilot.press(*"wrong branch", "ctrl+s")
        await settled(pilot)
    assert [(r.kind, r.reason) for r in folder.requests] == [("revoke", "wrong branch")]


async def test_there_may_be_nothing_to_revoke() -> None:
    app, folder, _ = opened("revoke")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "there is no decision to take back" in words(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert folder.requests == []


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
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
    assert [r.behaviour_digest for r in folder.requests] == [view.behaviour_digest, fresh.behaviour_digest]
    assert folder.requests[1].seen == fresh
    assert isinstance(app.outcomes[-1], Outcome)


async def test_new_agreeing_runs_are_told_and_do_not_hinder() -> None:
    app, folder, view = opened()
    shadow = view.candidate.shadow
    grown = shadow.replace(traces=(*shadow.traces, fakes.result(77)))
    fresh = replace(view, candidate=view.candidate.replace(shadow=grown), evidence_digest="sha256:" + "e" * 64)
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


async def test_a_second_confirmation_while_recording_does_nothing() -> None:
    app, folder, _ = opened()
    gate = threading.Event()
    decide = folder.decide

    def slow(request: Request) -> Outcome:
        assert gate.wait(10)
        return decide(request)

    folder.decide = slow  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("space", "ctrl+s", "ctrl+s", "escape", "ctrl+q")
        await pilot.pause()
        assert isinstance(app.screen, DecisionDialog), "neither closed nor left while it is being written"
        assert "recording …" in words(app)
        gate.set()
        await settled(pilot)
    assert len(folder.requests) == 1


async def test_escape_records_nothing() -> None:
    app, folder, _ = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("space", "escape")
        await settled(pilot)
    assert folder.requests == []
    assert app.outcomes == [None]


async def test_earlier_reasons_are_recalled() -> None:
    folder, view = world()
    journal = folder.snapshot.journal
    past = tuple(
        fakes.decision(view, "reject", seq=n, reason=reason) for n, reason in enumerate(("too wide", "no tests"), 1)
    )
    folder.snapshot = replace(folder.snapshot, journal=replace(journal, decisions=past))
    app = Held(folder, DecisionDialog(folder, view, "reject"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        reason = app.screen.query_one("#reason", Input)
        await pilot.press("m", "up")
        assert reason.value == "no tests"
        await pilot.press("up", "up")
        assert reason.value == "too wide"
        await pilot.press("down", "down")
        assert reason.value == "m"


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
            await pilot.press("space")
            app.screen.query_one("#typed-name", Input).value = app.screen.case.name_to_type  # type: ignore[attr-defined]
        app.screen.query_one("#reason", Input).value = "why"
        await pilot.pause()
        await pilot.press("ctrl+s")
        await settled(pilot)
        said += words(app)
    assert len(folder.requests) == 1
    assert not any(char in said for char in "\x1b\x07\r\x9b\u202e")
    assert "[red]x[/red]" in said
