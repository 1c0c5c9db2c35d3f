"""Runs of a library looked at as runs: their ids, hashes, and what a list of them shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import orjson

from core.columns.library import HASH, Indexes, Library, Parts, Volume
from core.columns.segment import NONE
from core.mining.exclude import Exclusion
from core.model.sums import total
from core.model.trace import Usage

_AT_ONCE = 2_000
"""Source hashes that are put together at a time."""

_MOST_STRETCHES = 100
"""Stretches of runs in one volume above which they are put together first."""

Read = TypeVar("Read")


def sha256(volume: Volume, row: int) -> str:
    """The hex digest of a run's file."""
    return bytes(volume.segment.run_sha[row]).hex()


def source_hash(volume: Volume, row: int) -> str:
    """A run's source hash."""
    claimed = volume.segment.note("run_source_hash", row)
    return f"sha256:{sha256(volume, row)}" if claimed is None else claimed


def trace_id(volume: Volume, row: int) -> str:
    """A run's id."""
    return volume.segment.note("run_id", row) or ""


def unit(volume: Volume, row: int) -> str:
    """A run's unit."""
    return volume.segment.note("run_unit", row) or ""


def action_ids(volume: Volume, row: int) -> list[str]:
    """The ids of a run's actions."""
    ids: list[str] = orjson.loads(volume.segment.note("run_ids", row) or "[]")
    return ids


def trace_ids(library: Library, runs: Indexes) -> list[str]:
    """The ids of some runs."""
    return [text or "" for text in _noted(library, runs, "run_id", bytes.decode)]


def units(library: Library, runs: Indexes) -> list[str]:
    """The units of some runs."""
    return [text or "" for text in _noted(library, runs, "run_unit", bytes.decode)]


def digests(library: Library, runs: Indexes) -> list[str]:
    """The hex digests of some runs' files."""
    made = [""] * len(runs)
    for volume, chosen, here in library.split(runs):
        told = volume.segment.run_sha[here].tobytes().hex()
        for at, index in enumerate(chosen.tolist()):
            made[index] = told[64 * at : 64 * at + 64]
    return made


def source_hashes(library: Library, runs: Indexes) -> list[str]:
    """The source hashes of some runs."""
    claimed = _noted(library, runs, "run_source_hash", bytes.decode)
    return [
        f"sha256:{digest}" if text is None else text
        for text, digest in zip(claimed, digests(library, runs), strict=True)
    ]


def ids_of_actions(library: Library, runs: Indexes) -> list[tuple[str, ...]]:
    """The ids of the actions of some runs."""
    return [ids or () for ids in _noted(library, runs, "run_ids", lambda text: tuple(orjson.loads(text)))]


def _noted(library: Library, runs: Indexes, column: str, read: Callable[[bytes], Read]) -> list[Read | None]:
    """A text of some runs, each different one read once."""
    made: list[Read | None] = [None] * len(runs)
    for volume, chosen, here in library.split(runs):
        numbers, which = np.unique(volume.segment.arrays[column][here], return_inverse=True)
        there = numbers[numbers != NONE]
        found: list[Read | None] = [*map(read, volume.segment.notes.some(there))]
        # The number of a text that is not there is the greatest one.
        found += [None] * (len(numbers) - len(there))
        for index, number in zip(chosen.tolist(), which.tolist(), strict=True):
            made[index] = found[number]
    return made


def usage(volume: Volume, row: int) -> Usage:
    """What a run cost; its time is its own (core.model.trace.Trace.took_ms)."""
    calls, read, written, wall = volume.segment.run_usage[row].tolist()
    own = slice(volume.begin[row], volume.begin[row + 1])
    walls, durations = volume.segment.act_wall[own].tolist(), volume.segment.act_duration[own].tolist()
    if wall == total([*walls, *durations]):
        wall -= sum(one for one, other in zip(walls, durations, strict=True) if one == other)
    return Usage(
        model_calls=calls,
        input_tokens=read,
        output_tokens=written,
        total_cost_usd=float(volume.segment.run_usd[row]),
        wall_ms=wall,
    )


def exclusion(volume: Volume, row: int) -> Exclusion | None:
    """Why a run may not be mined."""
    cause = volume.segment.note("run_exclusion", row)
    return None if cause is None else Exclusion(*orjson.loads(cause))


def hashed(library: Library, runs: Indexes, parts: Parts, begin: int = 0) -> Iterator[tuple[int, bytes | memoryview]]:
    """The source hashes of some runs from one of them on, in order, each with a NUL behind it: how many, and they.

    `parts` are all these runs by volume.
    """
    if any(v.claims and (v.segment.run_source_hash[here] != NONE).any() for v, _, here in parts):
        yield from ((1, source_hash(*library.place(run)).encode() + b"\0") for run in runs[begin:].tolist())
        return
    # Stretch by stretch of those that stand in one volume: of a folder that was read as a whole they are few.
    number = np.zeros(len(runs) - begin, np.uint16)
    for which, (_, chosen, _) in enumerate(parts):
        number[chosen[np.searchsorted(chosen, begin) :] - begin] = which
    ends = [*(begin + 1 + np.flatnonzero(number[1:] != number[:-1])).tolist(), len(runs)]
    if len(ends) > _MOST_STRETCHES:
        yield from _scattered(begin, len(runs), parts)
        return
    reached = [int(np.searchsorted(chosen, begin)) for _, chosen, _ in parts]
    first = begin
    for end in ends if len(number) else ():
        which = int(number[first - begin])
        volume, _, here = parts[which]
        for at in range(first, end, _AT_ONCE):
            some = volume.hashes[here[reached[which] :][: min(_AT_ONCE, end - at)]]
            reached[which] += len(some)
            yield len(some), some.view(np.uint8).data
        first = end


def _scattered(begin: int, size: int, parts: Parts) -> Iterator[tuple[int, memoryview]]:
    """The same where many stretches follow each other."""
    # Some at a time, into memory that is at hand: that of all of them would be asked for and given back each time.
    begins = range(begin, size, _AT_ONCE)
    cuts = [np.searchsorted(chosen, (*begins, size)).tolist() for _, chosen, _ in parts]
    for number, at in enumerate(begins):
        made = np.empty(min(_AT_ONCE, size - at), HASH)
        for (volume, chosen, here), cut in zip(parts, cuts, strict=True):
            if (first := cut[number]) < (last := cut[number + 1]):
                made[chosen[first:last] - at] = volume.hashes[here[first:last]]
        yield len(made), made.view(np.uint8).data
