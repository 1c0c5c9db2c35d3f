"""Which run tells most about a candidate."""

from __future__ import annotations

from core.live.snapshot import CandidateView


def telling_run(view: CandidateView) -> tuple[str, int | None]:
    """A run that differs, else the first example; and where its window begins (from 0), where that is known."""
    starts = {example.trace_id: example.start_index for example in view.candidate.examples}
    differing = (result.trace_id for result in view.candidate.shadow.traces if not result.passed)
    trace_id = next(differing, next(iter(starts), ""))
    return trace_id, starts.get(trace_id)
