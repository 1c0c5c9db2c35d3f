"""Which sequences of folded steps repeat: subsequences anchored at each effect, and the closed ones among them.

What a run contributes is a set of patterns; sets are added and taken away, so that a folder that changes costs only
its changes. Runs with the same folded sequence contribute the same and are enumerated once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from core.mining.generalised.fold import Run, Symbol

REACH = 7
"""How many steps before an effect a pattern may begin."""

MAX_SKIPPED = 3
"""How many effect-free steps an occurrence may skip."""

LONGEST_CONTIGUOUS = 8

Pattern = tuple[Symbol, ...]


class Shape(tuple[tuple[Symbol, bool], ...]):
    """The folded steps of a run: symbol, and whether the step had an effect."""

    @cached_property
    def ends(self) -> Mapping[Symbol, Sequence[int]]:
        """Where each symbol stands, the last one first."""
        found: dict[Symbol, list[int]] = {}
        for index in range(len(self) - 1, -1, -1):
            found.setdefault(self[index][0], []).append(index)
        return found

    def before(self, index: int) -> Mapping[Symbol, Sequence[tuple[int, int]]]:
        """By symbol the steps that may come right before one in a pattern, the last first, with how many each skips."""
        if (known := self._before.get(index)) is None:
            known = self._before[index] = {}
            for earlier in range(index - 1, max(index - MAX_SKIPPED - 2, -1), -1):
                symbol, effect = self[earlier]
                known.setdefault(symbol, []).append((earlier, index - earlier - 1))
                if effect:
                    break
        return known

    @cached_property
    def _before(self) -> dict[int, dict[Symbol, list[tuple[int, int]]]]:
        return {}


def shape_of(run: Run) -> Shape:
    """What of a run decides which patterns it has; equal ones are one object."""
    return _one(Shape((step.symbol, step.effect) for step in run.steps))


@lru_cache(maxsize=16384)
def _one(shape: Shape) -> Shape:
    return shape


@lru_cache(maxsize=16384)
def contributed(shape: Shape) -> frozenset[Pattern]:
    """The patterns of a run: those that end at an effect, and contiguous ones of runs that have no effect.

    A failed step is never part of a pattern, it can only be skipped.
    """
    anchors = [index for index, (_, effect) in enumerate(shape) if effect]
    if anchors:
        return _NO_PATTERNS.union(*(_anchored(shape[max(anchor - REACH, 0) : anchor + 1]) for anchor in anchors))
    return frozenset(_contiguous(shape))


_NO_PATTERNS: frozenset[Pattern] = frozenset()


@lru_cache(maxsize=16384)
def _anchored(steps: tuple[tuple[Symbol, bool], ...]) -> frozenset[Pattern]:
    """The patterns that end at the last of some steps; the steps before an effect are the same in many places.

    They are made from their ends: a step comes before each of what was made, or is left out where it may be.
    """
    found: set[Pattern] = set()
    *before, (last, _) = steps
    made: list[tuple[Pattern, int]] = [((last,), MAX_SKIPPED)]
    for symbol, effect in reversed(before):
        is_bad = _failed(symbol)
        longer = [] if is_bad else [((symbol, *rest), left) for rest, left in made]
        found.update(pattern for pattern, _ in longer)
        made = longer + [(rest, left - 1) for rest, left in made if left] if is_bad or not effect else longer
    return frozenset(found)


def _contiguous(shape: Shape) -> Iterator[Pattern]:
    symbols = [symbol for symbol, _ in shape]
    for start in range(len(symbols)):
        for end in range(start + 1, min(start + LONGEST_CONTIGUOUS, len(symbols)) + 1):
            if _failed(symbols[end - 1]):
                break
            if end - start > 1:
                yield tuple(symbols[start:end])


def _failed(symbol: Symbol) -> bool:
    return symbol.startswith("!")


@dataclass(slots=True)
class Index:
    """In how many runs each pattern occurs; runs are added and taken away, and only their patterns are touched."""

    counts: Counter[Pattern] = field(default_factory=Counter)
    runs: dict[str, tuple[Shape, str]] = field(default_factory=dict)
    """By the run's key its shape and its group."""

    def add(self, shape: Shape, key: str, group: str) -> None:
        """Count a run in; `key` names it."""
        self.add_all([(shape, key, group)])

    def add_all(self, runs: Iterable[tuple[Shape, str, str]]) -> None:
        """Count many runs in, by their shape, key and group; many of them have one shape."""
        alike: dict[int, list[Shape]] = {}
        for shape, key, group in runs:
            self.runs[key] = (shape, group)
            alike.setdefault(id(shape), []).append(shape)
        for shapes in alike.values():
            if (count := len(shapes)) == 1:
                self.counts.update(contributed(shapes[0]))
            else:
                for pattern in contributed(shapes[0]):
                    self.counts[pattern] += count

    def remove(self, key: str) -> None:
        """Count a run out."""
        shape, _ = self.runs.pop(key)
        gone = contributed(shape)
        self.counts.subtract(gone)
        for pattern in gone:
            if not self.counts[pattern]:
                del self.counts[pattern]

    def frequent(self, min_runs: int, min_groups: int) -> Mapping[Pattern, int]:
        """The closed patterns that at least so many runs and groups show, with the number of groups.

        A closed pattern is not part of a longer one that the same runs show.
        """
        kept = {pattern for pattern, count in self.counts.items() if count >= min_runs}
        numbers: dict[int, int] = {}
        shapes: list[tuple[Shape, set[str]]] = []
        for shape, group in self.runs.values():
            number = numbers.setdefault(id(shape), len(shapes))
            if number == len(shapes):
                shapes.append((shape, set()))
            shapes[number][1].add(group)
        holders: dict[Pattern, list[int]] = {pattern: [] for pattern in kept}
        for number, (shape, _) in enumerate(shapes):
            for pattern in contributed(shape) & kept:
                holders[pattern].append(number)
        # The same runs are those of the same shapes.
        same: dict[tuple[int, ...], list[Pattern]] = {}
        for pattern, held in holders.items():
            same.setdefault(tuple(held), []).append(pattern)
        counts = (
            (found, len(set[str]().union(*(shapes[number][1] for number in held)))) for held, found in same.items()
        )
        return {pattern: count for found, count in counts if count >= min_groups for pattern in _closed(found)}


