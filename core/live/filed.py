"""Very many files whose runs stand in segments already (core.live.layered.Table)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from core.columns.library import Flags, Indexes
from core.columns.segment import Array, Row, Segment
from core.live.changes import LoadedFile, Stamp
from core.live.layered import Derived


class Filed:
    """Files by unit, each with a row of a segment."""

    def __init__(self, units: Sequence[str], segments: Sequence[Segment], which: Indexes, rows: Indexes) -> None:
        """`which` tells the segment of each unit, `rows` its row there. No unit comes twice."""
        self.units, self.segments = units, tuple(segments)
        self.which, self.rows = which.astype(np.uint16), rows.astype(np.uint32)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The place of each unit."""
        return dict(zip(self.units, range(len(self.units)), strict=True))

    def at(self, place: int) -> LoadedFile:
        """The file at a place."""
        row = self._row(place)
        return LoadedFile(
            self.units[place],
            _stamp(row),
            self._sha256(place),
            int(row.segment.run_size[row.place]),
            row=row,
        )

    @property
    def stamps(self) -> Derived[Stamp]:
        """How each file looked."""
        return Derived(self, lambda place: _stamp(self._row(place)))

    @property
    def digests(self) -> Derived[str]:
        """The sha256 of each file, 64 hex digits."""
        return Derived(self, self._sha256)

    def column(self, name: str) -> Array:
        """Something of every run, in the order of the units; `name` is that of a segment's array."""
        first = self.segments[0].arrays[name]
        made = np.zeros((len(self.units), *first.shape[1:]), first.dtype)
        for number, segment in enumerate(self.segments):
            chosen = np.flatnonzero(self.which == number)
            made[chosen] = segment.arrays[name][self.rows[chosen]]
        return made

    def touched_after(self, time: float) -> list[str]:
        """The units that changed later than at a time, in Unix seconds."""
        if not self.units:
            return []
        stamps = self.column("run_stamp")
        young = np.maximum(stamps[:, 0], stamps[:, 3]) / 1e9 > time
        return [self.units[place] for place in np.flatnonzero(young).tolist()]

    def only(self, wanted: Flags) -> Filed:
        """Some of them."""
        if wanted.all():
            return self
        chosen = np.flatnonzero(wanted)
        return Filed(
            [self.units[place] for place in chosen.tolist()], self.segments, self.which[chosen], self.rows[chosen]
        )

    def _row(self, place: int) -> Row:
        return Row(self.segments[self.which[place]], int(self.rows[place]))

    def _sha256(self, place: int) -> str:
        row = self._row(place)
        return bytes(row.segment.run_sha[row.place]).hex()


def _stamp(row: Row) -> Stamp:
    return Stamp(*row.segment.run_stamp[row.place].tolist())


def filed(segment: Segment) -> Filed:
    """All files of a segment."""
    units = segment.units()
    return Filed(units, [segment], np.zeros(len(units), np.uint16), np.arange(len(units)))


def newest(parts: Sequence[Filed]) -> Filed:
    """The files of several tables; of a unit that is in some of them that of the last one."""
    if not parts:
        return _NONE
    made = together(parts)
    if len(made.index) == len(made.units):
        return made
    chosen = np.fromiter(made.index.values(), np.int64, len(made.index))
    return Filed(list(made.index), made.segments, made.which[chosen], made.rows[chosen])


def together(parts: Sequence[Filed]) -> Filed:
    """The files of several tables, which share no unit."""
    segments = list({id(segment): segment for part in parts for segment in part.segments}.values())
    number = {id(segment): at for at, segment in enumerate(segments)}
    return Filed(
        [unit for part in parts for unit in part.units],
        segments,
        np.concatenate([np.array([number[id(one)] for one in part.segments])[part.which] for part in parts]),
        np.concatenate([part.rows for part in parts]),
    )


_NONE = Filed((), (), np.zeros(0, np.int64), np.zeros(0, np.int64))
