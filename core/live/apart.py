"""Generalised mining in a process of its own, where there is much to mine and somebody watches (core.live.miner)."""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

from core.columns.again import VanishedError
from core.live.messages import receive, send
from core.live.miner import GONE, MADE, MINE, Task, serve
from core.live.partition import Cohort
from core.live.process import Process, started
from core.live.proposing import Ground, Proposed
from core.live.whole import Source

IDLE = 120.0
"""Seconds after which it is let go of: to read the runs again takes less than their memory is worth."""


class Apart:
    """A process that mines. For one thread, but for `close`."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._closed = False
        self._lock = Lock()
        self._settled = False
        self._asking: Thread | None = None
        self._asked_at = 0.0
        self._answer: tuple[bytes, Any] = b"", None

    @property
    def is_closed(self) -> bool:
        """Whether nothing is mined any more."""
        return self._closed

    @property
    def is_begun(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    @property
    def is_busy(self) -> bool:
        """Whether it mines, or nobody has taken what it found."""
        return self._asking is not None

    @property
    def is_done(self) -> bool:
        """Whether nobody has to wait who takes what it found."""
        return self._asking is None or not self._asking.is_alive()

    def begin(self) -> None:
        """Start it, if it is not there yet."""
        with self._lock:
            if not self._closed and self._process is None:
                with suppress(OSError):
                    self._process = started(serve, gives_way=True)

    def ask(
        self,
        grounds: Sequence[Ground],
        cohorts: frozenset[Cohort],
        source: Source,
        *,
        shared: bool | None = None,
        holds: bool = True,
    ) -> None:
        """Have some cohorts mined; `cohorts` are all that there are. What an earlier question found is let go of.

        `shared` and `holds` are those of core.live.miner.Task; a process that holds nothing ends with its answer.
        """
        self._wait()
        self._asked_at = time.monotonic()
        task = Task(source, [ground.alone() for ground in grounds], cohorts, shared, holds)
        self._asking = Thread(target=self._listen, args=[self._process, task], name="assay-mining", daemon=True)
        self._asking.start()

    def taken(self) -> list[Proposed] | None:
        """The candidates of the cohorts that were asked for; None when there is no such process, or no more.

        Waits for them. Raises VanishedError.
        """
        letter, found = self._wait()
        if letter == GONE:
            raise VanishedError(*found)
        if letter != MADE:
            return None
        if not self._settled:  # what was read until now stays, and is not to be gone through again and again
            self._settled = True
            gc.freeze()
        return [Proposed(pickle.loads(candidates)) for candidates in found]  # noqa: S301 - made by what was started here

    def _wait(self) -> tuple[bytes, Any]:
        """What was answered; an empty letter when nothing was."""
        if self._asking is not None:
            self._asking.join()
        answer = self._answer
        self._asking, self._answer = None, (b"", None)
        return answer

    def _listen(self, process: Process | None, task: Task) -> None:
        with suppress(OSError, ValueError):
            if process is not None:
                send(process.tasks, MINE, pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
                if (answer := receive(process.answers)) is not None:
                    self._answer = answer[0], pickle.loads(answer[1])  # noqa: S301 - what was started here wrote it
                    if not task.holds:
                        self._let_go(process)

    def _let_go(self, process: Process) -> None:
        """End a process, where nobody else does."""
        with self._lock:
            if self._process is not process:
                return
            self._process = None
        process.end()

    def rest(self) -> None:
        """End it when nobody asked for long, for it holds many runs; it is begun again when it is needed."""
        process = self._process
        if process is not None and not self.is_busy and time.monotonic() - self._asked_at >= IDLE:
            self._let_go(process)

    def close(self) -> None:
        """End it."""
        with self._lock:
            process, self._process, self._closed = self._process, None, True
        if process is not None:
            process.end()
