"""What earlier sessions read, from the workspace's cache, and what of this one is put there.

A row of the cache counts only when the file looks as it did then (git's rule: not when it had been changed a moment
before it was read, for then it may have been changed once more since). An approval reads the bytes again in any case.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.columns import answers
from core.columns.library import Flags, Volume
from core.columns.segment import DamagedError, Segment, from_bytes
from core.live.changes import FileReading, Stamp
from core.live.filed import Filed, filed, newest, together
from core.live.layered import Layered, layered
from core.live.pool import Pool
from core.live.shelf import SMALL, Shelf
from core.live.stamps import Stamps
from core.live.walk import WIDTH
from core.store.cache import Cache

WORTH_IT = 2_000
"""Files to read above which it is done in several processes."""

_NEWS = 4
"""Of what is known about a segment a part this small has to be new to be written down: a quarter."""

Known = Mapping[bytes, tuple[bytes, object]]
Numbers = npt.NDArray[np.int64]

HEAVY = 20_000_000
"""Bytes above which it is as well."""


class Remembered:
    """Reads many files at once (core.live.intake.Many): from the cache, else in processes."""

    def __init__(self, workspace: Path | None, pool: Pool | None = None, effects: str = "") -> None:
        """`workspace` is where the cache lies; None for no cache. `effects` is that of core.live.read.read_file."""
        self._workspace, self._pool = workspace, pool or Pool()
        self._fresh: set[int] = set()
        """Segments that were read with the present effects, by identity."""
        self._numbers: dict[int, int]
        """The numbers in the cache of segments, by identity."""
        self._held: list[Segment]
        self._recalled: Filed | None
        self._stored: dict[int, Mapping[bytes, bytes]]
        """Of segments, by identity, what is kept beside them: of each question about which windows it is answered."""
        self._saving: threading.Thread | None = None
        self._weighed: object = None
        """The big segments, and about how many runs there were, when it was last seen which are used."""
        self._lock = threading.Lock()
        """Held by who looks into the cache."""
        self.use(effects)

    def use(self, effects: str) -> None:
        """Read with these effects from now on; what was read with others is not put into the cache any more."""
        if self._saving is not None:
            self._saving.join()
        self._pool.effects = effects
        with self._lock:
            self._forget(effects)

    def _forget(self, effects: str) -> None:
        self._cache = Cache.of(self._workspace, effects)
        self._fresh.clear()
        self._numbers, self._held, self._recalled, self._weighed, self._stored = {}, [], None, None, {}

    def __call__(
        self,
        folder: Path,
        units: Sequence[str],
        stamps: Mapping[str, Stamp],
        max_size: int,
        stopped: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> Mapping[str, FileReading]:
        """Readings by unit; what is left out has to be read one by one."""
        known = _still(self._all_recalled(), units, stamps, max_size)
        left = [unit for unit in units if unit not in known.index] if len(known.units) < len(units) else []
        if len(left) < WORTH_IT and sum(stamps[unit].size for unit in left if unit in stamps) < HEAVY:
            return Layered(known)
        count = len(known.units)
        read = layered(self._pool.read(folder, left, max_size, stopped, lambda done: progress(count + done)))
        files = read.table
        if isinstance(files, Filed):
            self._fresh.update(map(id, files.segments))
            known = together([known, files])
        return Layered(known, {unit: reading for unit, reading in read.over.items() if reading is not None})

    def begin(self) -> None:
        """Begin to look into the cache in a thread, while the folder is looked at."""
        threading.Thread(target=self._all_recalled, name="assay-recall", daemon=True).start()

    def _all_recalled(self) -> Filed:
        """What the cache tells."""
        with self._lock:
            if self._recalled is None:
                self._recalled = self._recall()
            return self._recalled

    def _recall(self) -> Filed:
        """Everything in the cache that may be relied on, later segments before earlier ones."""
        made: list[Filed] = []
        for number, data, beside in self._cache.load() if self._cache else ():
            try:
                segment = from_bytes(data)
                _ = segment.run_stamp, segment.run_sha
                made.append(filed(segment).only(segment.run_sure))
            except (DamagedError, ValueError, AttributeError, IndexError):
                assert self._cache is not None
                self._cache.discard()
                return newest([])
            self._numbers[id(segment)] = number
            self._held.append(segment)
            with suppress(DamagedError):  # then it is found out again
                segment.known = answers.decoded(beside, answers.segment_sum(data))
            self._stored[id(segment)] = _asked(segment.known)
        return newest(made)

    def adopt(self, segments: Iterable[Segment]) -> None:
        """Take segments for such as were read here; with the present effects."""
        self._fresh.update(map(id, segments))

    def rest(self) -> None:
        """Let go of what is needed only while much is read."""
        with self._lock:
            self._recalled = newest([])
        self.end_reading()

    def end_reading(self) -> None:
        """End the processes that read, until there is much to read again."""
        self._pool.close()

    def save(self, shelf: Shelf) -> None:
        """Put what is new about big segments into the cache, and take out those that are hardly used; in a thread."""
        if self._cache is None or (self._saving is not None and self._saving.is_alive()):
            return
        volumes = [volume for volume in shelf.library.volumes if volume.segment.runs >= SMALL]
        looked = ([id(volume.segment) for volume in volumes], len(shelf.units) // SMALL)
        if looked == self._weighed:
            return  # single runs that come and go are not worth a look at all of them
        self._weighed = looked
        new, old = self._changed(shelf)
        found = {id(v.segment): dict(v.known) for v in volumes if v.segment in new or self._has_news(v)}
        if new or old or found:
            task = (self._cache, new, old, found)
            self._saving = threading.Thread(target=self._write, args=task, name="assay-cache", daemon=True)
            self._saving.start()

    def _changed(self, shelf: Shelf) -> tuple[list[Segment], list[int]]:
        """The segments to put into the cache, and the numbers of those to take out."""
        used = [(segment, share) for segment, share in _used(shelf) if share > 0 and segment.runs >= SMALL]
        new = [segment for segment, _ in used if id(segment) in self._fresh and id(segment) not in self._numbers]
        present = {id(segment) for segment, share in used if share >= 0.5}
        return new, [number for key, number in self._numbers.items() if key not in present]

    def _has_news(self, volume: Volume) -> bool:
        """Whether much of what is known about a segment in the cache is not kept beside it yet."""
        stored = self._stored.get(id(volume.segment), {})
        news = sum(stored.get(asked) != about for asked, (about, _) in volume.known.items())
        return id(volume.segment) in self._numbers and news * _NEWS > len(volume.known)

    def _write(self, cache: Cache, new: Sequence[Segment], old: Iterable[int], found: Mapping[int, Known]) -> None:
        gone = set(old)
        if new or gone:
            numbers = cache.change([segment.data for segment in new], gone)
            if len(numbers) < len(new):
                return
            self._held = [s for s in self._held if self._numbers.get(id(s)) not in gone] + list(new)
            kept = {key: number for key, number in self._numbers.items() if number not in gone}
            self._numbers = kept | {id(segment): number for segment, number in zip(new, numbers, strict=True)}
        told = {id(s): answers.segment_sum(s.data) for s in self._held}
        some = {key: known for key, known in found.items() if key in self._numbers}
        cache.keep({self._numbers[key]: answers.encoded(known, told[key]) for key, known in some.items()})
        self._stored |= {key: _asked(known) for key, known in some.items()}

    def close(self, timeout: float = 2.0) -> None:
        """End what is under way; a cache that is being written is left whole."""
        self._pool.close()
        if self._saving is not None:
            self._saving.join(timeout)


def _asked(known: Known) -> Mapping[bytes, bytes]:
    """Of each question about which windows it is answered."""
    return {asked: about for asked, (about, _) in known.items()}


def _still(known: Filed, units: Sequence[str], stamps: Mapping[str, Stamp], max_size: int) -> Filed:
    """Of some units those that look as they did when they were known."""
    places = np.fromiter(map(known.index.get, units, repeat(-1)), np.int64, len(units))
    there = np.flatnonzero(places >= 0)
    if not len(there):
        return newest([])
    chosen: Sequence[str] = units
    if len(there) < len(units):
        places, chosen = places[there], [units[at] for at in there.tolist()]
    looks = _numbers(stamps, chosen)
    same: Flags = (known.column("run_stamp")[places] == looks).all(axis=1) & (looks[:, 1] <= max_size)
    return Filed(chosen, known.segments, known.which[places], known.rows[places]).only(same)


def _numbers(stamps: Mapping[str, Stamp], units: Sequence[str]) -> Numbers:
    """The stamps of some units as columns keep them, a row for each; -1 for one that they cannot keep."""
    made = np.full((len(units), WIDTH), -1, np.int64)
    rest: Iterable[int] = range(len(units))
    table, over = layered(stamps).table, layered(stamps).over
    if isinstance(table, Stamps) and len(table.numbers):
        places = np.fromiter(map(table.index.get, units, repeat(-1)), np.int64, len(units))
        there = np.flatnonzero(places >= 0)
        made[there] = np.frombuffer(table.numbers, np.int64).reshape(-1, WIDTH)[places[there]]
        rest = [at for at, unit in enumerate(units) if unit in over] if over else ()
    for at in rest:
        try:
            made[at] = stamps.get(units[at]) or -1
        except OverflowError:  # an inode of more than 63 bits
            made[at] = -1
    return made


def _used(shelf: Shelf) -> list[tuple[Segment, float]]:
    """Each segment, and the share of its runs that is in use."""
    made = []
    for volume, chosen, _ in shelf.library.split(shelf.runs):
        made.append((volume.segment, len(chosen) / volume.segment.runs))
    return made
