"""Reading what has changed: which file next, what its reading means, and which must be read once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns, Stamp
from core.live.clock import Clock
from core.live.names import order_of
from core.live.read import MISSING
from core.live.scan import UNREADABLE, Difference, Scan
from core.live.settle import SETTLED, Outcome, Settling, hinted, judged
from core.live.told import Told

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the files read and the files to read, of one burst."""

Reader: TypeAlias = Callable[[Path, str, int, str], FileReading]
"""How a file is read: `core.live.read.read_file`, or what answers alike from a cache."""

Many: TypeAlias = Callable[
    [Path, Sequence[str], Mapping[str, Stamp], int, Callable[[], bool], Callable[[int], None]], dict[str, FileReading]
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
        read: Reader,
        progress: Progress | None,
        many: Many | None = None,
    ) -> None:
        self.told = Told()
        self.max_size = max_size
        self._folder, self._clock, self._read, self._progress = folder, clock, read, progress
        self._many = many
        self._ready: dict[str, FileReading] = {}
        """What was read of the present work already, many files at once."""
        self._entries: dict[str, Stamp] = {}
        self._todo: dict[str, None] = {}
        self._settling: dict[str, Settling] = {}
        self._looked: dict[str, Stamp] = {}
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
        """Take in what a look at the folder found to be different; `seen` holds at least the units that changed."""
        now, wall = self._clock.monotonic(), self._clock.time()
        for unit in changes.removed:
            self._drop(unit)
            self.told.forget(unit)
        for unit in sorted(changes.added | changes.changed, key=order_of):
            entry = seen.entries[unit]
            if isinstance(entry, BrokenFile):
                self._drop(unit)
                self.told.trouble(entry, "quarantined", wall)
                continue
            self._entries[unit] = entry
            if state := self._settling.get(unit):
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
        self._late.update(self._entries)
        self._again(self._entries)

    @property
    def is_behind(self) -> bool:
        """Whether something of that is not done yet."""
        return bool(self._late)

    def limit(self, max_size: int) -> None:
        """Read files of at most so many bytes from now on; those that this concerns are read anew."""
        least = min(max_size, self.max_size)
        if max_size != self.max_size:
            self.max_size = max_size
            self._again(unit for unit, stamp in self._entries.items() if stamp.size > least)

    def work(self, most: int, stopped: Callable[[], bool]) -> list[str]:
        """Read what is due and up to `most` of what waits; returns the units that turned out to be gone."""
        now = self._clock.monotonic()
        settling = [unit for unit, state in self._settling.items() if state.due <= now]
        young = [unit for unit, due in islice(self._young.items(), _RECHECKS) if due <= now]
        gone: list[str] = []
        waiting = list(islice(self._todo, most))
        if self._many is not None and len(waiting) >= MANY:
            self._ready = self._read_many(self._many, waiting, stopped)
        for unit in dict.fromkeys((*settling, *young, *self._taken(waiting))):
            if stopped():
                break
            queued = unit in self._todo
            recheck = self._young.pop(unit, None) is not None and not queued
            if not self._read_one(unit, recheck=recheck):
                gone.append(unit)
            if queued:
                del self._todo[unit]
                self._count(silent=bool(self._ready))
        self._ready = {}
        return gone

    def _taken(self, waiting: list[str]) -> Iterator[str]:
        """Take in what was read of the present work already, where nothing else is known; the units that are left."""
        wall, now = self._clock.time(), self._clock.monotonic()
        for unit in waiting:
            reading = self._ready.get(unit)
            if not isinstance(reading, LoadedFile) or unit in self._young or unit in self._settling:
                yield unit
                continue
            self.told.load(reading)
            self._late.discard(unit)
            self._looked[unit] = reading.stamp
            if wall - reading.stamp.touched < SETTLED:
                self._young[unit] = now + SETTLED
            del self._todo[unit]
            self._count(silent=True)

    def _read_many(self, many: Many, units: list[str], stopped: Callable[[], bool]) -> dict[str, FileReading]:
        total = self._done + len(self._todo)

        def told(done: int) -> None:
            if self._progress:
                self._progress(self._done + done, total)

        told(0)
        known = self.told.good
        fresh = [unit for unit in units if unit not in known]
        return many(self._folder, fresh, self._entries, self.max_size, stopped, told)

    def _again(self, units: Iterable[str]) -> None:
        self._todo.update((unit, None) for unit in units if unit in self._entries and unit not in self._settling)

    def _drop(self, unit: str) -> None:
        for table in (self._entries, self._todo, self._settling, self._looked, self._young):
            table.pop(unit, None)
        self._late.discard(unit)

    def _count(self, *, silent: bool = False) -> None:
        self._done += 1
        left = len(self._todo)
        if self._progress and (not left or (self._done % STEP == 0 and not silent)):
            self._progress(self._done, self._done + left)
        if not left:
            self._done = 0
            self._todo = {}  # one that held many keeps their room

    def _read_one(self, unit: str, *, recheck: bool) -> bool:
        """Read a file and take in what it means; false when it is no longer there."""
        reading = self._ready.get(unit) or self._read(self._folder, unit, self.max_size, self.told.known(unit))
        if isinstance(reading, BrokenFile):
            if reading.rule == MISSING:
                self._settling.pop(unit, None)
                return False
            reading = replace(reading, stamp=reading.stamp or self._entries[unit])
        now, wall = self._clock.monotonic(), self._clock.time()
        stamp = reading.stamp
        outcome = judged(self._settling.pop(unit, None), reading, now, wall, self._looked.get(unit))
        self._tell(unit, outcome, wall)
        if not isinstance(outcome, Settling):
            self._late.discard(unit)
        if stamp is not None:
            self._looked[unit] = stamp
            fresh = isinstance(outcome, LoadedFile | ManyRuns) or not recheck
            if not isinstance(reading, BrokenFile) and fresh and wall - stamp.touched < SETTLED:
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
