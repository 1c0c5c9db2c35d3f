"""Where many patterns occur in the same runs: what is told of one is made from what was told of its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.mining.generalised.patterns import MAX_SKIPPED, MOST_ALIGNED, Alignment, Pattern, Shape, alignments

Holding = Mapping[int, tuple[Shape, Sequence[Alignment]]]
"""By the number of each shape that holds a pattern its occurrences there, as `aligned` says."""


class Holders:
    """The shapes of some runs. Patterns that end alike are told quickest one after the other."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._shapes = {id(shape): shape for shape in shapes}
        self._known: dict[Pattern, Holding] = {}

    def of(self, pattern: Pattern) -> Holding:
        """The shapes that hold a pattern, which is not empty."""
        ends = [pattern[begin:] for begin in range(len(pattern))]
        self._known = {end: self._known[end] for end in ends if end in self._known}
        found: Holding = {}
        for end in reversed(ends):
            if (known := self._known.get(end)) is None:
                known = self._known[end] = _longer(end, found) if len(end) > 1 else self._ending(end)
            found = known
        return found

    def _ending(self, pattern: Pattern) -> Holding:
        found = ((shape, alignments(shape, pattern)) for shape in self._shapes.values() if pattern[-1] in shape.ends)
        return {id(shape): (shape, at) for shape, at in found}


def _longer(pattern: Pattern, rest: Holding) -> Holding:
    """The shapes that hold a pattern, given those that hold it without its first step."""
    found: dict[int, tuple[Shape, Sequence[Alignment]]] = {}
    for number, (shape, known) in rest.items():
        # Where there may be more occurrences than are looked at, the others may be those that go on.
        at = _before(shape, pattern, known) if len(known) < MOST_ALIGNED else alignments(shape, pattern)
        if at:
            found[number] = shape, at
    return found


def _before(shape: Shape, pattern: Pattern, known: Sequence[Alignment]) -> Sequence[Alignment]:
    first, furthest = pattern[0], MAX_SKIPPED + len(pattern) - 2
    made = []
    for rest in known:
        left = furthest - rest[-1] + rest[0]
        for index, skipped in shape.before(rest[0]).get(first, ()):
            if skipped > left:
                break
            made.append((index, *rest))
    return made[:MOST_ALIGNED]
