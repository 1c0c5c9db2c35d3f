"""How often a workflow describes what happened in runs that it was not made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from core.mining.generalised.evidence import Example, Pool
from core.mining.generalised.groups import folds_of
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted, reproduced
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.records import Binding, StepTemplate
from core.mining.generalised.sheet import arguments
from core.mining.generalised.tally import Tally
from core.mining.generalised.templates import templates

FOLDS = 10
"""Into how many parts the runs are split to judge a pattern on runs that it was not made from."""
FEWER_FOLDS = 5
"""The same in a large pool, where few of the examples are among the runs that it is tried on."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """The probability that, where the job gets done in a new run, it is done as described."""

    value: float
    low: float
    high: float
    groups: int
    """How many groups of runs it was judged on."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What held-out comparison found: by run id whether the workflow describes it."""

    confidence: Confidence
    results: Mapping[str, bool]
    means: tuple[float, ...]
    """The share of successes in each group, in ascending order."""


def fit(pattern: Pattern, examples: Sequence[Example], pool: Pool, writers: frozenset[str]) -> Fitted:
    """The pattern as its examples describe it."""
    return court(pattern, examples, pool, templates(pattern, examples, writers), ()).fitted()


def decisive(step: int, name: str, effects: Sequence[StepTemplate]) -> bool:
    """Whether the target of a side effect is made from an argument of a step."""
    return any(template.decides(step, name) for template in effects)


@dataclass(frozen=True)
class Court:
    """What a pattern's examples say, and the runs to judge it on: those in which its job gets done, in parts."""

    pattern: Pattern
    effects: tuple[StepTemplate, ...]
    tallies: tuple[Tally, ...]
    runs: Sequence[Material]
    part_of: Mapping[str, int]
    """The part of each group."""

    def fitted(self, part: int | None = None) -> Fitted:
        """The pattern as the examples outside a part describe it; as all do, for None."""
        if part is None or all(tally.steady for tally in self.tallies):
            return self._whole
        return self._of(tally.steady or tally.binding(part) for tally in self.tallies)

    @cached_property
    def _whole(self) -> Fitted:
        return self._of(tally.whole for tally in self.tallies)

    def _of(self, found: Iterable[Binding | None]) -> Fitted:
        return Fitted(self.pattern, tuple(binding for binding in found if binding is not None), self.effects)


def court(
    pattern: Pattern,
    examples: Sequence[Example],
    pool: Pool,
    effects: tuple[StepTemplate, ...],
    runs: Sequence[Material],
) -> Court:
    """What a pattern is judged by; `runs` are those to judge it on."""
    part_of = folds_of(map(pool.group, runs), FEWER_FOLDS if pool.is_large else FOLDS)
    shown = arguments(pattern, examples, part_of)
    tallies = tuple(Tally(pattern, one, pool, decisive=decisive(one.step, one.name, effects)) for one in shown)
    return Court(pattern, effects, tallies, runs, part_of)


def held_out(judging: Court, pool: Pool) -> Trials:
    """Judge a pattern on every run in which its job gets done, each time described by the other groups only."""
    tested: dict[int, list[Material]] = defaultdict(list)
    groups = pool.groups
    for material in judging.runs:
        tested[judging.part_of[groups[material.key]]].append(material)
    results: dict[str, bool] = {}
    for part, materials in tested.items():
        fitted = judging.fitted(part)
        for material in materials:
            results[material.key] = reproduced(material, fitted)
    by_group: dict[str, list[bool]] = defaultdict(list)
    for material in judging.runs:
        by_group[groups[material.key]].append(results[material.key])
    means = tuple(sorted(sum(found) / len(found) for found in by_group.values()))
    return Trials(rate(means), results, means)


def rate(successes: Sequence[float]) -> Confidence:
    """The rule of succession over group means, with a 95 % Wilson interval around it."""
    return leaning(successes, 0.5, 2.0)


def leaning(successes: Sequence[float], prior: float, strength: float) -> Confidence:
    """The mean over group means as if so many more groups had shown the prior."""
    groups, total = len(successes), sum(sorted(successes))
    value = (total + strength * prior) / (groups + strength)
    low, high = wilson(value, groups + 2)
    return Confidence(value, low, high, groups)


def wilson(share: float, count: float, z: float = 1.96) -> tuple[float, float]:
    """The Wilson interval of a share of so many trials."""
    if count <= 0:
        return 0.0, 1.0
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(centre - half, 0.0), min(centre + half, 1.0)
