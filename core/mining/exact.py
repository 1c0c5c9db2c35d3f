"""Exact mining: the sequences of actions that repeat across runs (spec/pipeline.md §2, spec/review.md).

Runs stand one after the other on one line of integer codes. A sequence can only repeat as often as every pair in it,
so the pairs are indexed once; each search then grows the most frequent pairs and looks at nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.model.signature import Signature

SHORTEST, LONGEST = 2, 12
"""How many actions a sequence has, at least and at most."""

_GAP = -1
"""The code of a place that no window may span: between runs, and where a found sequence was masked."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A sequence that repeats, and where each run first shows it: (index of the run, start), both from 0."""

    sequence: tuple[Signature, ...]
    examples: tuple[tuple[int, int], ...]


def best_sequence(runs: Sequence[Sequence[Signature]], min_examples: int) -> Found | None:
    """The sequence found in most runs, then the longest, then the greatest by bytes; None when nothing repeats."""
    return next(iter(mine_all(runs, min_examples, 1)), None)


def mine_all(runs: Sequence[Sequence[Signature]], min_examples: int, max_candidates: int) -> list[Found]:
    """The best sequence, then the best of what is left with its occurrences masked, and so on.

    Ends when nothing repeats in `min_examples` runs or `max_candidates` are found. Starts are those of the unmasked
    runs.
    """
    line = _Line(runs)
    found: list[Found] = []
    while len(found) < max_candidates and (places := line.best(min_examples)):
        found.append(line.found(*places))
        line.mask(*places)
    return found


class _Line:
    """All runs as one line of codes, with the places of every pair of neighbours."""

    def __init__(self, runs: Sequence[Sequence[Signature]]) -> None:
        numbers: dict[Signature, int] = {}
        self.codes: list[int] = []
        self.run_of: list[int] = []
        self.begin: list[int] = []
        for index, run in enumerate(runs):
            self.begin.append(len(self.codes))
            self.codes += (numbers.setdefault(item, len(numbers)) for item in run)
            self.codes.append(_GAP)
            self.run_of += [index] * (len(run) + 1)
        self.names = list(numbers)
        self.pairs: dict[Pair, list[int]] = {}
        for place, pair in enumerate(zip(self.codes, self.codes[1:], strict=False)):
            if _GAP not in pair:
                self.pairs.setdefault(pair, []).append(place)
        self.support = {pair: self.runs_with(places) for pair, places in self.pairs.items()}

    def runs_with(self, places: Iterable[int]) -> int:
        """In how many runs the given places, which ascend, lie."""
        return sum(1 for _ in groupby(self.run_of[place] for place in places))

    def best(self, min_examples: int) -> tuple[list[int], int] | None:
        """The places of the best sequence, ascending, and its length."""
        wanted = max(self.support.values(), default=0)
        if wanted < max(min_examples, 1):
            return None
        # No sequence is in more runs than its pairs are: the longest one within as many runs grows from these.
        groups = [self.pairs[pair] for pair, support in self.support.items() if support == wanted]
        length = SHORTEST
        while length < LONGEST and (longer := self._grown(groups, wanted)):
            groups, length = longer, length + 1
        return max(groups, key=lambda places: self._named(places[0], length)), length

    def _grown(self, groups: list[list[int]], wanted: int) -> list[list[int]]:
        """The places of the sequences that are one longer and still in as many runs.

        A window is frequent only if its first and its last part, one shorter, both are.
        """
        part_at = {place: number for number, places in enumerate(groups) for place in places}
        grown: dict[Pair, list[int]] = {}
        for number, places in enumerate(groups):
            for place in places:
                if (after := part_at.get(place + 1)) is not None:
                    grown.setdefault((number, after), []).append(place)
        return [places for places in grown.values() if self.runs_with(places) == wanted]

    def _named(self, place: int, length: int) -> tuple[Signature, ...]:
        return tuple(self.names[code] for code in self.codes[place : place + length])

    def found(self, places: Sequence[int], length: int) -> Found:
        """The sequence at the given places, with the first of each run."""
        firsts: dict[int, int] = {}
        for place in places:
            run = self.run_of[place]
            firsts.setdefault(run, place - self.begin[run])
        return Found(self._named(places[0], length), tuple(firsts.items()))

    def mask(self, places: Iterable[int], length: int) -> None:
        """Take the occurrences that do not overlap, left to right, out of the line."""
        touched: set[Pair] = set()
        free = 0
        for place in places:
            if place >= free:
                free = place + length
                touched |= self._take(place, free)
        for pair in touched:
            self.pairs[pair] = [place for place in self.pairs[pair] if self._pair_at(place) == pair]
            self.support[pair] = self.runs_with(self.pairs[pair])

    def _take(self, start: int, end: int) -> set[Pair]:
        """Mask one occurrence; the pairs that are no longer there."""
        gone = {pair for place in range(max(start - 1, 0), end) if _GAP not in (pair := self._pair_at(place))}
        self.codes[start:end] = [_GAP] * (end - start)
        return gone

    def _pair_at(self, place: int) -> Pair:
        return self.codes[place], self.codes[place + 1]
