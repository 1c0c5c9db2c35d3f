"""What patterns could be at best, found out without looking at their examples: most never come near to being chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.mining.generalised.bindings import CONSTANT_GROUPS, MIN_DISTINCT
from core.mining.generalised.confidence import at_best, juries, rate
from core.mining.generalised.evidence import MAX_SAMPLED, Pool, sampled
from core.mining.generalised.fold import Symbol
from core.mining.generalised.jobs import Explained, Jobs
from core.mining.generalised.links import Texts
from core.mining.generalised.patterns import Pattern

MIN_CONFIDENCE = 0.55
"""More than half: of the many patterns that are tried for one effect, those that just pass are the luckiest."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """A pattern that is not judged yet, and that could be a candidate."""

    pattern: Pattern
    groups: int
    """How many show it."""
    means: tuple[float, ...]
    """What its trials show at best: by group the share of the runs that hold the steps, in ascending order."""
    share: float
    """Of its arguments behind the first step the share that is bound at best."""
    explains: Explained
    """The effects that it explains if every occurrence of its steps is as described."""


@dataclass(frozen=True)
class Prospects:
    """What the patterns of a pool could be."""

    pool: Pool
    writers: frozenset[Symbol]
    jobs: Jobs

    def of(self, pattern: Pattern, groups: int) -> Prospect | None:
        """What a pattern that a number of groups show could be; None where nobody could ever be sure enough of it."""
        if not may_be_sure(pattern, groups, self.pool, self.writers):
            return None
        means = at_best(pattern, juries(pattern, self.pool), self.pool)
        if rate(means).value < MIN_CONFIDENCE:
            return None
        return Prospect(pattern, groups, means, self._share(pattern), self.jobs.could_explain(pattern))

    def _share(self, pattern: Pattern) -> float:
        """The share of the arguments behind the first step that are bound, at most."""
        each = [self._arguments(symbol) for symbol in pattern[1:]]
        bound, free = sum(bound for bound, _ in each), sum(free for _, free in each)
        return bound / (bound + free) if free else 1.0

    def _arguments(self, symbol: Symbol) -> tuple[int, int]:
        """How many arguments of a symbol can be bound at all, and how many it always has that never can."""
        if (known := self._known.get(symbol)) is None:
            known = self._known[symbol] = self._counted(symbol)
        return known

    @cached_property
    def _known(self) -> dict[Symbol, tuple[int, int]]:
        return {}

    def _counted(self, symbol: Symbol) -> tuple[int, int]:
        pool, steps = self.pool, 0
        held: dict[str, dict[Texts, set[str]]] = {}
        having: dict[str, int] = {}
        for material in pool.by_symbol.get(symbol, ()):
            group = pool.group(material)
            for step in material.steps_of[symbol]:
                steps += 1
                for name, texts in material.arguments[step].items():
                    having[name] = having.get(name, 0) + 1
                    held.setdefault(name, {}).setdefault(texts, set()).add(group)
        can = {
            name
            for name, values in held.items()
            if any(len(groups) >= CONSTANT_GROUPS for groups in values.values()) or self._is_passed_on(name)
        }
        return len(can), sum(count == steps for name, count in having.items() if name not in can)

    def _is_passed_on(self, name: str) -> bool:
        """Whether enough values of arguments of a name stand in any earlier steps, as far as some runs tell."""
        if (known := self._passed.get(name)) is None:
            found: set[Texts] = set()
            holders = [material for material in self.pool.materials if name in material.taken]
            for material in sampled(holders, MAX_SAMPLED):
                first = material.first_seen
                found.update(
                    texts
                    for texts, last in material.taken[name].items()
                    if all(first.get(text, last) < last for text in texts)
                )
                if len(found) >= MIN_DISTINCT:
                    break
            known = self._passed[name] = len(found) >= MIN_DISTINCT
        return known

    @cached_property
    def _passed(self) -> dict[str, bool]:
        return {}


def may_be_sure(pattern: Pattern, groups: int, pool: Pool, writers: frozenset[Symbol]) -> bool:
    """Whether the confidence is high enough if every occurrence is as described, as far as groups alone tell."""
    return not writers or (groups + 1) / (pool.done_groups(pattern[0], pattern[-1]) + 2) >= MIN_CONFIDENCE
