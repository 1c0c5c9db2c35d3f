"""The jobs of a pool by number, and which of them a pattern explains.

A job is an effect of a run: a folded step. Where no run has an effect, the last step of an occurrence stands for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.mining.generalised.alike import Alike
from core.mining.generalised.evidence import Pool
from core.mining.generalised.fold import Symbol
from core.mining.generalised.holders import Holding
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted, occurrences
from core.mining.generalised.patterns import Alignment, Pattern, Shape

_UNIT = float(2**30)
"""Gains are whole numbers of parts of it: their sum is the same in whatever order they are added."""


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Some jobs by their numbers, with the share of its group's vote that each one's run has."""

    jobs: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]

    def worth(self, worth: float) -> npt.NDArray[np.float64]:
        """What each is worth to a candidate."""
        return self.weights * worth


class _Runs(NamedTuple):
    """The runs that a pattern is tried on."""

    alike: Alike
    firsts: npt.NDArray[np.int64]
    """The number of each one's first job."""
    shares: npt.NDArray[np.float64]
    """The share of its group's vote that each has."""


class Jobs:
    """The steps of all runs of a pool by number."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._writes = pool.writes
        self._first: dict[str, int] = {}
        self._runs: dict[Symbol, _Runs] = {}
        self.count = 0
        for material in pool.materials:
            self._first[material.key] = self.count
            self.count += len(material.shape)

    def explained(self, fitted: Fitted) -> Explained:
        """The jobs that a candidate explains."""
        found: list[tuple[Material, list[int]]] = []
        for material in self._trials(fitted.pattern[-1]):
            at = {step for at in occurrences(material, fitted) for step in self._effects(material.shape, at)}
            if at:
                found.append((material, sorted(at)))
        return self._told(found)

    def could_explain(self, pattern: Pattern, found: Holding) -> Explained:
        """The same if every occurrence of its steps is as described: what a candidate explains is among them.

        `found` are the runs that hold the pattern.
        """
        known = self._ending_in(pattern[-1])
        each = {number: self._explained(shape, ats) for number, (shape, ats) in found.items()}
        steps, counts = known.alike.steps(each)
        return Explained(np.repeat(known.firsts, counts) + steps, np.repeat(known.shares, counts))

    def _ending_in(self, symbol: Symbol) -> _Runs:
        """The runs that a pattern is tried on that ends in a symbol."""
        if (known := self._runs.get(symbol)) is None:
            pool, runs = self._pool, self._trials(symbol)
            firsts = np.array([self._first[material.key] for material in runs], np.int64)
            shares = np.array([1 / pool.sizes[pool.group(material)] for material in runs])
            known = self._runs[symbol] = _Runs(Alike(runs), firsts, shares)
        return known

    def _trials(self, symbol: Symbol) -> Sequence[Material]:
        return self._pool.trials(self._pool.by_symbol.get(symbol, ()))

    def _told(self, found: list[tuple[Material, list[int]]]) -> Explained:
        pool = self._pool
        counts = [len(steps) for _, steps in found]
        firsts = np.repeat(np.array([self._first[material.key] for material, _ in found], np.int64), counts)
        shares = np.repeat(np.array([1 / pool.sizes[pool.group(material)] for material, _ in found]), counts)
        return Explained(firsts + np.array([step for _, steps in found for step in steps], np.int64), shares)

    def _explained(self, shape: Shape, ats: Sequence[Alignment]) -> Sequence[int]:
        if len(ats) == 1:
            return self._effects(shape, ats[0])
        return sorted({step for at in ats for step in self._effects(shape, at)})

    def _effects(self, shape: Shape, at: Alignment) -> list[int]:
        return [step for step in at if shape[step][1]] if self._writes else [at[-1]]


class Best:
    """What the jobs are worth to the best of the candidates that are chosen already."""

    def __init__(self, count: int) -> None:
        self._worth: npt.NDArray[np.float64] = np.zeros(count)

    def gain(self, worth: float, explained: Explained) -> int:
        """What a candidate of a worth adds."""
        more = np.maximum(explained.worth(worth) - self._worth[explained.jobs], 0.0)
        return int(np.rint(more * _UNIT).astype(np.int64).sum())

    def choose(self, worth: float, explained: Explained) -> None:
        """Have a candidate, too."""
        self._worth[explained.jobs] = np.maximum(self._worth[explained.jobs], explained.worth(worth))
