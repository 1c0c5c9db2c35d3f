"""What is told of loaded runs by the part they play (spec/review.md); core.live.column_parts sorts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.live.snapshot import Problem, Run
from core.mining.exclude import Exclusion
from core.model.candidate import Candidate
from core.model.trace import Trace

Cohort = str | None
"""A cohort key; None for the runs without one."""


class NoRuns:
    """The parts of a folder without runs, which needs no columns."""

    cohorts: Mapping[Cohort, Sequence[int]] = {}
    shadow: Sequence[int] = ()
    runs: Mapping[str, Run] = {}
    traces: Mapping[str, Trace] = {}
    excluded: tuple[Problem, ...] = ()

    def units(self, _: Sequence[str]) -> dict[str, str]:
        """None."""
        return {}

    def showing(self, _: Candidate) -> list[Trace]:
        """None."""
        return []

    def of_workflow(self, _: str) -> int:
        """None."""
        return 0


def duplicate(unit: str, size: int, trace_id: str, first: str) -> Problem:
    """The problem of a run whose id an earlier one has."""
    return Problem(
        state="excluded",
        unit=unit,
        rule="duplicate id",
        reason=f"duplicate id of {first}",
        place=f"id {trace_id}",
        advice="Give the run an id of its own, or remove the copy.",
        size=size,
    )


def set_aside(unit: str, size: int, found: Exclusion) -> Problem:
    """The problem of a run that may not be mined."""
    return Problem(
        state="excluded",
        unit=unit,
        rule=found.rule,
        reason=found.reason,
        place=found.place,
        advice=found.advice,
        size=size,
    )
