"""A process beside this one, talked to over two pipes: it reads files, or mines.

A copy of this process is ready at once, while a new one first has to load everything. But only what runs in a single
thread can be copied safely: what other threads had locked would stay locked in the copy forever.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from core.live.beside import can_be_copied

Serve = Callable[[IO[bytes], IO[bytes]], None]
"""A function of a module that does the tasks of one pipe and answers on the other, until there are no more."""

_GIVES_WAY = 10
"""By how much a process that works in the background is nicer than this one."""

_AUTOGROUP = Path("/proc/self/autogroup")
"""Linux shares processors out by session, and by niceness only within one: what counts is how nice the session is."""

_CODE = """
import sys
from importlib import import_module
sys.path.insert(0, sys.argv[1])
if sys.argv[4:]:
    import_module(sys.argv[4]).give_way()
getattr(import_module(sys.argv[2]), sys.argv[3])(sys.stdin.buffer, sys.stdout.buffer)
"""


class Process(Protocol):
    """A process that does tasks."""

    tasks: IO[bytes]
    """Where it takes its tasks from."""
    answers: IO[bytes]
    """What it says."""

    def is_alive(self) -> bool:
        """Whether it still runs."""

    def end(self) -> None:
        """End it now, and the copies that it made of itself."""


def started(serve: Serve, *, gives_way: bool = False) -> Process:
    """A process that waits for tasks; `gives_way` is that of `New`, where it is one."""
    return Copy(serve) if can_be_copied() else New(serve, gives_way=gives_way)


def give_way() -> None:
    """Let other processes go first, where the system has a way to say so."""
    with suppress(AttributeError, OSError):
        os.nice(_GIVES_WAY)
        _AUTOGROUP.write_text(str(_GIVES_WAY), "ascii")


class New:
    """A process of its own."""

    def __init__(self, serve: Serve, *, gives_way: bool = False) -> None:
        """`gives_way` lets this process, and the screens that it draws, go first."""
        root = str(Path(__file__).resolve().parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, root, serve.__module__, serve.__name__, *[__name__] * gives_way],
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
        if self.is_alive():
            _end_all(self._process.pid)
        self._process.wait()
        _shut(self.tasks, self.answers)


class Copy:
    """A copy of this process."""

    def __init__(self, serve: Serve) -> None:
        theirs, mine = os.pipe()
        answers, theirs_too = os.pipe()
        self._status: int | None = None
        try:
            self._id = os.fork()
        except OSError:
            for end in (theirs, mine, answers, theirs_too):
                os.close(end)
            raise
        if not self._id:
            _be(serve, theirs, theirs_too)
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
            _end_all(self._id)
            _, self._status = os.waitpid(self._id, 0)
        _shut(self.tasks, self.answers)


def _shut(tasks: IO[bytes], answers: IO[bytes]) -> None:
    # What was not taken any more may still wait to be written.
    with suppress(OSError):
        tasks.close()
    answers.close()


def _end_all(leader: int) -> None:
    """End a process that leads a session, and those that it started; one that is not that far yet, alone."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except OSError:
        os.kill(leader, signal.SIGKILL)


def _be(serve: Serve, tasks: int, answers: int) -> None:
    """Be the copy: do tasks until there are no more, and end without anything that the original does at its end."""
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
        serve(os.fdopen(0, "rb"), os.fdopen(1, "wb"))
    finally:
        os._exit(0)
