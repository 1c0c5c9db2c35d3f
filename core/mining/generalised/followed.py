"""In how many groups of runs an effect comes after another step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import inf

from core.mining.generalised.fold import Symbol
from core.mining.generalised.patterns import Shape


class Followed:
    """Runs by where each symbol stands first, and where it has an effect last; told once for all runs of a shape."""

    def __init__(self, runs: Iterable[tuple[Shape, str]]) -> None:
        """`runs` are their shapes and groups."""
        numbers: dict[int, int] = {}
        self._groups: list[set[str]] = []
        self._firsts: defaultdict[Symbol, dict[int, int]] = defaultdict(dict)
        self._lasts: defaultdict[Symbol, dict[int, int]] = defaultdict(dict)
        self._known: dict[tuple[Symbol, Symbol], int] = {}
        for shape, group in runs:
            number = numbers.setdefault(id(shape), len(numbers))
            if number == len(self._groups):
                self._groups.append(set())
                self._look(shape, number)
            self._groups[number].add(group)

    def _look(self, shape: Shape, number: int) -> None:
        for symbol, at in shape.ends.items():
            self._firsts[symbol][number] = at[-1]
        for index, (symbol, effect) in enumerate(shape):
            if effect:
                self._lasts[symbol][number] = index

    def groups(self, first: Symbol, last: Symbol) -> int:
        """In how many groups some run has one symbol before an effect of the other."""
        if (known := self._known.get((first, last))) is None:
            firsts, lasts = self._firsts.get(first, {}), self._lasts.get(last, {})
            found = (self._groups[number] for number, at in lasts.items() if firsts.get(number, inf) < at)
            known = self._known[first, last] = len(set[str]().union(*found))
        return known
