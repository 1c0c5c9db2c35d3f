"""Generalised mining in a process of its own, where there is much to mine and somebody watches (core.live.miner)."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from core.live.changes import LoadedFile
from core.live.messages import receive, send
from core.live.miner import AHEAD, HAVE, LACK, MADE, MINE, Asked, Named, Source, Task, serve
from core.live.process import Process, started
from core.live.proposing import Ground, Proposed
from core.model.trace import Trace

if TYPE_CHECKING:  # the engine is what asks this to mine
    from core.live.engine import State


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

    def begin(self, source: Source) -> None:
        """Start it, if it is not there yet, and have it read a folder while others do."""
        with self._lock:
            if self._closed or self._process is not None:
                return
            with suppress(OSError):
                self._process = started(serve)
        self._say(AHEAD, source)

    def proposals(self, state: State, grounds: Sequence[Ground], source: Source) -> list[Proposed] | None:
        """The candidates of some cohorts; None when there is no such process, or no more."""
        if self._process is None:
            return None
        asked = tuple(_asked(state, ground) for ground in grounds)
        found = self._done(Task(source, asked, frozenset(state.parts.cohorts)), state.files)
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

    def _done(self, task: Task, files: Mapping[str, LoadedFile]) -> list[bytes] | None:
        """The candidates of each cohort of a task, pickled; None when nobody answers."""
        letter, found = self._answer(MINE, task)
        if letter == LACK:
            letter, found = self._answer(HAVE, [files[unit] for unit in found])
        return found if letter == MADE else None

    def _answer(self, letter: bytes, body: object) -> tuple[bytes, Any]:
        """The letter and the body of what is answered; an empty letter when nothing is."""
        process = self._process
        if process is not None and self._say(letter, body):
            with suppress(OSError, ValueError):
                if (answer := receive(process.answers)) is not None:
                    return answer[0], pickle.loads(answer[1])  # noqa: S301 - the process that was started here wrote it
        return b"", None

    def _say(self, letter: bytes, body: object) -> bool:
        """Whether something could be said."""
        process = self._process
        with suppress(OSError, ValueError):
            if process is not None:
                send(process.tasks, letter, pickle.dumps(body, pickle.HIGHEST_PROTOCOL))
                return True
        return False


def _asked(state: State, ground: Ground) -> Asked:
    """What is said of a cohort: its runs by their names."""

    def named(traces: Sequence[Trace]) -> Named:
        units = [state.parts.runs[trace.id].unit for trace in traces]
        return tuple((unit, state.files[unit].sha256) for unit in units)

    alone = replace(ground, members=(), shadow=(), folds={}, worked=None)
    return Asked(alone, named(ground.members), named(ground.shadow))