def _closed(patterns: Sequence[Pattern]) -> Iterator[Pattern]:
    """Those that are not contained in another one."""
    longest: list[Pattern] = []
    for pattern in sorted(patterns, key=lambda p: (-len(p), p)) if len(patterns) > 1 else patterns:
        for longer in longest:
            if contains(longer, pattern):
                break
        else:
            longest.append(pattern)
            yield pattern


def contains(longer: Sequence[Symbol], shorter: Iterable[Symbol]) -> bool:
    """Whether one sequence holds another in its order."""
    rest = iter(longer)
    for symbol in shorter:  # noqa: SIM110 - asked very often, and `all` takes twice as long
        if symbol not in rest:
            return False
    return True


Alignment = tuple[int, ...]
"""The indexes of the folded steps that stand for a pattern's steps."""


MOST_ALIGNED = 32
"""How many occurrences in one run are looked at, at most."""


def alignments(shape: Shape, pattern: Pattern, *, most: int = MOST_ALIGNED) -> list[Alignment]:
    """The occurrences of a pattern, at most so many: ordered, skipping at most three effect-free steps.

    The first ones have the latest steps, so that each end's first occurrence is the tightest.
    """
    found: list[Alignment] = []
    for end in shape.ends.get(pattern[-1], ()):
        if len(found) == most:
            break
        if end >= len(pattern) - 1:
            _backwards(shape, pattern, len(pattern) - 2, (end,), MAX_SKIPPED, found, most)
    return found


def at_every_end(shape: Shape, pattern: Pattern) -> Iterator[Sequence[Alignment]]:
    """The same by their ends, however many these are: at most so many at each."""
    for end in shape.ends.get(pattern[-1], ()):
        found: list[Alignment] = []
        if end >= len(pattern) - 1:
            _backwards(shape, pattern, len(pattern) - 2, (end,), MAX_SKIPPED, found, MOST_ALIGNED)
        yield found


def aligned(shape: Shape, pattern: Pattern) -> tuple[Alignment, ...]:
    """The same, remembered: many runs have one shape, and the shape of a run is one object."""
    return aligned_in(aligned_of(pattern), shape, pattern)


Aligned = dict[int, tuple[Shape, tuple[Alignment, ...]]]
"""A pattern's occurrences by shape; the shapes are kept, so that no other gets the number of one."""


@lru_cache(maxsize=256)
def aligned_of(_: Pattern) -> Aligned:
    """Where a pattern's occurrences are remembered."""
    return {}


def aligned_in(known: Aligned, shape: Shape, pattern: Pattern) -> tuple[Alignment, ...]:
    """The occurrences of a pattern, by what is remembered of it."""
    if (found := known.get(id(shape))) is None:
        found = known[id(shape)] = (shape, tuple(alignments(shape, pattern)))
    return found[1]


def _backwards(
    shape: Shape, pattern: Pattern, place: int, made: Alignment, left: int, found: list[Alignment], most: int
) -> None:
    """Adds the ways to go on from the steps that stand for what follows a place; so many more may be skipped."""
    if place < 0:
        found.append(made)
        return
    for index, skipped in shape.before(made[0]).get(pattern[place], ()):
        if skipped > left or len(found) == most:
            return
        _backwards(shape, pattern, place - 1, (index, *made), left - skipped, found, most)


def ended(found: Iterable[Alignment]) -> tuple[Sequence[Alignment], ...]:
    """The occurrences of a pattern in a run by their ends."""
    ends: dict[int, list[Alignment]] = {}
    for at in found:
        ends.setdefault(at[-1], []).append(at)
    return tuple(ends.values())


def done(shape: Shape, pattern: Pattern) -> bool:
    """Whether the pattern's first step occurs and its last step's tool succeeds after it: the job gets done."""
    firsts, lasts = shape.ends.get(pattern[0]), shape.ends.get(pattern[-1])
    return firsts is not None and lasts is not None and firsts[-1] < lasts[0]
