"""Watching the traces folder: a thread that says *where to look*, never what is there.

Events can be lost, late or absent (network mounts, inotify limits, a folder removed and made again), so the scan is
the truth and the watcher only tells when to scan (design: watching; lessons 11 and 12).
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import watchfiles

from core.live.hints import HintBox
from core.live.links import holds_link, leads_to_folder
from core.live.mounts import silent_mount
from core.live.names import unit_of
from core.model.errors import reason_of

Batches: TypeAlias = Iterator[Iterable[str]]
"""Sets of changed paths; an empty one now and then while nothing changes."""

Source: TypeAlias = Callable[[Path, threading.Event], Batches]
"""Starts to watch a folder and yields until the event is set. Raises OSError or RuntimeError when it cannot."""

RETRY = 60.0
"""Seconds after which events are tried again where they failed."""

_TICK = 0.25
_FAILURES = 5
_LINKED = "it would follow the links to folders among the runs"


@dataclass(frozen=True, slots=True)
class Watching:
    """How changes are noticed at present."""

    mode: Literal["events", "polling", "off"] = "off"
    reason: str = ""
    """Why it is not events."""


def native_events(folder: Path, stop: threading.Event) -> Batches:
    """The system's own events (inotify, FSEvents), gathered for 5 to 100 ms, until the folder itself is removed.

    A folder that is made again at once may have the same inode, and nothing tells of what goes on in that one. Links
    to folders are followed: what they lead to is watched as well, however much that is, files below them may be named
    by the link and not by their own path, and when such a link is removed nothing is told of these any more. So where
    there is one, or one comes, there are no events. Raises OSError then.
    """
    given = str(folder)  # which may be a link itself: somebody chose to look where it leads
    if holds_link(given):
        raise OSError(errno.ELOOP, _LINKED)
    watched = watchfiles.watch(
        folder,
        watch_filter=None,
        debounce=100,
        step=5,  # with 3 or 1 the process would hardly rest
        stop_event=stop,
        rust_timeout=50,
        yield_on_timeout=True,
        raise_interrupt=False,
        force_polling=False,
        ignore_permission_denied=True,
    )
    for number, changes in enumerate(watched):
        paths = [path for _, path in changes]
        began = number == 0  # a link may have come after the look and before the first event
        if (began and holds_link(given)) or any(leads_to_folder(path) for path in paths if path != given):
            raise OSError(errno.ELOOP, _LINKED)
        yield paths
        if (watchfiles.Change.deleted, given) in changes:
            return


class Watcher:
    """A thread that puts hints about one folder into a box, through everything that may befall the folder."""

    def __init__(
        self,
        folder: Path,
        hints: HintBox,
        *,
        polling: bool = False,
        source: Source = native_events,
        on_watching: Callable[[Watching], None] = lambda _: None,
    ) -> None:
        """`polling` does without events; `on_watching` is called from the thread when the way of watching changes."""
        self._folder = folder
        self._hints = hints
        self._source = source
        self._on_watching = on_watching
        self.begun = threading.Event()
        """Set once it is known whether events come."""
        self._stop = threading.Event()
        self._leave_events = threading.Event()
        self._distrust = "polling was asked for" if polling else ""
        self._watching = Watching("polling", self._distrust) if polling else Watching()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    @property
    def watching(self) -> Watching:
        """How changes are noticed at present."""
        return self._watching

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """End; returns when the thread has ended, after `timeout` seconds at the latest. May be called twice."""
        self._stop.set()
        self._leave_events.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        self._say(Watching())

    def distrust(self, reason: str) -> None:
        """Do without events from now on, because they were found not to come."""
        self._distrust = reason
        self._leave_events.set()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            if self._distrust:
                self._poll(self._distrust, None)
            elif kind := silent_mount(self._folder):
                self._poll(f"changes on a file system of kind {kind} are not announced", RETRY)
            else:
                failures = self._watch(failures)

    def _watch(self, failures: int) -> int:
        """Watch by events until the folder is another one or events fail; returns the failures in a row."""
        identity = _identity(self._folder)
        if identity is None:
            self.begun.set()
            self._stop.wait(_TICK)  # the feed looks for a missing folder by itself
            return failures
        root = os.path.realpath(self._folder)  # events name files so on macOS
        try:
            for batch in self._source(Path(root), self._leave_events):
                if self._watching.mode != "events":
                    # Only now events are sure to come, so whatever changed before has to be looked for.
                    self._say(Watching("events"))
                    self._hints.put_everything()
                if paths := list(batch):
                    failures = 0
                    self._tell(root, paths)
                if self._leave_events.is_set() or _identity(self._folder) != identity:
                    break
        except FileNotFoundError:
            self._stop.wait(_TICK)
        except OSError as error:
            self._poll(f"the system gives no events: {_why(error)}", RETRY)
            return 0
        except Exception as error:  # noqa: BLE001 - a name that is not UTF-8 ends the events of watchfiles 1.1 like this
            failures += 1
            if failures >= _FAILURES:
                self._poll(f"events keep failing: {_why(error)}", RETRY)
                return 0
            self._stop.wait(_TICK)
        self._rearm()
        return failures

    def _rearm(self) -> None:
        """Have everything looked at now, and again once events come."""
        if not self._stop.is_set():
            self._say(Watching("off", "watching begins anew"))
            self._hints.put_everything()

    def _poll(self, reason: str, seconds: float | None) -> None:
        """Leave it to the feed's scans for some seconds, or for ever."""
        if self._say(Watching("polling", reason)):
            self._hints.put_everything()
        self._stop.wait(seconds)
        if seconds is not None and not self._stop.is_set():
            self._leave_events.clear()

    def _tell(self, root: str, paths: Sequence[str]) -> None:
        prefix = root.rstrip("/") + "/"
        units = [unit_of(path.removeprefix(prefix)) for path in paths if path.startswith(prefix)]
        if len(units) == len(paths):
            self._hints.put(units)
        else:  # the folder itself, or something that cannot be placed
            self._hints.put_everything()

    def _say(self, watching: Watching) -> bool:
        """Tell how changes are noticed; whether that is news."""
        if watching == self._watching:
            return False
        self._watching = watching
        self.begun.set()
        self._on_watching(watching)
        return True


def _identity(folder: Path) -> tuple[int, int] | None:
    """Device and inode of the folder, None when it is not there."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _why(error: Exception) -> str:
    return reason_of(error) if isinstance(error, OSError) else str(error).lower()
