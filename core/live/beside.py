"""Pure work on several things at once, by copies of this process beside it.

A copy knows everything that this process knows, so that nothing has to be handed to it but what to do. Copies are only
made of a process with one thread: a lock that another thread holds would be held in the copy for ever. So they are for
commands; with screens, which have threads, everything is done here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import IO, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_THREADS = "/proc/self/task"

_PARTS = 24
"""Into how many parts many items are put: enough that all get done at about the same time."""


_LOOK = 0.5
"""Seconds from one look at who is gone to the next."""

_is_copy = False
"""Whether this process is a copy itself; those make no others."""


def can_be_copied() -> bool:
    """Whether this process runs in a single thread, those of libraries counted, on a system that tells so."""
    try:
        return sys.platform == "linux" and len(os.listdir(_THREADS)) == 1  # noqa: PTH208 - names do
    except OSError:
        return False


def end_when(is_gone: Callable[[], bool]) -> None:
    """End this process soon after whom it works for is gone, in the midst of whatever it does.

    Who is killed, as where memory is short, ends nobody; and what is worked on may take minutes and gigabytes.
    """

    def look(*_: object) -> None:
        if is_gone():
            os._exit(1)

    signal.signal(signal.SIGALRM, look)  # by a signal and not by a thread, for only one thread can be copied
    signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)


def copies() -> int:
    """How many copies of this process are of use."""
    return 0 if _is_copy or not can_be_copied() else len(os.sched_getaffinity(0)) - 1


def each(
    work: Callable[[Item], Result], lean: Callable[[Result], Result], items: Sequence[Item], count: int
) -> list[Result]:
    """What a pure function makes of each item, in their order, worked on by this process and so many copies of it.

    `lean` is what of a result is sent by a copy. Each takes one item after the other as it gets done with the one
    before. What a copy does not get done is done here, so that an error in it is raised here as well.
    """
    tasks, give = os.pipe()
    os.write(give, bytes(range(len(items))))
    os.close(give)
    gc.freeze()  # what is not looked at for garbage is not written to, and stays common to all
    children: dict[int, IO[bytes]] = {}
    try:
        for _ in range(min(count, len(items) - 1)):
            with ExitStack() as undone:
                try:
                    letters: IO[bytes] = undone.enter_context(tempfile.TemporaryFile())
                    child = os.fork()
                except OSError:  # no memory, too many processes, no place for files: there is still this one
                    break
                undone.pop_all()
            if child == 0:
                _copy(work, lean, items, tasks, letters)
            children[child] = letters
        made = {index: work(items[index]) for index in _taken(tasks)}
        for child in list(children):
            _, status = os.waitpid(child, 0)
            with children.pop(child) as letters:
                made |= _received(letters) if status == 0 else {}
    finally:
        os.close(tasks)
        for child, letters in children.items():
            with letters, suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
    return [made[index] if index in made else work(item) for index, item in enumerate(items)]


def in_parts(work: Callable[[Item], Result], items: Sequence[Item], count: int) -> list[Result]:
    """The same of many small items, of which each takes a part at a time."""
    parts = [items[start::_PARTS] for start in range(_PARTS)]
    found = each(lambda part: [work(item) for item in part], lambda made: made, parts, count)
    return [found[index % _PARTS][index // _PARTS] for index in range(len(items))]


def _taken(tasks: int) -> Iterator[int]:
    """The indexes of the items that fall to this process, one at a time."""
    while token := os.read(tasks, 1):
        yield token[0]


def _copy(
    work: Callable[[Item], Result], lean: Callable[[Result], Result], items: Sequence[Item], tasks: int, to: IO[bytes]
) -> None:
    """What a copy does: it never returns, and Ctrl+C ends it at once."""
    global _is_copy
    status, _is_copy = 1, True
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        parent = os.getppid()
        end_when(lambda: os.getppid() != parent)
        made = {index: lean(work(items[index])) for index in _taken(tasks)}
        pickle.dump(made, to, pickle.HIGHEST_PROTOCOL)
        to.flush()
        status = 0
    finally:
        os._exit(status)


def _received(letters: IO[bytes]) -> dict[int, Result]:
    letters.seek(0)
    made: dict[int, Result] = pickle.load(letters)  # noqa: S301 - this process's own copy wrote it
    return made
