"""A clock that stands still, run files, and what a consumer of change sets ends up with."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from core.live.changes import ChangeSet, FileReading
from core.live.feed import Feed
from core.live.read import read_file
from core.live.watch import Batches

MAX = 1_000_000
DEADLINE = 30.0
"""Seconds after which a test that waits for something real gives up."""


class FakeClock:
    """Time that moves when told to; the wall clock starts at the real time, so that new files are young."""

    def __init__(self) -> None:
        self.now = 0.0
        self.start = time.time()

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.start + self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


class Consumer:
    """What the engine holds after it has taken in every change set."""

    def __init__(self) -> None:
        self.loaded: dict[str, str] = {}
        self.problems: dict[str, tuple[str, str]] = {}
        self.sets: list[ChangeSet] = []

    def take(self, changes: ChangeSet | None) -> ChangeSet | None:
        if changes is None:
            return None
        assert changes, "an empty change set says nothing"
        units = [*changes.loaded, *changes.problems, *changes.gone]
        assert len(units) == len(set(units)), "a unit is in one part only"
        self.sets.append(changes)
        for unit in changes.touched:
            self.loaded.pop(unit, None)
            self.problems.pop(unit, None)
        self.loaded |= {unit: file.sha256 for unit, file in changes.loaded.items()}
        self.problems |= {unit: (p.state, p.rule) for unit, p in changes.problems.items()}
        return changes

    def drain(self, feed: Feed) -> None:
        """Take everything that there is without waiting."""
        while self.take(feed.poll(0)):
            pass

    def wait(self, feed: Feed, until: Callable[[], bool]) -> None:
        """Poll, by the real clock, until something holds."""
        end = time.monotonic() + DEADLINE
        while not until():
            assert time.monotonic() < end, (self.loaded, self.problems, feed.watching, feed.trouble)
            self.take(feed.poll(0.1))


class FakeEvents:
    """A source of events that tells what the test says, and shows when it has been listened to."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Iterable[str] | Exception | None] = SimpleQueue()
        self.armed = threading.Semaphore(0)
        self.heard = threading.Semaphore(0)

    def __call__(self, folder: Path, stop: threading.Event) -> Batches:
        yield []
        self.armed.release()  # the first batch has been dealt with
        while not stop.is_set():
            if self.queue.empty():
                stop.wait(0.001)
                yield []
                continue
            batch = self.queue.get()
            if isinstance(batch, Exception):
                raise batch
            if batch is None:
                return
            yield batch
            self.heard.release()

    def tell(self, *paths: Path) -> None:
        """Say that some paths changed; returns when the watcher has heard it."""
        self.queue.put([str(path) for path in paths])
        assert self.heard.acquire(timeout=DEADLINE)

    def wait_armed(self) -> None:
        assert self.armed.acquire(timeout=DEADLINE)


def run_text(name: str = "step", pad: int = 0) -> str:
    """The text of a small run."""
    return json.dumps({"id": name, "actions": [{"kind": "tool_call", "name": name}], "metadata": {"pad": "x" * pad}})


def write(path: Path, text: str | bytes | None = None, age: float = 0.0) -> Path:
    """Write a file whose last change is `age` seconds ago, folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = run_text(path.stem) if text is None else text
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    if age:
        os.utime(path, (time.time() - age,) * 2)
    return path


class Bench:
    """A feed on a folder, its clock, and all that it told."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.reads: list[str] = []
        self.progress: list[tuple[int, int]] = []
        self.feed = Feed(
            folder,
            MAX,
            clock=self.clock,
            read=self._read,
            progress=lambda done, total: self.progress.append((done, total)),
            **options,
        )
        self.got = Consumer()

    def _read(self, folder: Path, unit: str, max_size: int, known: str) -> FileReading:
        self.reads.append(unit)
        return read_file(folder, unit, max_size, known)

    def drain(self) -> None:
        self.got.drain(self.feed)

    def hint(self, *units: str) -> None:
        self.feed.hint(*units)
        self.drain()

    def after(self, seconds: float) -> None:
        """Let time pass in small steps, taking everything on the way."""
        for _ in range(round(seconds * 10)):
            self.clock.forward(0.1)
            self.drain()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, "it does not happen"
        threading.Event().wait(0.001)
