"""Reading what has changed: which file next, what its reading means, and which must be read once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias, cast

from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns, Stamp
from core.live.clock import Clock
from core.live.layered import Layered, layered
from core.live.names import order_of
from core.live.read import MISSING
from core.live.scan import UNREADABLE, Difference, Entry, Scan
from core.live.settle import SETTLED, Outcome, Settling, hinted, judged
from core.live.told import Told

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the files read and the files to read, of one burst."""

FileReader: TypeAlias = Callable[[Path, str, int, str], FileReading]
"""How a file is read: `core.live.read.read_file`, or what answers alike from a cache."""

Many: TypeAlias = Callable[
    [Path, Sequence[str], Mapping[str, Stamp], int, Callable[[], bool], Callable[[int], None]],
    Mapping[str, FileReading],
]
"""How many files are read at once: folder, units, how they looked, most bytes, whether to stop, and whom to tell how
many are done; what it leaves out is read one by one."""

MANY = 300
"""Files that are read at once."""

STEP = 100
"""Files from one report of progress to the next."""

_RECHECKS = 500


class Intake:
    """Files that wait to be read, and what was told of those that were. For one thread."""

    def __init__(
        self,
        folder: Path,
        max_size: int,
        clock: Clock,
        read: FileReader,
        progress: Progress | None,
        many: Many | None = None,
    ) -> None:
        self.told = Told()
        self.max_size = max_size
        self._folder, self._clock, self._read, self._progress = folder, clock, read, progress
        self._many = many
        self._ready: Mapping[str, FileReading] = {}
        """What was read of the present work already, many files at once."""
        self._entries: Mapping[str, Entry] = {}
        """What the last look found, problems as well."""
        self._todo: dict[str, None] = {}
        self._settling: dict[str, Settling] = {}
        self._looked: Layered[Stamp] = Layered()
        self._young: dict[str, float] = {}
        """When to read a good file once more, because it was written to within a tick of its time stamp; in order."""
        self._late: set[str] = set()
        """What is still to be decoded once more."""
        self._done = 0

    @property
    def todo(self) -> tuple[str, ...]:
        """Units that wait to be read; safe to ask for from any thread."""
        return tuple(self._todo)

    @property
    def waiting(self) -> int:
        """How many units wait to be read."""
        return len(self._todo)

    def look_again(self, unit: str) -> None:
        """Read a unit anew, if it is there."""
        self._again([unit])

    def due(self) -> float | None:
        """When something has to be read, by the monotonic clock; None when nothing has."""
        if self._todo:
            return self._clock.monotonic()
        times = [state.due for state in self._settling.values()]
        times += islice(self._young.values(), 1)
        return min(times, default=None)

    def absorb(self, seen: Scan, changes: Difference) -> None:
        """Take in what a look at the folder found to be different; `seen` holds everything."""
        now, wall = self._clock.monotonic(), self._clock.time()
        self._entries = seen.entries
        for unit in changes.removed:
            self._drop(unit)
            self.told.forget(unit)
        over = layered(seen.entries).over
        # At first that is all there is, in order already.
        some = len(changes.added) < len(seen.entries)
        if not some and not over and not self._settling:
            self._todo.update(dict.fromkeys(seen.entries))
            return
        for unit in sorted(changes.added | changes.changed, key=order_of) if some else seen.entries:
            if isinstance(entry := over.get(unit), BrokenFile):
                self._drop(unit)
                self.told.trouble(entry, "quarantined", wall)
            elif state := self._settling.get(unit):
                self._settling[unit] = hinted(state, now)
            else:
                self._todo[unit] = None

    def retry_unreadable(self) -> None:
        """Read anew what the system refused, since no stamp tells when that is over."""
        problems = self.told.problems
        self._again(u for u, p in problems.items() if p.rule == UNREADABLE and p.state == "quarantined")

    def anew(self) -> None:
        """Decode everything once more, whatever was told of it."""
        self.told.good.clear()
        files = [unit for unit, entry in self._entries.items() if isinstance(entry, Stamp)]
        self._late.update(files)
        self._again(files)

    @property
    def is_behind(self) -> bool:
        """Whether something of that is not done yet."""
        return bool(self._late)

    def limit(self, max_size: int) -> None:
        """Read files of at most so many bytes from now on; those that this concerns are read anew."""
        least = min(max_size, self.max_size)
        if max_size != self.max_size:
            self.max_size = max_size
            self._again(u for u, entry in self._entries.items() if isinstance(entry, Stamp) and entry.size > least)

    def work(self, most: int, stopped: Callable[[], bool]) -> list[str]:
        """Read what is due and up to `most` of what waits; returns the units that turned out to be gone."""
        now, began = self._clock.monotonic(), self._clock.time()
        settling = [unit for unit, state in self._settling.items() if state.due <= now]
        young = [unit for unit, due in islice(self._young.items(), _RECHECKS) if due <= now]
        gone: list[str] = []
        waiting = list(islice(self._todo, most))
        if self._many is not None and len(waiting) >= MANY:
            self._ready = self._read_many(self._many, waiting, stopped)
        try:
            for unit in dict.fromkeys((*settling, *young, *self._taken(waiting, began))):
                if stopped():
                    break
                queued = unit in self._todo
                recheck = self._young.pop(unit, None) is not None and not queued
                if not self._read_one(unit, began, recheck=recheck):
                    gone.append(unit)
                if queued:
                    del self._todo[unit]
                    self._count(silent=bool(self._ready))
        finally:
            self._ready = {}  # after an error it would be taken for what is there later
        return gone

    def _taken(self, waiting: list[str], began: float) -> Iterator[str]:
        """Take in what was read of the present work already, where nothing else is known; the units that are left.

        `began` is when reading began, Unix seconds: what was young then may have been written to once more since.
        """
        now = self._clock.monotonic()
        for unit in self._filed(waiting, began, now):
            reading = self._ready.get(unit)
            if not isinstance(reading, LoadedFile) or unit in self._young or unit in self._settling:
                yield unit
                continue
            self.told.load(reading)
            self._late.discard(unit)
            self._looked[unit] = reading.stamp
            if began - reading.stamp.touched < SETTLED:
                self._young[unit] = now + SETTLED
            del self._todo[unit]
            self._count(silent=True)

    def _filed(self, waiting: list[str], began: float, now: float) -> list[str]:
        """Take in at once what stands in columns already; the units that are left."""
        files = layered(self._ready).table
        if not files.units:
            return waiting
        from core.live.filed import Filed

        if not isinstance(files, Filed) or self._young or self._settling:
            return waiting
        self.told.load_filed(files)
        self._late.difference_update(files.units)
        self._looked.lay(Layered(files.stamps))
        self._young = dict.fromkeys(files.touched_after(began - SETTLED), now + SETTLED)
        count, known = len(files.units), files.index
        # At first all that waits may be among them, which need not be looked for one by one.
        left = [unit for unit in waiting if unit not in known] if count < len(waiting) else []
        self._todo = {unit: None for unit in self._todo if unit not in known} if count < len(self._todo) else {}
        self._count(count, silent=True)
        return left

    def _read_many(self, many: Many, units: list[str], stopped: Callable[[], bool]) -> Mapping[str, FileReading]:
        total = self._done + len(self._todo)

        def told(done: int) -> None:
            if self._progress:
                self._progress(self._done + done, total)

        told(0)
        known = self.told.good
        fresh = [unit for unit in units if unit not in known] if known else units
        stamps = cast("Mapping[str, Stamp]", self._entries)  # what waits is a file
        return many(self._folder, fresh, stamps, self.max_size, stopped, told)

    def _again(self, units: Iterable[str]) -> None:
        self._todo.update(
            (u, None) for u in units if isinstance(self._entries.get(u), Stamp) and u not in self._settling
        )

    def _drop(self, unit: str) -> None:
        self._looked.pop(unit, None)
        for table in (self._todo, self._settling, self._young):
            table.pop(unit, None)
        self._late.discard(unit)

    def _count(self, count: int = 1, *, silent: bool = False) -> None:
        self._done += count
        left = len(self._todo)
        if self._progress and (not left or (self._done % STEP == 0 and not silent)):
            self._progress(self._done, self._done + left)
        if not left:
            self._done = 0
            self._todo = {}  # one that held many keeps their room

    def _read_one(self, unit: str, began: float, *, recheck: bool) -> bool:
        """Read a file and take in what it means; false when it is no longer there. `began` is that of `_taken`."""
        reading = self._ready.get(unit) or self._read(self._folder, unit, self.max_size, self.told.known(unit))
        if isinstance(reading, BrokenFile):
            if reading.rule == MISSING:
                self._settling.pop(unit, None)
                return False
            entry = self._entries.get(unit)
            reading = replace(reading, stamp=reading.stamp or (entry if isinstance(entry, Stamp) else None))
        now, wall = self._clock.monotonic(), self._clock.time()
        stamp = reading.stamp
        outcome = judged(self._settling.pop(unit, None), reading, now, wall, self._looked.get(unit))
        self._tell(unit, outcome, wall)
        if not isinstance(outcome, Settling):
            self._late.discard(unit)
        if stamp is not None:
            self._looked[unit] = stamp
            fresh = isinstance(outcome, LoadedFile | ManyRuns) or not recheck
            if not isinstance(reading, BrokenFile) and fresh and began - stamp.touched < SETTLED:
                self._young[unit] = now + SETTLED
        return True

    def _tell(self, unit: str, outcome: Outcome, wall: float) -> None:
        match outcome:
            case Settling(reading=found):
                self._settling[unit] = outcome
                self.told.trouble(found, "settling", wall)
            case BrokenFile():
                self.told.trouble(outcome, "quarantined", wall)
            case LoadedFile():
                self.told.load(outcome)
            case ManyRuns():
                self.told.load_many(outcome, wall)
