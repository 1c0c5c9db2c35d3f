"""A process beside this one that reads files, talked to over two pipes.

A copy of this process is ready at once, while a new one first has to load everything. But only what runs in a single
thread can be copied safely: what other threads had locked would stay locked in the copy forever.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from core.live import worker
from core.live.beside import can_be_copied

_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from core.live.worker import main; main()"


class Process(Protocol):
    """A process that reads files."""

    tasks: IO[bytes]
    """Where it takes its tasks from."""
    answers: IO[bytes]
    """What it says."""

    def is_alive(self) -> bool:
        """Whether it still runs."""

    def end(self) -> None:
        """End it now."""


def started() -> Process:
    """A process that waits for tasks."""
    return Copy() if can_be_copied() else New()


class New:
    """A process of its own."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl+C is for the program in front, which ends this one
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.tasks: IO[bytes] = self._process.stdin
        self.answers: IO[bytes] = self._process.stdout

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it now."""
        self._process.kill()
        self._process.wait()
        self.tasks.close()
        self.answers.close()


class Copy:
    """A copy of this process."""

    def __init__(self) -> None:
        theirs, mine = os.pipe()
        answers, theirs_too = os.pipe()
        self._status: int | None = None
        self._id = os.fork()
        if not self._id:
            _serve(theirs, theirs_too)
        os.close(theirs)
        os.close(theirs_too)
        self.tasks: IO[bytes] = os.fdopen(mine, "wb")
        self.answers: IO[bytes] = os.fdopen(answers, "rb")

    def is_alive(self) -> bool:
        """Whether it still runs."""
        if self._status is None:
            ended, status = os.waitpid(self._id, os.WNOHANG)
            if ended:
                self._status = status
        return self._status is None

    def end(self) -> None:
        """End it now."""
        if self.is_alive():
            os.kill(self._id, signal.SIGKILL)
            _, self._status = os.waitpid(self._id, 0)
        # What was not taken any more may still wait to be written.
        with suppress(OSError):
            self.tasks.close()
        self.answers.close()


def _serve(tasks: int, answers: int) -> None:
    """Be the copy: read tasks until there are no more, and end without anything that the original does at its end."""
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for given, wanted in ((tasks, 0), (answers, 1), (nowhere, 2)):
            os.dup2(given, wanted)
        # Whoever holds a pipe of another one keeps it waiting when this program ends.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        gc.freeze()
        worker.serve(os.fdopen(0, "rb"), os.fdopen(1, "wb"))
    finally:
        os._exit(0)
