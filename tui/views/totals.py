"""What all candidates save together: by cohort and by how far they have come, and what the next approval is worth.

Candidates may stand on the same actions of a run. In sums an action counts once, for the candidate that has come
further; what is taken off another one is the mean of its runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from core.live.snapshot import CandidateView, Run, Snapshot
from core.model.candidate import Savings
from core.model.decision import Status
from core.promotion.projection import Projection, projection
from tui.views.amounts import Told, Value, add, measure

Group = Literal["approved", "waiting", "blocked", "rejected"]
GROUPS: dict[Status, Group] = {
    "ready": "approved",
    "needs_approval": "waiting",
    "stale": "waiting",
    "blocked": "blocked",
    "drifted": "blocked",
    "needs_work": "blocked",
    "rejected": "rejected",
}
"""How far candidates of each status have come."""
COUNTED: tuple[Group, ...] = ("approved", "waiting", "blocked")
"""The groups that the sums are about; what was rejected saves nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One candidate with what counts of its savings."""

    view: CandidateView
    group: Group
    own: float
    """The share of its runs whose actions no candidate before it has, from 0 to 1."""
    ahead: Projection | None
    saved: Savings
    """What counts in sums."""


@dataclass(frozen=True, eq=False)
class Totals:
    """Everything that the screen of all savings shows."""

    parts: tuple[Part, ...] = ()
    """All candidates but rejected ones, the largest saving first."""
    rejected: int = 0

    @cached_property
    def shared(self) -> int:
        """How many candidates stand on actions that count elsewhere."""
        return sum(part.own < 1 for part in self.parts)

    @cached_property
    def measure(self) -> tuple[str, Value, Told]:
        """What is drawn: one measure for the whole screen."""
        return measure([part.view.candidate.savings for part in self.parts])

    def of(self, group: Group | None = None, cohort: str | None = None) -> tuple[Part, ...]:
        """The candidates of a group and a cohort; None takes all."""
        found = self._by_cohort.get(cohort, ()) if cohort is not None else self.parts
        return tuple(part for part in found if group in (None, part.group))

    @cached_property
    def _by_cohort(self) -> Mapping[str, Sequence[Part]]:
        found: dict[str, list[Part]] = defaultdict(list)
        for part in self.parts:
            found[part.view.cohort].append(part)
        return found

    @cached_property
    def cohorts(self) -> list[str]:
        """All cohorts, the one with the largest saving first."""
        value = self.measure[1]
        sums = {cohort: value(summed(self.of(cohort=cohort))) for cohort in self._by_cohort}
        return sorted(sums, key=lambda cohort: (-sums[cohort], cohort))

    @cached_property
    def next(self) -> tuple[Part, ...]:
        """What can be approved now, the best first: by what it saves a day where that is known of all, else in all."""
        value = self.measure[1]
        daily = self.daily
        return tuple(sorted(self._waiting, key=lambda part: (-_worth(part, value, daily=daily), part.view.lineage)))

    @property
    def daily(self) -> bool:
        """Whether a rate is known of everything that can be approved now."""
        return bool(self._waiting) and all(part.ahead for part in self._waiting)

    @cached_property
    def _waiting(self) -> list[Part]:
        return [part for part in self.parts if part.group == "waiting" and not part.view.approvable]


def totals(snapshot: Snapshot) -> Totals:
    """The savings of a snapshot."""
    listed = [view for view in snapshot.candidates if GROUPS[view.status] != "rejected"]
    value = measure([view.candidate.savings for view in listed])[1]
    ordered = sorted(listed, key=lambda v: (COUNTED.index(GROUPS[v.status]), -value(v.candidate.savings), v.lineage))
    parts = [
        Part(view, GROUPS[view.status], own, ahead(view, snapshot.runs), scaled(view.candidate.savings, own))
        for view, own in zip(ordered, shares(ordered), strict=True)
    ]
    parts.sort(key=lambda part: (-value(part.view.candidate.savings), part.view.lineage))
    return Totals(tuple(parts), len(snapshot.candidates) - len(listed))


def shares(ordered: Iterable[CandidateView]) -> list[float]:
    """For each candidate in order, the share of its runs in which no action belongs to a candidate before it."""
    taken: dict[str, set[int]] = defaultdict(set)
    found = []
    for view in ordered:
        # By their places: nothing keeps a run from giving two of its actions one id.
        count = len(view.candidate.steps)
        places = [(e.trace_id, [at for step in e.aligned(count) for at in step]) for e in view.candidate.examples]
        free = [(run, own) for run, own in places if taken[run].isdisjoint(own)]
        for run, own in free:
            taken[run].update(own)
        found.append(len(free) / len(places) if places else 1.0)
    return found


def ahead(view: CandidateView, runs: Mapping[str, Run]) -> Projection | None:
    """What a candidate would save from now on; None when its runs do not tell a rate."""
    examples = view.candidate.examples
    starts = [runs[e.trace_id].started_at if e.trace_id in runs else None for e in examples]
    return projection(view.candidate.savings, len(examples), starts)


def monthly(part: Part, value: Value, days: int = 30) -> float | None:
    """What a candidate saves in some days at the observed rate; None when its runs do not tell one."""
    if part.ahead is None or not part.view.candidate.examples:
        return None
    return value(part.saved) / len(part.view.candidate.examples) * part.ahead.runs_per_day * days


def _worth(part: Part, value: Value, *, daily: bool) -> float:
    return (monthly(part, value, 1) or 0.0) if daily else value(part.saved)


def summed(parts: Sequence[Part]) -> Savings:
    """What several candidates save together."""
    return add([part.saved for part in parts])


def scaled(saved: Savings, share: float) -> Savings:
    """A share of savings; all of them stay exactly as they are."""
    if share == 1:
        return saved

    def part(amount: int | None) -> int | None:
        return None if amount is None else round(amount * share)

    return saved.replace(
        model_calls_avoided=part(saved.model_calls_avoided),
        input_tokens_avoided=part(saved.input_tokens_avoided),
        output_tokens_avoided=part(saved.output_tokens_avoided),
        estimated_cost_usd_avoided=saved.estimated_cost_usd_avoided * share,
        wall_ms_avoided=part(saved.wall_ms_avoided),
        cpu_runtime_cost_usd=saved.cpu_runtime_cost_usd * share,
        remaining_model_calls=part(saved.remaining_model_calls),
        unknown_cost_calls=part(saved.unknown_cost_calls),
        unknown_token_calls=part(saved.unknown_token_calls),
        unknown_time_calls=part(saved.unknown_time_calls),
        tool_ms=part(saved.tool_ms),
    )
