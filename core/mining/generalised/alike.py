"""Runs of one shape put together: where a pattern occurs in one, it occurs in all of them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.mining.generalised.links import Material
from core.mining.generalised.patterns import Shape

Numbers = npt.NDArray[np.int64]


class Alike:
    """Some runs by their shapes."""

    def __init__(self, runs: Sequence[Material]) -> None:
        numbers: dict[int, int] = {}
        self._shapes: list[Shape] = []
        which = []
        for run in runs:
            number = numbers.setdefault(id(run.shape), len(self._shapes))
            if number == len(self._shapes):
                self._shapes.append(run.shape)
            which.append(number)
        self._which: Numbers = np.array(which, np.int64)

    def tell(self, says: Callable[[Shape], bool]) -> npt.NDArray[np.bool_]:
        """What is said of each run's shape."""
        return np.fromiter(map(says, self._shapes), np.bool_, len(self._shapes))[self._which]

    def among(self, shapes: Container[int]) -> npt.NDArray[np.bool_]:
        """Whether each run's shape is one of some, which are given by their numbers."""
        return self.tell(lambda shape: id(shape) in shapes)

    def steps(self, chosen: Mapping[int, Sequence[int]]) -> tuple[Numbers, Numbers]:
        """The steps that are chosen of each run's shape, run by run, and how many these are of each.

        Where none are, the number of the shape may be missing.
        """
        each = [chosen.get(id(shape), ()) for shape in self._shapes]
        flat: Numbers = np.array([step for steps in each for step in steps], np.int64)
        sizes = np.array([len(steps) for steps in each], np.int64)
        counts = sizes[self._which]
        begins = np.cumsum(sizes) - sizes
        # Of each run the places in `flat` one after the other, from where its shape's steps begin there.
        places = np.arange(counts.sum()) + np.repeat(begins[self._which] - (np.cumsum(counts) - counts), counts)
        return flat[places], counts
