"""What a worker counts of a part's runs while all parts together are mined (spec/pipeline.md §2); pure.

Codes stand for a signature within a cohort, so that cohorts never mix, and ascend as the signatures do. Every run lies
in one part, so the supports of all parts add up to those of all runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from core.mining.exact import LONGEST, SHORTEST
from core.mining.lines import apart
from core.model.signature import Signature

TOGETHER = 4_000_000
"""Actions that one task counts, about; 16 bytes each."""

Numbers: TypeAlias = npt.NDArray[np.int64]
Symbol: TypeAlias = tuple[int, Signature]
"""A cohort's number and a signature."""


class Counts(NamedTuple):
    """Keys, ascending, and in how many runs each is."""

    keys: Numbers
    support: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A part's runs one after the other."""

    codes: Numbers
    """-1 stands between runs and where nothing is looked for."""
    run_of: Numbers
    kinds: int
    """How many codes there are in all parts."""

    @property
    def pairs(self) -> tuple[Numbers, Numbers]:
        """Where two actions are neighbours, ascending, and a number for each such pair."""
        left, right = self.codes[:-1], self.codes[1:]
        places = np.flatnonzero((left >= 0) & (right >= 0))
        return places, left[places] * self.kinds + right[places]


def line_of(codes: Numbers, ends: Numbers, kinds: int) -> Line:
    """The line of some runs: the codes of all actions, and where each run begins; the last number is the end."""
    lengths = np.diff(ends)
    run_of = np.repeat(np.arange(len(lengths)), lengths + 1)
    made = np.full(len(run_of), -1, np.int64)
    made[np.arange(len(codes)) + np.repeat(np.arange(len(lengths)), lengths)] = codes
    return Line(made, run_of, kinds)


def joined(lines: Sequence[Line]) -> Line:
    """Several parts' runs as one line."""
    sizes = [int(line.run_of[-1]) + 1 if len(line.run_of) else 0 for line in lines]
    firsts = np.cumsum([0, *sizes[:-1]])
    run_of = np.concatenate([line.run_of + first for line, first in zip(lines, firsts, strict=True)])
    return Line(np.concatenate([line.codes for line in lines]), run_of, lines[0].kinds)


