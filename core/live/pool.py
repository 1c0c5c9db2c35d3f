"""Many files at once, read by processes beside this one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

import orjson

from core.columns.segment import DamagedError, from_bytes
from core.live.changes import FileReading
from core.live.filed import Filed, filed, together
from core.live.layered import Layered
from core.live.messages import receive, send
from core.live.process import Process, started
from core.live.worker import PROGRESS, REST, SEGMENT, broken_files, serve

TASK = 20_000
"""Most files of a task, which makes one segment: few large ones are quicker to go through than many."""

_TICK = 0.1


class Pool:
    """Processes that read files. For one thread, but for `close`."""

    def __init__(self, size: int | None = None) -> None:
        self.effects = ""
        """That of core.live.read.read_file."""
        self._size = size or max(1, os.cpu_count() or 1)
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()

    def read(
        self,
        folder: Path,
        units: Sequence[str],
        max_size: int,
        stopped: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> Mapping[str, FileReading]:
        """Readings by unit; units that need another way of reading, or that no process could read, are left out.

        `progress` is called with the files read so far. Ends early when `stopped` says so.
        """
        # As many tasks for each process, so that they get done together.
        rounds = max(1, -(-len(units) // (TASK * self._size)))
        size = max(1, -(-len(units) // (rounds * self._size)))
        tasks = [units[at : at + size] for at in range(0, len(units), size)]
        inbox: SimpleQueue[tuple[_Worker, bytes, bytes]] = SimpleQueue()
        made: list[Filed] = []
        broken: dict[str, FileReading] = {}
        reached: dict[_Worker, int] = {}
        finished = 0
        busy: set[_Worker] = set()
        for worker in self._started(min(self._size, len(tasks)), inbox):
            if tasks and worker.give(folder, tasks.pop(0), max_size, self.effects):
                busy.add(worker)
        while busy and not stopped():
            try:
                worker, letter, body = inbox.get(timeout=_TICK)
            except Empty:
                continue
            if letter == PROGRESS:
                reached[worker] = int.from_bytes(body, "little")
            elif letter == SEGMENT:
                made += _loaded(body)
            else:
                finished += len(worker.task)
                reached[worker] = 0
                if letter == REST:
                    broken.update((found.unit, found) for found in broken_files(orjson.loads(body)["broken"]))
                if letter != REST or not tasks or not worker.give(folder, tasks.pop(0), max_size, self.effects):
                    busy.discard(worker)
            progress(finished + sum(reached.values()))
        if busy:
            self.close()
        return Layered(together(made) if made else None, broken)

    def close(self) -> None:
        """End all processes, and the threads that listen to them; a later reading starts others."""
        with self._lock:
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()

    def _started(self, count: int, inbox: SimpleQueue[tuple[_Worker, bytes, bytes]]) -> list[_Worker]:
        with self._lock:
            self._workers = [worker for worker in self._workers if worker.is_alive]
            # All processes before the first thread: later they could not be copies any more.
            self._workers += map(_Worker, [*_processes(count - len(self._workers))])
            for worker in self._workers:
                worker.inbox = inbox
            return self._workers[:count]


def _processes(count: int) -> Iterator[Process]:
    """So many processes that read, or as many as can be started: what they do not read is left to who asks."""
    with suppress(OSError):  # no memory, or too many processes
        for _ in range(count):
            yield started(serve, gives_way=True)


class _Worker:
    """One process, and the thread that listens to it."""

    def __init__(self, process: Process) -> None:
        self.task: Sequence[str] = ()
        self.inbox: SimpleQueue[tuple[_Worker, bytes, bytes]] = SimpleQueue()
        self._process = process
        self._thread = threading.Thread(target=self._listen, name="assay-worker", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def give(self, folder: Path, units: Sequence[str], max_size: int, effects: str) -> bool:
        """Have some files read; whether there is somebody to do it."""
        self.task = units
        name = os.fsencode(folder).decode("utf-8", "surrogateescape")
        task = {"folder": name, "units": units, "max_size": max_size, "effects": effects}
        try:
            send(self._process.tasks, b"T", orjson.dumps(task))
        except (OSError, ValueError, TypeError):
            return False
        return True

    def _listen(self) -> None:
        try:
            while (message := receive(self._process.answers)) is not None:
                self.inbox.put((self, *message))
        except (OSError, ValueError):
            pass
        self.inbox.put((self, b"", b""))

    def end(self) -> None:
        self._process.end()
        self._thread.join()


def _loaded(data: bytes) -> list[Filed]:
    """The files of a segment that a process made a moment ago."""
    try:
        return [filed(from_bytes(data, sure=True))]
    except DamagedError:
        return []
