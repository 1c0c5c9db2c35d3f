"""Many middling segments made into few large ones while nothing else is to be done.

A folder that never rests would have ever more of them: each costs a little at every change, and what is left of runs
that are gone stays in memory. A segment cannot be made of others, for of a long text only its beginning is kept. So
their runs are read once more, by a process that gives way to the screens.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from weakref import WeakSet

import numpy as np

from core.columns.segment import Segment
from core.live.changes import LoadedFile
from core.live.filed import Filed
from core.live.layered import layered
from core.live.names import file_of
from core.live.pool import Pool
from core.live.shelf import Shelf

LARGE = 10_000
"""Runs from which on a segment is a large one."""

MOST = 16
"""Other ones at a time."""


class _Asked(NamedTuple):
    max_size: int
    effects: str


class Regather:
    """Reads the runs of some segments once more. For one thread, but for `close`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tried: WeakSet[Segment] = WeakSet()
        """Those whose runs were read once more already, or cannot be; what is still in them stays there."""
        self._thread: threading.Thread | None = None
        self._found: Filed | None = None
        self._asked = _Asked(0, "")
        self._closed = False
        self._lock = threading.Lock()
        """Held by who begins, and by who ends it."""

    def consider(self, shelf: Shelf, max_size: int, effects: str) -> None:
        """Begin to read when it is worth it; the limit in bytes and the effects are those of core.live.read."""
        if self._thread is not None:
            return
        chosen = _chosen(shelf, self._tried)
        if not chosen:
            return
        self._tried.update(chosen)
        numbers = [at for at, volume in enumerate(shelf.library.volumes) if volume.segment in chosen]
        units = [shelf.units[at] for at in np.flatnonzero(np.isin(shelf.library.number(shelf.runs), numbers)).tolist()]
        self._asked = _Asked(max_size, effects)
        thread = threading.Thread(target=self._read, args=(units,), name="assay-regather", daemon=True)
        with self._lock:
            if not self._closed:
                thread.start()
                self._thread = thread

    def _read(self, units: list[str]) -> None:
        pool = Pool(1)
        pool.effects = self._asked.effects
        try:
            found = pool.read(self._folder, units, self._asked.max_size, lambda: self._closed, lambda _: None)
        finally:
            pool.close()
        table = layered(found).table
        self._found = table if isinstance(table, Filed) and not self._closed else None

    def taken(self, files: Mapping[str, LoadedFile], effects: str) -> Filed | None:
        """The runs that were read, those that are still the same as in `files`; None when there are none now."""
        if self._thread is None or self._thread.is_alive():
            return None
        with self._lock:
            self._thread = None
        found, self._found = self._found, None
        if found is None or effects != self._asked.effects:
            return None
        same = (_is_same(files.get(unit), found.at(place)) for place, unit in enumerate(found.units))
        found = found.only(np.fromiter(same, np.bool_, len(found.units)))
        return found if found.units else None

    def close(self) -> None:
        """End what is under way."""
        with self._lock:
            self._closed, thread = True, self._thread
        if thread is not None:
            thread.join()


def _is_same(known: LoadedFile | None, found: LoadedFile) -> bool:
    return known is not None and (known.sha256, known.stamp) == (found.sha256, found.stamp)


def _chosen(shelf: Shelf, tried: WeakSet[Segment]) -> set[Segment]:
    """The segments whose runs are to be read once more; none when it is not worth it."""
    library, most_dead = shelf.library, max(len(shelf.units), LARGE)
    middling = sum(v.segment.runs < LARGE and v.segment not in tried for v in library.volumes[: shelf.big])
    if middling <= MOST and int(library.base[-1]) - len(shelf.units) <= most_dead:
        return set()  # as nearly always, and this is asked at every change
    live = np.bincount(shelf.library.number(shelf.runs), minlength=len(shelf.library.volumes)).tolist()
    chosen, dead = set(), 0
    for volume, count in list(zip(shelf.library.volumes, live, strict=True))[: shelf.big]:
        segment = volume.segment
        if segment in tried or (count >= LARGE and 2 * count >= segment.runs):
            continue
        if _is_of_parts(segment):
            tried.add(segment)
            continue
        chosen.add(segment)
        dead += segment.runs - count
    return chosen if len(chosen) > MOST or dead > most_dead else set()


def _is_of_parts(segment: Segment) -> bool:
    """Whether it has runs of files that hold several, of which none is read by itself."""
    units = (segment.note("run_unit", row) or "" for row in np.flatnonzero(segment.run_part).tolist())
    return any(file_of(unit) != unit for unit in units)
