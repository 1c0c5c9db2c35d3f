"""Exact mining over integer codes: what core.mining.exact finds, for many runs at once (spec/pipeline.md §2).

All runs stand one after the other on one line. A sequence that is one action longer is the pair of its first and its
last part, so windows of every length are told apart by one number each, and windows of a kind are found by sorting
`kind << bits | place`. Only windows whose both parts are in as many runs are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.mining.exact import LONGEST, SHORTEST

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """A sequence that repeats, and where each run first shows it."""

    codes: tuple[int, ...]
    """Of its actions."""
    runs: Codes
    """Indexes of the runs, ascending."""
    starts: Codes
    """Where in each of them, from 0."""


def mine(codes: Codes, begin: Codes, names: Sequence[str], min_examples: int, max_candidates: int) -> list[Places]:
    """The best sequence, then the best of what is left with its occurrences masked, and so on.

    `codes` are those of all actions, run after run; `begin` says where each run begins, its last number is the end.
    `names` are the signatures by code.
    """
    line = _Line(codes, begin, names)
    found: list[Places] = []
    while len(found) < max_candidates and (best := line.best(min_examples)) is not None:
        found.append(line.first_in_each(*best))
        line.mask(*best)
    return found


def occurring(
    codes: Codes, begin: Codes, names: Sequence[str], sequences: Iterable[tuple[int, ...]], min_examples: int
) -> list[Places]:
    """Known sequences where they stand now, each with those before it masked; those in too few runs are passed over.

    Equals what `mine` finds as long as that finds the same sequences in the same order.
    """
    line = _Line(codes, begin, names)
    found: list[Places] = []
    for sequence in sequences:
        places = line.places(sequence)
        if len(places):
            here = line.first_in_each(places, len(sequence))
            if len(here.runs) >= max(min_examples, 1):
                found.append(here)
                line.mask(places, len(sequence))
    return found


class _Line:
    """All runs as one line of codes, with the windows of two grouped."""

    def __init__(self, codes: Codes, begin: Codes, names: Sequence[str]) -> None:
        lengths = np.diff(begin)
        self.names = names
        self.begin = begin[:-1] + np.arange(len(lengths))
        self.run_of = np.repeat(np.arange(len(lengths)), lengths + 1)
        self.codes = np.full(len(self.run_of), -1, np.int64)
        self.codes[np.arange(len(codes)) + np.repeat(np.arange(len(lengths)), lengths)] = codes
        self.bits = max(len(self.codes).bit_length(), 1)
        self.kinds = len(names) + 1
        self.pairs: _Groups | None = None

    @property
    def groups(self) -> _Groups:
        """The windows of two."""
        if self.pairs is None:
            self.pairs = self.paired()
        return self.pairs

    def paired(self) -> _Groups:
        """Group the windows of two."""
        left, right = self.codes[:-1], self.codes[1:]
        places = np.flatnonzero((left >= 0) & (right >= 0))
        return self.grouped(left[places] * self.kinds + right[places], places)

    def places(self, sequence: tuple[int, ...]) -> Codes:
        """Where a sequence stands, ascending."""
        found = np.flatnonzero(self.codes == sequence[0])
        for offset, code in enumerate(sequence[1:], 1):
            found = found[found + offset < len(self.codes)]
            found = found[self.codes[found + offset] == code]
        return found

    def grouped(self, keys: Codes, places: Codes) -> _Groups:
        """Windows by what they are, in ascending order of place within a group."""
        if len(keys) and int(keys.max()).bit_length() + self.bits > 63:
            keys = np.unique(keys, return_inverse=True)[1]
        order = np.sort(keys.astype(np.uint64) << np.uint64(self.bits) | places.astype(np.uint64))
        places = (order & np.uint64((1 << self.bits) - 1)).astype(np.int64)
        keys = (order >> np.uint64(self.bits)).astype(np.int64)
        return self.counted(keys, places)

    def counted(self, keys: Codes, places: Codes) -> _Groups:
        """Sorted windows with the number of runs that each group is in."""
        if not len(places):
            return _Groups(places, places, places)
        change = np.empty(len(keys), np.bool_)
        change[0] = True
        np.not_equal(keys[1:], keys[:-1], out=change[1:])
        runs = self.run_of[places]
        another = change.copy()
        another[1:] |= runs[1:] != runs[:-1]
        firsts = np.flatnonzero(change)
        return _Groups(places, firsts, np.add.reduceat(another, firsts, dtype=np.int64))

    def best(self, min_examples: int) -> tuple[Codes, int] | None:
        """The places of the best sequence, ascending, and its length."""
        groups = self.groups
        wanted = int(groups.support.max(initial=0))
        if wanted < max(min_examples, 1):
            return None
        # No sequence is in more runs than its pairs are: the longest one within as many runs grows from these.
        length, level = SHORTEST, groups.of_support(wanted)
        while length < LONGEST:
            longer = self.grown(level).of_support(wanted)
            if not len(longer.firsts):
                break
            level, length = longer, length + 1
        listed = level.split()
        return max(listed, key=lambda places: self.named(int(places[0]), length)), length

    def grown(self, level: _Groups) -> _Groups:
        """The windows that are one longer: those whose first and last part are among the given ones."""
        order = np.argsort(level.places)
        places, numbers = level.places[order], level.numbers()[order]
        at = np.searchsorted(places, places + 1)
        at[at == len(places)] = 0
        follows = places[at] == places + 1
        return self.grouped(numbers[follows] * len(level.firsts) + numbers[at[follows]], places[follows])

    def named(self, place: int, length: int) -> tuple[str, ...]:
        return tuple(self.names[code] for code in self.codes[place : place + length].tolist())

    def first_in_each(self, places: Codes, length: int) -> Places:
        """The sequence at the given places, with the first of each run."""
        runs = self.run_of[places]
        first = np.flatnonzero(np.diff(runs, prepend=-1))
        runs = runs[first]
        codes = tuple(self.codes[places[0] : places[0] + length].tolist())
        return Places(codes, runs, places[first] - self.begin[runs])

    def mask(self, places: Codes, length: int) -> None:
        """Take the occurrences that do not overlap, left to right, out of the line."""
        taken = apart(places, length)
        self.codes[(taken[:, None] + np.arange(length)).ravel()] = -1
        if (groups := self.pairs) is None:
            return
        left = (self.codes[groups.places] >= 0) & (self.codes[groups.places + 1] >= 0)
        self.pairs = self.counted(groups.numbers()[left], groups.places[left])


def apart(places: Codes, length: int) -> Codes:
    """The places, which ascend, of windows that do not overlap: the first, the next one after its end, and so on."""
    near = np.diff(places) < length
    if not near.any():
        return places
    kept, free = [], -1
    for place in places.tolist():
        if place >= free:
            kept.append(place)
            free = place + length
    return np.array(kept, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Windows sorted by what they are."""

    places: Codes
    firsts: Codes
    """Where each group begins among the places."""
    support: Codes
    """In how many runs each group is."""

    def numbers(self) -> Codes:
        """The number of the group of each place."""
        return np.repeat(np.arange(len(self.firsts)), np.diff(self.firsts, append=len(self.places)))

    def of_support(self, wanted: int) -> _Groups:
        """The groups in that many runs."""
        chosen = self.support == wanted
        lengths = np.diff(self.firsts, append=len(self.places))
        kept = np.repeat(chosen, lengths)
        lengths = lengths[chosen]
        return _Groups(self.places[kept], np.cumsum(lengths) - lengths, self.support[chosen])

    def split(self) -> list[Codes]:
        """The places of each group."""
        return np.split(self.places, self.firsts[1:])
