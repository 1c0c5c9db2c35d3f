"""With which decision a candidate is compared: the approvals that count, whoever else decided something later."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.live.snapshot import CandidateView
from core.review.prune import prune
from core.review.verify import verify
from core.session import Session
from tests.review.making import drop, opened, releases, run
from tests.review.test_decide import only, request

ANN, BOB, CAT = (f"{name}@example.com" for name in ("ann", "bob", "cat"))


def policy(session: Session, before: str, after: str) -> None:
    file = session.workspace / "assay.toml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def approve(session: Session, actor: str) -> CandidateView:
    return session.decide(request(only(session), actor=actor)).view


def otherwise(traces: Path) -> None:
    """Have every run give something else in step 2."""
    for number in range(4):
        changed = run(f"run-{number}", f"1.{number}")
        changed["actions"][1]["observed_output"] = {"failed": 0, "skipped": 2}
        drop(traces, f"run-{number}", changed)


def emptied(traces: Path) -> Session:
    for file in traces.glob("*.json"):
        file.unlink()
    return opened(traces)


def steps(view: CandidateView) -> object:
    return view.candidate.steps[1].expected_output


def test_a_first_approval_of_the_new_behaviour_does_not_hide_what_changed(tmp_path: Path) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    policy(session, "approvals_required = 1", "approvals_required = 2")
    approve(session, ANN)
    assert approve(session, BOB).status == "ready"
    otherwise(traces)
    session.refresh()
    told = only(session).reasons
    assert any("step 2" in reason for reason in told)

    recorded = approve(session, CAT)

    assert recorded.status == only(session).status == "stale"
    assert recorded.reasons == only(opened(traces)).reasons
    assert [reason for reason in told if "step 2" in reason] == [r for r in recorded.reasons if "step 2" in r]


def test_an_approval_that_no_longer_counts_is_not_what_is_compared_with(tmp_path: Path) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    approve(session, ANN)
    otherwise(traces)
    session.refresh()
    assert approve(session, BOB).status == "ready"
    policy(session, "\nreason_required", f'\nauthor = "{BOB}"\nreason_required')

    view = only(opened(traces))
    assert view.status == "stale"
    assert any("step 2" in reason for reason in view.reasons)

    gone = only(emptied(traces))
    assert gone.status == "drifted"
    assert steps(gone) == {"failed": 0}
    assert gone.behaviour_digest == gone.decisions[0].behaviour_digest


@pytest.mark.parametrize("kind", ["reject", "needs_work"])
def test_an_objection_to_another_behaviour_does_not_undo_what_was_approved(tmp_path: Path, kind: str) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    approve(session, ANN)
    otherwise(traces)
    session.refresh()
    assert session.decide(request(only(session), kind, actor=BOB)).view.status in ("rejected", "needs_work")

    gone = only(emptied(traces))

    assert gone.status == "drifted"
    assert gone.reasons[0] == "no longer proposed"
    assert steps(gone) == {"failed": 0}


def test_what_its_approver_rejects_later_stays_rejected_when_it_is_gone(tmp_path: Path) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    approve(session, ANN)
    otherwise(traces)
    session.refresh()
    session.decide(request(only(session), "reject", actor=ANN))

    gone = only(emptied(traces))

    assert gone.status == "rejected"
    assert steps(gone) == {"failed": 0, "skipped": 2}


def test_where_the_best_crashpack_was_pruned_the_next_best_keeps_the_steps(tmp_path: Path) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    for kind in ("approve", "revoke", "reject"):
        session.decide(request(only(session), kind))
    assert [name[-3:] for name in prune(session.store, 1).removed] == ["001"]
    session.decide(request(only(session), "revoke"))
    assert verify(session.store).problems == ()
    assert prune(session.store, 1).removed == ()

    gone = only(emptied(traces))

    assert steps(gone) == {"failed": 0}
    assert gone.status == "blocked"
