"""A pattern judged by itself: a candidate, or the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.mining.generalised.accept import faults, is_unexplained
from core.mining.generalised.confidence import Court, Trials, court, held_out
from core.mining.generalised.evidence import Pool
from core.mining.generalised.fold import Symbol
from core.mining.generalised.occurrence import Fitted
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.prospects import MIN_CONFIDENCE, may_be_sure
from core.mining.generalised.records import StepTemplate
from core.mining.generalised.templates import templates


@dataclass(frozen=True, slots=True)
class Mined:
    """One accepted candidate as mining sees it."""

    fitted: Fitted
    trials: Trials
    groups: int
    worth: float
    share: float = 1.0
    """Of the arguments behind the first step the share that is bound."""

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
class Draft:
    """A pattern as its examples describe it, acceptable if that is true of other runs, too."""

    court: Court
    fitted: Fitted
    groups: int
    share: float
    """Of the arguments behind the first step the share that is bound."""


def drafted(
    pattern: Pattern,
    groups: int,
    pool: Pool,
    writers: frozenset[Symbol],
    zs: Zs,
    effects: tuple[StepTemplate, ...] | None = None,
) -> Draft | Rejected:
    """A pattern that a number of groups show as its examples describe it, or why it is no candidate.

    `effects` are its templates, where they are known.
    """
    if not may_be_sure(pattern, groups, pool, writers):
        return Rejected(pattern, groups, _OTHERWISE)
    examples = pool.examples(pattern)
    if effects is None:
        effects = templates(pattern, examples, writers)
    judging = court(pattern, examples, pool, effects, pool.jury(pattern).runs)
    fitted = judging.fitted()
    if (fault := faults(fitted, pool, zs)) is not None:
        return Rejected(pattern, groups, fault)
    return Draft(judging, fitted, groups, _share(fitted))


def effects_of(pattern: Pattern, pool: Pool, writers: frozenset[Symbol]) -> tuple[StepTemplate, ...] | None:
    """The templates of a pattern; None where it cannot be a candidate for what its steps change."""
    found = templates(pattern, pool.examples(pattern), writers)
    return None if any(map(is_unexplained, found)) else found


def judged(draft: Draft, pool: Pool) -> Judged:
    """The candidate, or why it is none."""
    trials = held_out(draft.court, pool)
    if trials.confidence.value < MIN_CONFIDENCE:
        return Rejected(draft.fitted.pattern, draft.groups, _OTHERWISE)
    found = worth(draft.fitted.pattern, draft.share, trials.confidence.value)
    return Mined(draft.fitted, trials, draft.groups, found, draft.share)


def worth(pattern: Pattern, share: float, confidence: float) -> float:
    """(calls + 2) times the share of bound arguments behind the first step, times confidence."""
    return (len(pattern) + 2) * share * confidence


def _share(fitted: Fitted) -> float:
    later = [binding.kind != "free" for binding in fitted.bindings if binding.step]
    return sum(later) / len(later) if later else 1.0
