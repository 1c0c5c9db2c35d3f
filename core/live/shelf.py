"""The runs of a traces folder as columns, in the order of their paths, kept up with changes.

Big segments come from loading and from the cache. Runs that come one by one make small segments; when there are some
of these, and nothing comes, they are made into one from what is still kept of their runs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from core.columns.encode import Encoder
from core.columns.facts import RunFacts
from core.columns.library import Indexes, Library
from core.columns.names import Names
from core.columns.of_trace import facts_of
from core.columns.segment import Row, Segment
from core.live.changes import LoadedFile
from core.live.filed import Filed, newest
from core.live.layered import layered
from core.live.names import file_of, in_order, order_of

SMALL = 512
"""Runs of a segment that is made into another one with others."""

MOST_SMALL = 8
"""Small segments at a time; there may be more of them until nothing comes for a moment."""

_AT_ALL = 64
"""Small segments above which nobody waits for that."""

FEW = 64
"""Changed runs that are put in their places one by one."""

_NOBODY: Indexes = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Shelf:
    """Runs by number of a library, in the order of their paths."""

    library: Library = field(default_factory=lambda: Library(Names()))
    units: Sequence[str] = ()
    """In path order."""
    runs: Indexes = field(default_factory=lambda: _NOBODY)
    """The library's number of each."""
    kept: Mapping[str, tuple[LoadedFile, RunFacts]] = field(default_factory=dict)
    """What is still kept of the runs of small segments."""
    big: int = 0
    """Volumes before the small ones."""


def put(shelf: Shelf, gone: frozenset[str], loaded: Mapping[str, LoadedFile]) -> tuple[Shelf, Mapping[str, LoadedFile]]:
    """The shelf without some units and with some runs, and these runs' files with their rows only."""
    if not gone and not loaded:
        return _tidied(shelf), {}
    kept = {unit: item for unit, item in shelf.kept.items() if unit not in gone and unit not in loaded}
    many, single = _apart(loaded)
    new = {unit: (file, _facts(file)) for unit, file in single.items() if file.row is None}
    rows = {unit: file.row for unit, file in single.items() if file.row is not None}
    library, big = shelf.library, shelf.big
    if segments := _others([*(row.segment for row in rows.values()), *many.segments], library):
        # Small volumes stay the last ones: they are made anew behind those that are added.
        library = Library(library.names, library.volumes[:big]).adding(*segments)
        big, new = len(library.volumes), {**kept, **new}
        kept = {}
    elif len(library.volumes) - big + bool(new) > _AT_ALL or len(new) >= SMALL:
        library = Library(library.names, library.volumes[:big])
        new, kept = {**kept, **new}, {}
    if new:
        segment = _encoded(new)
        library = library.adding(segment)
        rows |= {unit: Row(segment, index) for index, unit in enumerate(new)}
        if len(new) >= SMALL:
            big, new = len(library.volumes), {}
    numbers = _numbered(library, rows)
    units, runs = _placed(shelf, gone, _many_numbered(library, many), numbers)
    if segments:
        library, runs, big = _used(library, runs, big)
    files = {
        unit: file._replace(facts=None, row=rows[unit])
        for unit, file in single.items()
        if file.facts is not None or file.row is None
    }
    return Shelf(library, units, runs, {**kept, **new}, big), layered(loaded).updated((), files)


def _used(library: Library, runs: Indexes, big: int) -> tuple[Library, Indexes, int]:
    """The library without big volumes of which no run is left, and the numbers that runs have then."""
    counts = np.bincount(library.number(runs), minlength=len(library.volumes))
    counts[big:] = 1
    if counts.all():
        return library, runs, big
    left = Library(library.names, [library.volumes[at] for at in np.flatnonzero(counts).tolist()])
    moved = np.zeros(len(counts), np.int64)
    moved[counts > 0] = left.base[:-1] - library.base[:-1][counts > 0]
    return left, runs + moved[library.number(runs)], int(np.count_nonzero(counts[:big]))


