"""What patterns could be at best, found out without looking at their examples.

Most never come near to being chosen. What their arguments could be is told by some of the runs where there are many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from core.mining.generalised.confidence import rate
from core.mining.generalised.evidence import Pool, sampled
from core.mining.generalised.fold import Symbol
from core.mining.generalised.holders import Holders
from core.mining.generalised.jobs import Explained, Jobs
from core.mining.generalised.links import Texts
from core.mining.generalised.patterns import Pattern

MIN_CONFIDENCE = 0.55
"""More than half: of the many patterns that are tried for one effect, those that just pass are the luckiest."""
_NEARLY = 0.9
"""An argument is hardly ever bound in fewer than this share of a pattern's groups."""
_SEVERAL = 100
"""Groups, at least, that the examples of a common pattern are of."""
_LOOKED_AT = 60
"""In how many of the runs that hold a symbol its arguments are looked at."""
_SLACK = 1.25
"""How many times as often they may be bound in all of them, in good measure."""


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


class _Argument(NamedTuple):
    """What the runs say about an argument of a symbol."""

    groups: float
    """In how many groups it has one and the same value, or values that stand in earlier steps."""
    is_always_there: bool


@dataclass(frozen=True)
class Prospects:
    """What the patterns of a pool could be."""

    pool: Pool
    writers: frozenset[Symbol]
    jobs: Jobs

    def of_all(self, patterns: Sequence[tuple[Pattern, int]]) -> list[Prospect]:
        """What patterns that numbers of groups show could be, in their order, without those that could be nothing."""
        # Those that end alike one after the other.
        order = sorted(range(len(patterns)), key=lambda index: patterns[index][0][::-1])
        found = {index: self.of(*patterns[index]) for index in order}
        return [one for index in range(len(patterns)) if (one := found[index]) is not None]

    def of(self, pattern: Pattern, groups: int) -> Prospect | None:
        """What a pattern that a number of groups show could be; None where nobody could ever be sure enough of it."""
        if not may_be_sure(pattern, groups, self.pool, self.writers):
            return None
        holding = self._holders.of(pattern)
        means = self.pool.jury(pattern).at_best(holding)
        if rate(means).value < MIN_CONFIDENCE:
            return None
        explains = self.jobs.could_explain(pattern, holding)
        return Prospect(pattern, groups, means, self._share(pattern, groups), explains)

    @cached_property
    def _holders(self) -> Holders:
        return Holders(material.shape for material in self.pool.materials)

    def _share(self, pattern: Pattern, groups: int) -> float:
        """The share of the arguments behind the first step that are bound, at most."""
        least = _NEARLY * min(groups, _SEVERAL)
        bound = free = 0
        for symbol in pattern[1:]:
            for argument in self._arguments(symbol):
                bound += argument.groups >= least
                free += argument.groups < least and argument.is_always_there
        return bound / (bound + free) if free else 1.0

    def _arguments(self, symbol: Symbol) -> Sequence[_Argument]:
        if (known := self._known.get(symbol)) is None:
            known = self._known[symbol] = self._seen(symbol)
        return known

    @cached_property
    def _known(self) -> dict[Symbol, Sequence[_Argument]]:
        return {}

    def _seen(self, symbol: Symbol) -> Sequence[_Argument]:
        pool, steps = self.pool, 0
        values: dict[str, dict[Texts, set[str]]] = {}
        passed: dict[str, set[str]] = {}
        having: dict[str, int] = {}
        every = pool.by_symbol.get(symbol, ())
        some = sampled(every, _LOOKED_AT)
        for material in some:
            group, first = pool.group(material), material.first_seen
            for step in material.steps_of[symbol]:
                steps += 1
                for name, texts in material.arguments[step].items():
                    having[name] = having.get(name, 0) + 1
                    values.setdefault(name, {}).setdefault(texts, set()).add(group)
                    # Nearly every argument has one value, for which a generator would take longer than the look-up.
                    if first.get(texts[0], step) < step if len(texts) == 1 else _all_before(step, texts, first):
                        passed.setdefault(name, set()).add(group)
        scale = 1.0 if len(some) == len(every) else _SLACK * len(every) / len(some)
        return [
            _Argument(scale * max(len(passed.get(name, ())), *map(len, found.values())), having[name] == steps)
            for name, found in values.items()
        ]


def _all_before(step: int, texts: Texts, first: Mapping[str, int]) -> bool:
    return all(first.get(text, step) < step for text in texts)


def may_be_sure(pattern: Pattern, groups: int, pool: Pool, writers: frozenset[Symbol]) -> bool:
    """Whether the confidence is high enough if every occurrence is as described, as far as groups alone tell."""
    return not writers or (groups + 1) / (pool.done_groups(pattern[0], pattern[-1]) + 2) >= MIN_CONFIDENCE
