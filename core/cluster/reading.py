"""What a worker does of an ingest: files into a part, and a part without some of its files."""

from __future__ import annotations

import pickle
import time
from array import array
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.cluster.dataset import Part, basis_of, files_of, quarantined_of, runs_of, write_part
from core.cluster.place import Place
from core.cluster.select import select
from core.cluster.source import Source, as_of
from core.columns.encode import Encoder
from core.live.changes import BrokenFile, LoadedFile, ManyRuns, Stamp
from core.live.names import file_of
from core.live.read import MISSING
from core.live.rows import RowReader
from core.live.scan import UNREADABLE
from core.live.settle import is_young, settled_before
from core.model.uncollected import uncollected


class Made(NamedTuple):
    """A part that was written."""

    part: Part
    young: dict[str, str]
    """Files that were changed a moment before they were read: sha256 by file."""
    seconds: float
    """How long it took."""


def read_part(source: Source, entries: Mapping[str, Stamp | BrokenFile], max_size: int, place: Place) -> Made:
    """Read files, with the stamps that they were listed with, and write them as a part. Raises InputError."""
    with uncollected():  # everything that is made is let go of with the task
        return _read_part(source, entries, max_size, place)


def packed(entries: Mapping[str, Stamp | BrokenFile]) -> bytes:
    """Files with their stamps in one piece.

    Dask looks through every dict for what has to be done before, and ten thousand stamps take long to pickle.
    """
    broken = {unit: entry for unit, entry in entries.items() if isinstance(entry, BrokenFile)}
    stamps = array("q")
    for entry in entries.values():
        stamps.extend(NOWHERE if isinstance(entry, BrokenFile) else entry)
    return pickle.dumps((list(entries), stamps, broken), pickle.HIGHEST_PROTOCOL)


def unpacked(entries: bytes) -> dict[str, Stamp | BrokenFile]:
    """What was `packed`."""
    units, stamps, broken = pickle.loads(entries)  # noqa: S301 - the command's own
    numbers = iter(stamps)
    return {**dict(zip(units, map(Stamp, numbers, numbers, numbers, numbers), strict=True)), **broken}


def read_packed(source: Source, entries: bytes, max_size: int, place: Place) -> Made:
    """`read_part` of what was `packed`. Raises InputError."""
    return read_part(source, unpacked(entries), max_size, place)


def _read_part(source: Source, entries: Mapping[str, Stamp | BrokenFile], max_size: int, place: Place) -> Made:
    began = time.monotonic()
    encoder, reader = Encoder(), RowReader(source.effects)
    problems = [entry for entry in entries.values() if isinstance(entry, BrokenFile)]
    files = {one.unit: (one.stamp or NOWHERE, one.rule) for one in problems}
    stamps = {unit: entry for unit, entry in entries.items() if not isinstance(entry, BrokenFile)}
    fresh: dict[str, str] = {}
    settled = settled_before(time.time())
    for unit, held in reader.add_all(encoder, source.files(stamps, max_size)):
        if isinstance(held, BrokenFile):
            if held.rule == MISSING:
                continue
            found = as_of(held, stamps[unit])
            problems.append(found)
            stamp, sha256 = files[unit] = found.stamp or stamps[unit], ""
            if held.rule == UNREADABLE:
                fresh[unit] = ""  # its bytes are not known: the next ingest tries again
        else:
            if isinstance(held, ManyRuns):
                for run in held.files:
                    _add(encoder, run, run.unit.removeprefix(unit))
                problems += held.problems
            stamp, sha256 = files[unit] = held.stamp, held.sha256
        if is_young(stamp, settled):
            fresh[unit] = sha256
    made = write_part(place, basis_of(source, max_size), files, encoder.columns(), problems, fresh)
    return Made(made, fresh, time.monotonic() - began)


NOWHERE = Stamp(0, 0, 0, 0)
"""The stamp of what has none."""


def _add(encoder: Encoder, run: LoadedFile, part: str) -> None:
    assert run.facts is not None
    encoder.add(run.unit, run.stamp, run.sha256, run.size, run.facts, part=part)


def without(place: Place, name: str, gone: Sequence[str]) -> Made:
    """Write a part anew without some of its files. Raises InputError."""
    began = time.monotonic()
    _, basis, files, _ = files_of(place, name)
    dropped = set(gone)
    segment = runs_of(place, name)
    kept = [row for row, unit in enumerate(segment.column("run_unit")) if file_of(unit or "") not in dropped]
    problems = [one for one in quarantined_of(place, name) if file_of(one.unit) not in dropped]
    left = {file: told for file, told in files.items() if file not in dropped}
    made = write_part(place, basis, left, select(segment, np.array(kept, np.int64)), problems, {})
    return Made(made, {}, time.monotonic() - began)