def grouped(actions: Sequence[int], workers: int) -> list[range]:
    """Parts, by number, that are counted together: about equal groups, as many for every worker, as few as may be.

    Each step of mining is a few tasks for every group, and a task costs some milliseconds.
    """
    total = max(sum(actions), 1)
    wanted = workers * -(-total // (workers * TOGETHER))
    middles = (end - count / 2 for end, count in zip(accumulate(actions), actions, strict=True))
    group_of = [min(int(middle * wanted / total), wanted - 1) for middle in middles]
    firsts = [at for at, group in enumerate(group_of) if at == 0 or group != group_of[at - 1]]
    return [range(*ends) for ends in pairwise([*firsts, len(actions)])]


def counted(line: Line, places: Numbers, keys: Numbers) -> Counts:
    """In how many runs each key is; `places` ascend, and `keys` are what is there."""
    order = np.argsort(keys, kind="stable")
    keys, runs = keys[order], line.run_of[places[order]]
    if not len(keys):
        return Counts(keys, keys)
    change = np.concatenate([[True], keys[1:] != keys[:-1]])
    another = change | np.concatenate([[True], runs[1:] != runs[:-1]])
    firsts = np.flatnonzero(change)
    return Counts(keys[firsts], np.add.reduceat(another, firsts, dtype=np.int64))


def pairs_of(line: Line, least: Numbers) -> Counts:
    """The pairs that are in at least so many runs of this part, by the code of their first action."""
    keys, support = counted(line, *line.pairs)
    kept = support >= least[keys // line.kinds] if len(keys) else np.zeros(0, np.bool_)
    return Counts(keys[kept], support[kept])


def recounted(line: Line, keys: Numbers) -> Numbers:
    """In how many runs of this part each of some pairs is."""
    found = counted(line, *line.pairs)
    return looked_up(found, keys)


def counts_of(line: Line, keys: Numbers) -> Counts:
    """The same with the keys."""
    return Counts(keys, recounted(line, keys))


def looked_up(found: Counts, keys: Numbers) -> Numbers:
    """The support of some keys; 0 for those that were not found."""
    if not len(found.keys):
        return np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(found.keys, keys), len(found.keys) - 1)
    return np.where(found.keys[at] == keys, found.support[at], 0)


Windows: TypeAlias = dict[int, dict[bytes, int]]
"""By length: in how many runs a window is, by its codes as bytes."""


def windows(line: Line, chosen: Numbers) -> Windows:
    """All windows of this part that consist of some pairs only."""
    places, keys = line.pairs
    kept = np.isin(keys, chosen)
    places, keys = places[kept], keys[kept]
    made: Windows = {}
    for length in range(SHORTEST, LONGEST + 1):
        if not len(places):
            break
        found = counted(line, places, keys)
        numbers = np.searchsorted(found.keys, keys)
        first = np.zeros(len(found.keys), np.int64)
        first[numbers[::-1]] = places[::-1]
        shown = line.codes[first[:, None] + np.arange(length)]
        made[length] = {row.tobytes(): count for row, count in zip(shown, found.support.tolist(), strict=True)}
        follows = np.flatnonzero(places[1:] == places[:-1] + 1)
        keys = numbers[follows] * len(found.keys) + numbers[follows + 1]
        places = places[follows]
    return made


def masked(line: Line, sequences: Iterable[Sequence[int]]) -> Line:
    """The line with the occurrences of some sequences, which share no code, taken out left to right."""
    codes = line.codes.copy()
    for sequence in sequences:
        length = len(sequence)
        places = np.flatnonzero(line.codes[: len(codes) - length + 1] == sequence[0])
        for offset, code in enumerate(sequence[1:], 1):
            places = places[line.codes[places + offset] == code]
        codes[(apart(places, length)[:, None] + np.arange(length)).ravel()] = -1
    return Line(codes, line.run_of, line.kinds)


def added(parts: Sequence[Any]) -> Any:
    """Counts of several parts together."""
    if isinstance(parts[0], dict):
        return _added_windows(parts)
    if isinstance(parts[0], Counts):
        return _added_counts(parts)
    return np.sum(parts, axis=0)


def _added_counts(parts: Sequence[Counts]) -> Counts:
    keys = np.concatenate([part.keys for part in parts])
    support = np.concatenate([part.support for part in parts])
    every, where = np.unique(keys, return_inverse=True)
    total = np.zeros(len(every), np.int64)
    np.add.at(total, where, support)
    return Counts(every, total)


def _added_windows(parts: Sequence[Windows]) -> Windows:
    made: Windows = {}
    for part in parts:
        for length, found in part.items():
            known = made.setdefault(length, {})
            for row, count in found.items():
                known[row] = known.get(row, 0) + count
    return made


_MIX = np.uint64(0x9E3779B97F4A7C15)


def in_ranges(counts: Counts, ranges: int) -> list[Counts]:
    """Counts by the range that the hash of their key lies in."""
    mixed = (counts.keys.astype(np.uint64) * _MIX) >> np.uint64(32)
    which = (mixed % np.uint64(ranges)).astype(np.int64)
    return [Counts(counts.keys[which == one], counts.support[which == one]) for one in range(ranges)]


def frequent(parts: Sequence[Counts], least: Numbers, kinds: int) -> Counts:
    """Counts of one range of all parts together, without pairs in fewer runs than wanted."""
    keys, support = _added_counts(parts)
    kept = support >= least[keys // kinds] if len(keys) else np.zeros(0, np.bool_)
    return Counts(keys[kept], support[kept])


def union(parts: Sequence[Counts]) -> Numbers:
    """The keys of one range of all parts."""
    made: Numbers = np.unique(np.concatenate([part.keys for part in parts]))
    return made
