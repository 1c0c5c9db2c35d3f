"""The clock is set back between decisions: their order is that of the journal, and the user is told."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.live.reviewing import Request
from core.promotion import standing
from core.session import Session
from core.store.workspace import Workspace
from tests.faults.worlds import ANN, check, session
from tests.review.making import releases

HOURS = st.lists(st.integers(0, 23), min_size=2, max_size=4)
STATUS = {"approve": "ready", "revoke": "needs_approval"}


def decided(traces: Path, workspace: Path, hours: list[int]) -> Session:
    """A session in which every decision was made at the hour that the clock showed then; each start sets it anew."""
    for number, hour in enumerate(hours):
        store, now = Workspace.open(traces, workspace, mode="exact"), f"2026-11-01T{hour:02}:00:00.000Z"
        made = Session(store, traces, ANN, clock=lambda now=now: now)  # type: ignore[misc]
        made._look()
        (view,) = made.refresh().candidates
        kind = "revoke" if number % 2 else "approve"
        made.decide(Request(kind, view.lineage, view.behaviour_digest, ANN, f"reason {number}", seen=view))
    return session(traces, workspace)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(HOURS)
def test_the_journal_and_not_the_clock_orders_decisions(tmp_path_factory, hours: list[int]) -> None:
    root = tmp_path_factory.mktemp("clock")
    traces, workspace = releases(root / "traces", 2), root / "base"
    made = decided(traces, workspace, hours)
    (view,) = made.snapshot.candidates
    assert view.status == STATUS["revoke" if len(hours) % 2 == 0 else "approve"]
    assert [decision.seq for decision in view.decisions] == list(range(1, len(hours) + 1))
    told = [notice for notice in made.snapshot.notices if "a clock was set back" in notice]
    assert len(told) == sum(later < earlier for earlier, later in pairwise(hours))
    check(traces, workspace, len(hours) - 1, acknowledged=True)


def test_ordering_by_the_clock_would_take_a_revocation_back(tmp_path: Path, monkeypatch) -> None:
    """Guard: the test above fails when the latest decision is the one with the latest time."""
    real = standing.heard
    monkeypatch.setattr(
        standing, "heard", lambda decisions, keys: tuple(sorted(real(decisions, keys), key=lambda d: d.time))
    )
    made = decided(releases(tmp_path / "traces", 2), tmp_path / "base", [12, 6])
    assert made.snapshot.candidates[0].status != STATUS["revoke"]
