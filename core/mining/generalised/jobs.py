"""The jobs of a pool by number, and which of them a pattern explains.

A job is an effect of a run: a folded step. Where no run has an effect, the last step of an occurrence stands for one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.mining.generalised.evidence import Pool
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted, occurrences
from core.mining.generalised.patterns import Alignment, Pattern, Shape, aligned

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


class Jobs:
    """The steps of all runs of a pool by number."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._first: dict[str, int] = {}
        self.count = 0
        for material in pool.materials:
            self._first[material.key] = self.count
            self.count += len(material.shape)

    def explained(self, fitted: Fitted) -> Explained:
        """The jobs that a candidate explains."""
        found: list[tuple[Material, list[int]]] = []
        for material in self._trials(fitted.pattern):
            at = {step for at in occurrences(material, fitted) for step in self._effects(material.shape, at)}
            if at:
                found.append((material, sorted(at)))
        return self._told(found)

    def could_explain(self, pattern: Pattern) -> Explained:
        """The same if every occurrence of its steps is as described: what a candidate explains is among them."""
        known: dict[int, list[int]] = {}
        found: list[tuple[Material, list[int]]] = []
        for material in self._trials(pattern):
            shape = material.shape
            here = known.get(id(shape))
            if here is None:
                here = sorted({step for at in aligned(shape, pattern) for step in self._effects(shape, at)})
                known[id(shape)] = here
            if here:
                found.append((material, here))
        return self._told(found)

    def _trials(self, pattern: Pattern) -> list[Material]:
        return list(self._pool.trials(self._pool.by_symbol.get(pattern[-1], ())))

    def _told(self, found: list[tuple[Material, list[int]]]) -> Explained:
        pool = self._pool
        counts = [len(steps) for _, steps in found]
        firsts = np.repeat(np.array([self._first[material.key] for material, _ in found], np.int64), counts)
        shares = np.repeat(np.array([1 / pool.sizes[pool.group(material)] for material, _ in found]), counts)
        return Explained(firsts + np.array([step for _, steps in found for step in steps], np.int64), shares)

    def _effects(self, shape: Shape, at: Alignment) -> list[int]:
        return [step for step in at if shape[step][1] or (not self._pool.writes and step == at[-1])]


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
