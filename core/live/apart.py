"""Generalised mining in a process of its own, where there is much to mine and somebody watches (core.live.miner)."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, cast

from core.columns.again import VanishedError
from core.live.messages import receive, send
from core.live.miner import GONE, MADE, MINE, Task, serve
from core.live.partition import Cohort
from core.live.process import Process, started
from core.live.proposing import Ground, Proposed
from core.live.whole import Source


class Apart:
    """A process that mines. For one thread, but for `close`."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._closed = False
        self._lock = Lock()
        self._settled = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing is mined any more."""
        return self._closed

    @property
    def is_begun(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def begin(self) -> None:
        """Start it, if it is not there yet."""
        with self._lock:
            if not self._closed and self._process is None:
                with suppress(OSError):
                    self._process = started(serve)

    def proposals(self, grounds: Sequence[Ground], cohorts: frozenset[Cohort], source: Source) -> list[Proposed] | None:
        """The candidates of some cohorts; None when there is no such process, or no more. Raises VanishedError.

        `cohorts` are all that there are.
        """
        found = self._answer(Task(source, [ground.alone() for ground in grounds], cohorts))
        if found is None:
            return None
        if not self._settled:  # what was read until now stays, and is not to be gone through again and again
            self._settled = True
            gc.freeze()
        return [Proposed(pickle.loads(candidates)) for candidates in found]  # noqa: S301 - made by what was started here

    def close(self) -> None:
        """End it."""
        with self._lock:
            process, self._process, self._closed = self._process, None, True
        if process is not None:
            process.end()

    def _answer(self, task: Task) -> list[bytes] | None:
        """The candidates of each cohort of a task, pickled; None when nobody answers. Raises VanishedError."""
        if (process := self._process) is None:
            return None
        letter, found = b"", cast("Any", None)
        with suppress(OSError, ValueError):
            send(process.tasks, MINE, pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
            if (answer := receive(process.answers)) is not None:
                letter, found = answer[0], pickle.loads(answer[1])  # noqa: S301 - what was started here wrote it
        if letter == GONE:
            raise VanishedError(*found)
        return found if letter == MADE else None
