"""What was judged of the patterns of some runs, and which of it holds for other runs.

Whatever mining asks about a pattern it asks of the runs that hold one of its steps: how these pass values on, how often
its values stand elsewhere, how often its job gets done. While these runs are the same, so is the judgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.mining.generalised.evidence import Pool
from core.mining.generalised.fold import Symbol
from core.mining.generalised.judge import Judged
from core.mining.generalised.links import Material
from core.mining.generalised.patterns import Pattern


@dataclass(frozen=True, slots=True)
class Judgements:
    """What was judged, and of which runs."""

    by_pattern: Mapping[Pattern, Judged]
    holders: Mapping[Symbol, Sequence[Material]]
    """The runs that hold each symbol."""
    common: tuple[object, ...]
    """What every judgement depends on."""

    def still(self, pool: Pool, writers: frozenset[Symbol]) -> dict[Pattern, Judged]:
        """What is judged of a pool's patterns already."""
        if self.common != _common(pool, writers):
            return {}
        # Runs are equal only to themselves.
        same = {symbol for symbol, runs in pool.by_symbol.items() if self.holders.get(symbol) == runs}
        return {pattern: judged for pattern, judged in self.by_pattern.items() if same.issuperset(pattern)}


def judgements(judged: Mapping[Pattern, Judged], pool: Pool, writers: frozenset[Symbol]) -> Judgements:
    """What was judged of a pool's patterns, to be used again."""
    return Judgements(judged, pool.by_symbol, _common(pool, writers))


def _common(pool: Pool, writers: frozenset[Symbol]) -> tuple[object, ...]:
    """Whether runs of one task share a vote, whether some stand for all, and which tools have effects."""
    return pool.reruns, pool.is_large, writers
