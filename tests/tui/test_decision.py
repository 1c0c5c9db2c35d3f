"""The dialog that records decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unicodedata import normalize

import pytest
from textual.widgets import Button, Input

from core.live.reviewing import Outcome, Request
from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.store.policy import Policy
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, changed, good_world, settled, words, world
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
        assert "still needed: 1 warning to tick, a reason, the name, typed: version_bump" in " ".join(
            words(app).replace("│", " ").split()
        )
        await pilot.press("space", "tab", *"read", "tab", *"version_bum", "ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        await pilot.press("p", "ctrl+s")
        await settled(pilot)
    assert [request.reason for request in folder.requests] == ["read"]


async def test_a_name_can_be_typed_on_every_keyboard() -> None:
    app, folder, _ = opened(risk="high", warnings=(), label="checkout → übermut · 0f")
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        assert "the name, typed: checkout -> \\u{fc}bermut - 0f" in words(app)
        await pilot.press("space", "tab")
        app.screen.query_one("#typed-name", Input).value = "checkout -> \\u{fc}bermut - 0f"
        await pilot.press("y", "ctrl+s")
        await settled(pilot)
    assert len(folder.requests) == 1


@pytest.mark.parametrize("label", ["look_up_order → queue_reply", "très · 日本", "tre\u0300s"])
async def test_a_name_can_be_typed_and_pasted_as_it_is_shown(label: str) -> None:
    app, folder, _ = opened(risk="high", warnings=(), label=label)
    async with app.run_test(size=(140, 40)) as pilot:
        await settled(pilot)
        app.screen.query_one("#reason", Input).value = "read"
        field = app.screen.query_one("#typed-name", Input)
        field.value = label[:-1]
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        assert "the name, typed" in words(app)
        field.value = f" {normalize('NFC', label)} "
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert len(folder.requests) == 1


async def test_a_medium_risk_asks_for_no_name() -> None:
    app, _, _ = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.screen.query_one("#name-field").display


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
