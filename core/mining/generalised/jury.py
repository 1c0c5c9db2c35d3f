"""The runs to judge a pattern on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.mining.generalised.alike import Alike
from core.mining.generalised.holders import Holding
from core.mining.generalised.links import Material


class Jury:
    """The runs to judge a pattern on: those in which its job gets done."""

    def __init__(self, runs: Sequence[Material], groups: Mapping[str, str]) -> None:
        """`groups` are those of all runs, by their ids."""
        self.runs = runs
        numbers: dict[str, int] = {}
        self._groups = np.array([numbers.setdefault(groups[run.key], len(numbers)) for run in runs], np.int64)
        self._sizes = np.bincount(self._groups)
        self._alike = Alike(runs)

    def at_best(self, found: Holding) -> tuple[float, ...]:
        """The means of the groups if every run that holds a pattern did so as described; they are never more.

        `found` are those that do, of all runs.
        """
        holding = self._alike.among(found)
        means = np.bincount(self._groups, holding, len(self._sizes)) / self._sizes
        return tuple(np.sort(means).tolist())
