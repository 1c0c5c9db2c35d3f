"""A pattern judged by itself: a candidate, or the reason why it is none; and what it could be at best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from core.mining.generalised.accept import faults
from core.mining.generalised.confidence import Court, Trials, at_best, court, held_out, juries, rate
from core.mining.generalised.evidence import Pool
from core.mining.generalised.fold import Symbol
from core.mining.generalised.occurrence import Fitted, occurrences
from core.mining.generalised.patterns import Alignment, Pattern, Shape, aligned
from core.mining.generalised.select import Job
from core.mining.generalised.templates import templates

MIN_CONFIDENCE = 0.55
"""More than half: of the many patterns that are tried for one effect, those that just pass are the luckiest."""


@dataclass(frozen=True, slots=True)
class Mined:
    """One accepted candidate as mining sees it."""

    fitted: Fitted
    trials: Trials
    groups: int
    worth: float

    @property
    def pattern(self) -> Pattern:
        """The pattern that was judged."""
        return self.fitted.pattern


@dataclass(frozen=True, slots=True)
class Rejected:
    """A pattern that repeats and is no candidate, with the reason."""

    pattern: Pattern
    groups: int
    reason: str


Judged: TypeAlias = Mined | Rejected

Zs = dict[tuple[str, str, str, str], float]
"""How far links are in temporal order, by source, place, taker and argument; filled as they are asked for."""

_OTHERWISE = "where the job gets done in runs that it was not made from, it is mostly done otherwise"


@dataclass(frozen=True, slots=True)
class Prospect:
    """A pattern that is not judged yet, and that could be a candidate."""

    pattern: Pattern
    groups: int
    means: tuple[float, ...]
    """What its trials show at best: by group the share of the runs that hold the steps, in ascending order."""


def prospect(pattern: Pattern, groups: int, pool: Pool, writers: frozenset[Symbol]) -> Prospect | None:
    """What a pattern that a number of groups show could be; None where even at best nobody could be sure of it."""
    if writers and (groups + 1) / (pool.done_groups(pattern[0], pattern[-1]) + 2) < MIN_CONFIDENCE:
        return None
    means = at_best(pattern, juries(pattern, pool), pool)
    return Prospect(pattern, groups, means) if rate(means).value >= MIN_CONFIDENCE else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A pattern as its examples describe it, acceptable if that is true of other runs, too."""

    court: Court
    fitted: Fitted
    groups: int


def drafted(pattern: Pattern, groups: int, pool: Pool, writers: frozenset[Symbol], zs: Zs) -> Draft | Rejected:
    """A pattern that a number of groups show as its examples describe it, or why it is no candidate."""
    if writers and (groups + 1) / (pool.done_groups(pattern[0], pattern[-1]) + 2) < MIN_CONFIDENCE:
        # Even if every occurrence were as described, its confidence would be too low.
        return Rejected(pattern, groups, _OTHERWISE)
    examples = pool.examples(pattern)
    judging = court(pattern, examples, pool, templates(pattern, examples, writers), juries(pattern, pool))
    fitted = judging.fitted()
    if (fault := faults(fitted, pool, zs)) is not None:
        return Rejected(pattern, groups, fault)
    return Draft(judging, fitted, groups)


def judged(draft: Draft, pool: Pool) -> Judged:
    """The candidate, or why it is none."""
    trials = held_out(draft.court, pool)
    if trials.confidence.value < MIN_CONFIDENCE:
        return Rejected(draft.fitted.pattern, draft.groups, _OTHERWISE)
    return Mined(draft.fitted, trials, draft.groups, worth(draft.fitted, trials.confidence.value))


def worth(fitted: Fitted, confidence: float) -> float:
    """(calls + 2) times the share of bound arguments behind the first step, times confidence."""
    later = [binding.kind != "free" for binding in fitted.bindings if binding.step]
    share = sum(later) / len(later) if later else 1.0
    return worth_of(fitted.pattern, share, confidence)


def worth_of(pattern: Pattern, share: float, confidence: float) -> float:
    """The same of its parts; with a share of 1 it is never less."""
    return (len(pattern) + 2) * share * confidence


def explains(fitted: Fitted, pool: Pool) -> Mapping[Job, float]:
    """The effects that a candidate explains, each with the share of its group's vote that the run has.

    Where no run has an effect, the last step of an occurrence stands for one.
    """
    found: dict[Job, float] = {}
    for material in pool.trials(pool.by_symbol.get(fitted.pattern[-1], ())):
        for at in occurrences(material, fitted):
            for step in _effects(material.shape, at, pool):
                found[material.key, step] = 1 / pool.sizes[pool.group(material)]
    return found


def could_explain(pattern: Pattern, pool: Pool) -> Mapping[Job, float]:
    """The same if every occurrence of its steps were as described: what a candidate explains is among them."""
    found: dict[Job, float] = {}
    known: dict[int, set[int]] = {}
    for material in pool.trials(pool.by_symbol.get(pattern[-1], ())):
        here = known.get(id(material.shape))
        if here is None:
            shape = material.shape
            here = {step for at in aligned(shape, pattern) for step in _effects(shape, at, pool)}
            known[id(shape)] = here
        if here:
            share = 1 / pool.sizes[pool.group(material)]
            found.update(((material.key, step), share) for step in here)
    return found


def _effects(shape: Shape, at: Alignment, pool: Pool) -> list[int]:
    return [step for step in at if shape[step][1] or (not pool.writes and step == at[-1])]
