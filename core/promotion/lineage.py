"""Cohorts and lineages: what is mined together, and what stays the same candidate for a human (spec/review.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.model.jsontext import canonical, sha256_hex
from core.model.signature import Signature
from core.model.trace import Trace

CohortBy = Literal["workflow_id", "goal", "none"]


def cohort_of(trace: Trace, by: CohortBy) -> str | None:
    """The cohort key of a run; None for the runs that have none, which are a cohort of their own."""
    if by == "workflow_id":
        return trace.workflow_id
    goal = trace.metadata.get("goal") if by == "goal" else None
    return goal if isinstance(goal, str) else None


def lineage_id(mode: str, cohort: str | None, sequence: Sequence[Signature]) -> str:
    """`lineage_` and 16 hex digits of the sha256 over [mode, cohort key, signature] as canonical JSON."""
    return "lineage_" + sha256_hex(canonical([mode, cohort, list(sequence)]))[:16]
