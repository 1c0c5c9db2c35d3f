"""Approving, from the confirmation until it is durable: a candidate with few runs among many, and one with many."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from core.live.reviewing import Request
from core.session import Session
from tests.bench.measure import Benchmark, Clock
from tests.review.making import CLOCK, drop, run

COUNT = 10_000
FEW = 20
REVIEWER = "reviewer-1@example.org"


def approving(clock: Clock, folder: Path, compared: int) -> None:
    """Approve a candidate that is compared with so many of the runs; the others belong to other workflows."""
    traces = folder / "traces"
    for number in range(COUNT):
        workflow = "release" if number < compared else f"other-{number % 50}"
        name = f"run-{number:05}"
        drop(traces, f"{number // 1000}/{name}", run(name, f"1.{number}", workflow=workflow))
    with Session.open(traces, actor=REVIEWER, mode="exact", clock=lambda: CLOCK) as session:
        session.refresh()
        view = next(view for view in session.snapshot.candidates if view.cohort == "release")
        assert view.candidate.shadow.compared_traces == compared
        with clock("approve"):
            outcome = session.decide(Request("approve", view.lineage, view.behaviour_digest, REVIEWER, seen=view))
        assert outcome.view.status == "ready"


BENCHMARKS = (
    Benchmark(
        "approve-few", f"approve a candidate of {FEW} runs among {COUNT:,}", partial(approving, compared=FEW), 0.06
    ),
    Benchmark("approve-many", f"approve a candidate of {COUNT:,} runs", partial(approving, compared=COUNT), 1.5),
)
