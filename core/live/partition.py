"""Which loaded runs are mined, which are only compared, and which are left out and why (spec/review.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from core.columns.again import Reader
from core.live.changes import LoadedFile
from core.live.globs import matches
from core.live.names import order_of
from core.live.snapshot import Problem, Run
from core.mining.exclude import Exclusion, exclusion
from core.model.candidate import Candidate
from core.model.trace import Trace
from core.promotion.lineage import cohort_of
from core.store.policy import Policy

Cohort = str | None
"""A cohort key; None for the runs without one."""


class Sorted(NamedTuple):
    """A run that was sorted."""

    trace: Trace
    exclusion: Exclusion | None
    cohort: Cohort
    run: Run


@dataclass(frozen=True)
class Partition:
    """The runs of a traces folder by the part they play, in the order of their paths."""

    cohorts: Mapping[Cohort, tuple[Trace, ...]]
    """Runs that are mined together."""
    shadow: tuple[Trace, ...]
    """Runs that are only compared, with candidates of every cohort."""
    runs: Mapping[str, Run]
    """Every run that takes part, by trace id."""
    excluded: tuple[Problem, ...]
    by_unit: Mapping[str, Sorted] = field(default_factory=dict)
    """What was found out about each run, to be used again."""

    @cached_property
    def traces(self) -> Mapping[str, Trace]:
        """Every run that takes part, by trace id."""
        mined = (trace for members in self.cohorts.values() for trace in members)
        return {trace.id: trace for trace in (*mined, *self.shadow)}

    def units(self, trace_ids: Sequence[str]) -> dict[str, str]:
        """The units of the runs of some ids, by id; without those that take no part."""
        return {trace_id: run.unit for trace_id in trace_ids if (run := self.runs.get(trace_id))}

    def showing(self, _: Candidate) -> list[Trace]:
        """The runs that may say something about a candidate."""
        return list(self.traces.values())

    def of_workflow(self, cohort: str) -> int:
        """How many runs that take part belong to a workflow."""
        return sum(trace.workflow_id == cohort for trace in self.traces.values())


def partition(
    files: Mapping[str, LoadedFile], policy: Policy, read: Reader, before: Partition | None = None
) -> Partition:
    """Sort runs into cohorts, shadow runs and excluded ones; `read` is for those that are not kept whole.

    `before` is how runs were sorted by the same rules: nothing is looked at twice of one that is the same object.
    """
    cohorts: dict[Cohort, list[Trace]] = {}
    shadow: list[Trace] = []
    runs: dict[str, Run] = {}
    excluded: list[Problem] = []
    first_unit: dict[str, str] = {}
    by_unit: dict[str, Sorted] = {}
    known = before.by_unit if before is not None else {}
    for unit in sorted(files, key=order_of):
        file = files[unit]
        trace = file.trace or read.run(unit, file.sha256)
        found = known.get(unit)
        if found is None or found.trace is not trace:
            found = _sorted(unit, trace, policy)
        by_unit[unit] = found
        if (first := first_unit.setdefault(trace.id, unit)) != unit:
            excluded.append(duplicate(unit, file.size, trace.id, first))
        elif found.exclusion:
            excluded.append(set_aside(unit, file.size, found.exclusion))
        else:
            runs[trace.id] = found.run
            if found.run.shadow:
                shadow.append(trace)
            else:
                cohorts.setdefault(found.cohort, []).append(trace)
    by_key = sorted(cohorts.items(), key=lambda item: (item[0] is None, item[0] or ""))
    parts = {key: tuple(members) for key, members in by_key}
    return Partition(parts, tuple(shadow), runs, tuple(excluded), by_unit)


def _sorted(unit: str, trace: Trace, policy: Policy) -> Sorted:
    cohort, compared_only = cohort_of(trace, policy.cohort), matches(unit, policy.shadow_paths)
    return Sorted(trace, exclusion(trace), cohort, _run(unit, trace, cohort, compared_only))


def _run(unit: str, trace: Trace, cohort: Cohort, shadow: bool) -> Run:
    return Run(
        unit=unit,
        trace_id=trace.id,
        source_hash=trace.source_hash or "",
        cohort=cohort or "",
        shadow=shadow,
        actions=len(trace.actions),
        started_at=trace.started_at,
        finished_at=trace.finished_at,
        usage=trace.usage,
    )


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
