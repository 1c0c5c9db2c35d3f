"""What other reviewers decided, in the dialog that approves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.decision import Status
from core.store.policy import ApproversPolicy, Policy
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, changed, good_world, settled
from tests.tui.ruled import dialog
from tests.tui.seen import toasts
from tui.screens.decision import DecisionDialog
from tui.widgets.checklist import Tick

BOB = "bob@example.com"
WIDE = (140, 50)


def rejected(*, opened: bool = True, policy: Policy | None = None) -> tuple[Held, Folder]:
    """A dialog that approves what Bob rejected, before it was opened or after."""
    folder, view = good_world()
    said = fakes.decision(view, "reject", seq=3, actor=BOB, reason="no tests")
    status: Status = "rejected"
    after = replace(view, decisions=(said,), status=status, reasons=(f"rejected by {BOB}: no tests",))
    folder.snapshot = replace(changed(folder, after), policy=policy or folder.snapshot.policy)
    return Held(folder, DecisionDialog(folder, after if opened else view, "approve")), folder


async def test_approving_what_another_reviewer_rejected_says_that_it_stays_so() -> None:
    app, folder = rejected()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        said = dialog(app)
        assert f"as ana@example.com; stays rejected until {BOB} takes that back." in said
        assert "Promote" not in said
        assert next(tick.said for tick in app.screen.query(Tick)) == f"rejected by {BOB}: no tests"
        await pilot.press("space", "down", "space", "ctrl+s")
        await settled(pilot)
    (request,) = folder.requests
    assert f"rejected by {BOB}: no tests" in request.acknowledged


async def test_a_rejection_that_comes_while_the_dialog_is_open_wants_another_look() -> None:
    app, folder = rejected(opened=False)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "Promote version_bump" in dialog(app)
        folder.push(folder.snapshot)
        await settled(pilot)
        assert f"{BOB} rejected meanwhile: no tests." in dialog(app)
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        assert folder.requests == []
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert f"stays rejected until {BOB} takes that back." in dialog(app)
        await pilot.press("space", "down", "space", "ctrl+s")
        await settled(pilot)
    assert len(folder.requests) == 1


async def test_decisions_that_change_nothing_for_this_one_do_not_hinder() -> None:
    folder, view = good_world()
    app = Held(folder, DecisionDialog(folder, view, "approve"))
    allowed = replace(view, decisions=(fakes.decision(view, "allow", seq=3, actor=BOB),))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        folder.push(changed(folder, allowed))
        await settled(pilot)
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
    assert len(folder.requests) == 1


async def test_the_message_says_when_nothing_is_promoted(monkeypatch: pytest.MonkeyPatch) -> None:
    app, folder = rejected()
    monkeypatch.setattr(
        fakes, "decided", lambda seen, made: replace(seen, status="rejected", reasons=(f"rejected by {BOB}: no tests",))
    )
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("space", "down", "space", "ctrl+s")
        await settled(pilot)
        assert f"it is not promoted: rejected by {BOB}: no tests" in toasts(app)[0]
    assert len(folder.requests) == 1


@pytest.mark.parametrize("mine", [False, True])
async def test_one_approval_of_several_is_told_as_that(mine: bool) -> None:
    folder, view = good_world()
    view = replace(view, decisions=(fakes.decision(view, seq=3),) if mine else ())
    folder.snapshot = replace(changed(folder, view), policy=Policy(approvals_required=2))
    app = Held(folder, DecisionDialog(folder, view, "approve"))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        said = dialog(app)
        assert "counts as 1 of 2 approvals; promoted once another person approves." in said
        assert ("the approval by ana@example.com counts already, and counts once" in said) is mine
        folder.push(changed(folder, replace(view, decisions=(*view.decisions, fakes.decision(view, seq=4, actor=BOB)))))
        await settled(pilot)
        assert f"{BOB} approved meanwhile: read every step." in dialog(app)
        await pilot.press("ctrl+r")
        await settled(pilot)
        assert "Promote version_bump" in dialog(app)


async def test_who_may_not_approve_is_told_at_once() -> None:
    folder, view = good_world()
    folder.snapshot = replace(folder.snapshot, policy=Policy(approvers=ApproversPolicy(medium=(BOB,))))
    app = Held(folder, DecisionDialog(folder, view, "approve"))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert f"only {BOB} may approve a workflow of medium risk (approvers.medium in the policy)" in dialog(app)
        assert app.focused is app.screen.query_one("#cancel")
        await pilot.press("ctrl+s")
        await settled(pilot)
    assert folder.requests == []
