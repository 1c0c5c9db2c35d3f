"""The traces folder as a stream of change sets: watcher, scan, reading and settling put together.

A feed never waits for one file before it tells of the others, and whatever happened in between, what it has told adds
up to what `read_all` says of the folder's final content (spec/review.md, Pipeline in the background).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.live.changes import BrokenFile, ChangeSet, FileReading, LoadedFile, ManyRuns, Stamp
from core.live.clock import SYSTEM_CLOCK, Clock
from core.live.hints import HintBox, Hints
from core.live.intake import STEP, FileReader, Intake, Many, Progress
from core.live.layered import Layered, layered
from core.live.looking import Looking
from core.live.names import file_of
from core.live.read import MISSING, read_file
from core.live.rescan import ABSENT, GRACE, links, next_look, topmost, unannounced, wants_everything, with_links
from core.live.scan import Difference, Scan, scan, updated
from core.live.told import Told
from core.live.watch import Source, Watcher, Watching, native_events
from core.model.errors import InputError

if TYPE_CHECKING:
    from core.live.filed import Filed

CHUNK = 100_000
"""Most files of one change set."""

BEGIN = 0.3
"""Seconds for which the first look waits for events, so that it need not be made once more when they come."""


def read_all(
    folder: Path,
    max_size: int,
    progress: Progress | None = None,
    clock: Clock = SYSTEM_CLOCK,
    read: FileReader = read_file,
    many: Many | None = None,
    look: Looking | None = None,
) -> ChangeSet:
    """Everything in a traces folder at this moment; nothing is waited for, an unfinished file is a broken one.

    `max_size` is in bytes. Raises InputError when the folder is missing, no folder, or unreadable.
    """
    found = (look and look()) or scan(folder)
    if found.state != "present":
        raise InputError(found.trouble)
    told, total = Told(), len(found.entries)
    ready: Layered[FileReading] = Layered()
    problems = found.problems
    if many is not None:
        stamps = cast("Mapping[str, Stamp]", found.entries)
        units = [unit for unit in stamps if unit not in problems]
        ready = layered(many(folder, units, stamps, max_size, lambda: False, lambda _: None))
    if ready.table.units:
        told.load_filed(cast("Filed", ready.table))
    filed = ready.table.index
    left = [unit for unit in found.entries if unit not in filed] if len(filed) < total else ()
    for done, unit in enumerate(left, total - len(left) + 1):
        reading = problems.get(unit) or ready.get(unit) or read(folder, unit, max_size, "")
        if isinstance(reading, LoadedFile):
            told.load(reading)
        elif isinstance(reading, ManyRuns):
            told.load_many(reading, clock.time())
        elif isinstance(reading, BrokenFile) and reading.rule != MISSING:
            told.trouble(reading, "quarantined", clock.time())
        if progress and (done % STEP == 0 or done == total):
            progress(done, total)
    return told.take()


class Feed:
    """A traces folder under watch. One thread polls it; everything else may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        max_size: int,
        *,
        clock: Clock = SYSTEM_CLOCK,
        polling: bool = False,
        source: Source = native_events,
        read: FileReader = read_file,
        many: Many | None = None,
        progress: Progress | None = None,
        chunk: int = CHUNK,
        look: Looking | None = None,
    ) -> None:
        """`max_size` is in bytes; `polling` does without the system's events; `chunk` limits one change set."""
        self._folder = folder
        self._wanted_size = max_size
        self._clock = clock
        self._chunk = chunk
        self._hints = HintBox()
        self._watcher = Watcher(folder, self._hints, polling=polling, source=source)
        self._intake = Intake(folder, max_size, clock, read, progress, many)
        self._everything = look or Looking(folder)
        self._scan, self._links = Scan(folder), frozenset[str]()
        self.away = ""
        """Why nobody could look into the folder the last time; empty when somebody could."""
        self._absent_since: float | None = None
        self._scanned_at, self._took = -math.inf, 0.0
        self._began_at = self._heard_at = -math.inf
        self._since: set[str] | None = None
        """What was hinted at since a look at everything began that is still under way; None when none is."""
        self._missed = 0
        self._started = self._closed = False
        self._anew: Callable[[], None] | None = None

    @property
    def watching(self) -> Watching:
        """Whether events or polling tell of changes, and why."""
        return self._watcher.watching

    @property
    def trouble(self) -> str:
        """Why the folder cannot be read or how watching is degraded; empty when all is well."""
        watching = self.watching
        return self.away or (watching.reason if watching.mode == "polling" else "")

    @property
    def pending(self) -> frozenset[str]:
        """Units that changed, or are said to have, and are not told yet; settling ones are not among them."""
        return self._hints.peek().units.union(self._intake.todo)

    @property
    def waiting(self) -> int:
        """About how many units are pending."""
        return len(self._hints.peek().units) + self._intake.waiting

    def doubt(self, units: Iterable[str]) -> None:
        """Have some units told again as they are on disk, whatever was told of them. For the thread that polls."""
        for unit in units:
            file = file_of(unit)
            for told in {unit, file}:  # a file that holds several runs is known as a whole
                self._intake.told.good.pop(told, None)
            self._intake.look_again(file)

    def start(self) -> None:
        """Begin to watch. Without it the feed looks at the whole folder again and again."""
        self._started = True
        if not self._everything.is_large:
            self._watcher.start()

    def close(self) -> None:
        """Stop watching and end a poll that is under way; returns quickly, and may be called twice."""
        self._closed = True
        self._hints.close()
        self._everything.close()
        self._watcher.stop()

    def hint(self, *units: str) -> None:
        """Have some units looked at now, or everything when none is named."""
        if units:
            self._hints.put(units)
        else:
            self._hints.put_everything()

    def limit(self, max_size: int) -> None:
        """Read files of at most so many bytes from now on; those that this concerns are read anew."""
        if max_size != self._wanted_size:
            self._wanted_size = max_size
            self._hints.put_everything()

    def anew(self, before: Callable[[], None]) -> None:
        """Have everything decoded once more; `before` is called first, by the thread that polls."""
        self._anew = before
        self._hints.put_everything()

    @property
    def is_behind(self) -> bool:
        """Whether something of that is not done yet; for the thread that polls, between polls."""
        return self._anew is not None or self._intake.is_behind

    def poll(self, timeout: float = 0.0) -> ChangeSet | None:
        """What changed since the last change set; None when nothing does within `timeout` seconds, or on close.

        After an error the next poll looks at everything, so that nothing is lost with it.
        """
        try:
            return self._poll(timeout)
        except BaseException:
            self._hints.put_everything()
            raise

    def _poll(self, timeout: float) -> ChangeSet | None:
        until = self._clock.monotonic() + timeout
        if self._started and self._scanned_at == -math.inf:
            self._begin_to_watch()
        while not self._closed:
            self._look(self._hints.take(self._due(until) - self._clock.monotonic()))
            gone = self._intake.work(self._chunk, lambda: self._closed)
            if gone:  # a look that finds nothing: the next one compares with that
                self._take_in([Scan(self._folder, below=unit) for unit in gone])
                self._hints.put(gone)
            more = bool(self._intake.todo)
            if changes := self._intake.told.take(more=more):
                return changes
            if not more and self._clock.monotonic() >= until:
                return None
        return None

    def _begin_to_watch(self) -> None:
        """Have the first look made when events come already; of a large folder before that, and once more then.

        To begin takes as long as a look there, and somebody waits for the first rows.
        """
        if self._everything.is_large:
            self._look(Hints())
            self._watcher.start()
        else:
            self._watcher.begun.wait(BEGIN)

    def _due(self, until: float) -> float:
        """When the next thing has to be done, at the latest at `until`."""
        work = self._intake.due()
        return min(until, self._rescan_due(), until if work is None else work)

    def _rescan_due(self) -> float:
        if self._since is not None:
            return math.inf
        if self._absent_since is not None:
            return self._scanned_at + ABSENT
        return next_look(self.watching.mode, self._took, self._scanned_at, self._heard_at)

    def _look(self, hints: Hints) -> None:
        """Look where something may have changed, or everywhere when it is time to."""
        self._intake.limit(self._wanted_size)
        if self._anew is not None:
            before, self._anew = self._anew, None
            before()
            self._intake.anew()
        if self._since is not None:
            self._since |= hints.units
        now = self._clock.monotonic()
        if hints:
            self._heard_at = now
        if self._absent_since is not None or wants_everything(hints, self._scan.folders):
            self._everything.drop()
            self._since, self._began_at = None, now
            self._look_everywhere(hints)
        elif self._since is not None and self._everything.is_done:
            self._look_everywhere(hints)
        elif now >= self._rescan_due():
            self._began_at = now
            if not self._everything.is_large or self._scanned_at == -math.inf:
                self._look_everywhere(hints)
                return
            # It takes a second, for which no change is to wait.
            self._everything.begin()
            self._since = set(hints.units)
            self._look_at(hints)
        else:
            self._look_at(hints)

    def _look_at(self, hints: Hints) -> None:
        """Look where something is said to have changed."""
        if hints:
            self._absorb([scan(self._folder, unit) for unit in topmost(with_links(hints.units, self._links))])

    def _look_everywhere(self, hints: Hints) -> None:
        """Look at everything, and at what changed since that look began once more: it may have been there before."""
        since, self._since = self._since, None
        if (seen := self._everything()) is None:
            return
        self._scanned_at = self._clock.monotonic()
        self._took = self._scanned_at - self._began_at
        if since and not seen.trouble:
            seen, _ = updated(seen, [scan(self._folder, unit) for unit in topmost(since)])
        changes = self._absorb([seen])
        self._intake.retry_unreadable()
        if not hints and not since and self.watching.mode == "events":
            self._doubt(unannounced(self._scan, changes, self._clock.time()))

    def _absorb(self, parts: Sequence[Scan]) -> Difference:
        """Take in newer looks; a folder that is away only for a moment keeps its runs."""
        self.away = next((part.trouble for part in parts if part.trouble), "")
        now = self._clock.monotonic()
        if not self.away:
            self._absent_since = None
        elif self._absent_since is None:
            self._absent_since = now
        if self.away and self._scan.entries and now < (self._absent_since or now) + GRACE:
            return Difference()
        return self._take_in(parts)

    def _take_in(self, parts: Sequence[Scan]) -> Difference:
        self._scan, changes = updated(self._scan, parts)
        self._links = links(parts, self._links)
        self._intake.absorb(self._scan, changes)
        return changes

    def _doubt(self, missed: bool) -> None:
        """Give up events after two looks in a row that found what no event had told of."""
        self._missed = self._missed + 1 if missed else 0
        if self._missed >= 2:
            self._watcher.distrust("changes come without events")