def _tidied(shelf: Shelf) -> Shelf:
    """The shelf with one small segment instead of many; nothing comes, so nobody waits for it."""
    if len(shelf.library.volumes) - shelf.big <= MOST_SMALL:
        return shelf
    segment = _encoded(shelf.kept)
    library = Library(shelf.library.names, shelf.library.volumes[: shelf.big]).adding(segment)
    numbers = dict(zip(shelf.kept, range(int(library.base[-2]), int(library.base[-1])), strict=True))
    units, runs = _placed(shelf, frozenset(), _NONE_OF_MANY, numbers)
    grown = len(shelf.kept) >= SMALL
    return Shelf(library, units, runs, {} if grown else shelf.kept, len(library.volumes) if grown else shelf.big)


_NO_FILES = newest([])


def _apart(loaded: Mapping[str, LoadedFile]) -> tuple[Filed, Mapping[str, LoadedFile]]:
    """What stands in columns already as a whole, and the other files."""
    files = layered(loaded)
    if not isinstance(files.table, Filed):
        return _NO_FILES, loaded
    over = {unit: file for unit, file in files.over.items() if file is not None}
    if not files.over.keys() & files.table.index.keys():
        return files.table, over
    taken = np.fromiter((unit not in files.over for unit in files.table.units), np.bool_, len(files.table.units))
    return files.table.only(taken), over


def _facts(file: LoadedFile) -> RunFacts:
    if file.facts is not None:
        return file.facts
    assert file.trace is not None
    return facts_of(file.trace)


def _others(segments: Iterable[Segment], library: Library) -> list[Segment]:
    """Those that are not in the library yet."""
    known = {id(volume.segment) for volume in library.volumes}
    return list({id(segment): segment for segment in segments if id(segment) not in known}.values())


def _encoded(new: Mapping[str, tuple[LoadedFile, RunFacts]]) -> Segment:
    encoder = Encoder()
    for unit, (file, facts) in new.items():
        encoder.add(
            unit,
            file.stamp,
            file.sha256,
            file.size,
            facts,
            sure=False,
            part=unit.removeprefix(file_of(unit)),
        )
    return encoder.finish()


def _numbered(library: Library, rows: Mapping[str, Row]) -> dict[str, int]:
    """The library's numbers of some rows."""
    base = _bases(library) if rows else {}
    return {unit: base[id(row.segment)] + row.place for unit, row in rows.items()}


def _many_numbered(library: Library, files: Filed) -> _Numbered:
    """The same of very many."""
    base = _bases(library)
    begin = np.array([base[id(segment)] for segment in files.segments], np.int64)
    return _Numbered(files.units, begin[files.which] + files.rows if files.units else _NOBODY)


def _bases(library: Library) -> dict[int, int]:
    return {id(v.segment): int(b) for v, b in zip(library.volumes, library.base[:-1], strict=True)}


class _Numbered(NamedTuple):
    """Units with their numbers of the library."""

    units: Sequence[str]
    runs: Indexes


_NONE_OF_MANY = _Numbered((), _NOBODY)


def _placed(
    shelf: Shelf, gone: frozenset[str], many: _Numbered, numbers: Mapping[str, int]
) -> tuple[Sequence[str], Indexes]:
    """Units and runs in path order, with what is gone taken out and what is new in its place."""
    if not shelf.units and not numbers and list(many.units) == (units := in_order(many.units)):
        return units, many.runs
    if len(gone) + len(many.units) + len(numbers) > FEW:
        known = dict(zip(shelf.units, shelf.runs.tolist(), strict=True))
        for unit in gone:
            known.pop(unit, None)
        known.update(zip(many.units, many.runs.tolist(), strict=True))
        known.update(numbers)
        units = in_order(known)
        return units, np.array([known[unit] for unit in units], np.int64)
    return _placed_singly(shelf, gone, {**dict(zip(many.units, many.runs.tolist(), strict=True)), **numbers})


def _placed_singly(shelf: Shelf, gone: frozenset[str], numbers: Mapping[str, int]) -> tuple[Sequence[str], Indexes]:
    units, runs = list(shelf.units), shelf.runs
    for unit in gone - numbers.keys():
        at = bisect_left(units, order_of(unit), key=order_of)
        if at < len(units) and units[at] == unit:
            del units[at]
            runs = np.delete(runs, at)
    for unit, number in numbers.items():
        at = bisect_left(units, order_of(unit), key=order_of)
        if at < len(units) and units[at] == unit:
            runs = runs.copy()
            runs[at] = number
        else:
            units.insert(at, unit)
            runs = np.insert(runs, at, number)
    return units, runs
