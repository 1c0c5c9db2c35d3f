"""Clusters that do everything at once, here: for tests of what is done, not of where."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Sequence
from typing import Any


def silent(*_: object) -> None:
    """Tells nobody."""


class Task:
    """Work that was done, kept as it would travel."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._made = pickle.dumps(work())

    @property
    def result(self) -> Any:
        return pickle.loads(self._made)  # noqa: S301 - our own


def _had(given: Any) -> Any:
    if isinstance(given, Task):
        return given.result
    return [_had(one) for one in given] if isinstance(given, list) else given


class Serial:
    """Does work where it stands."""

    threads = 2

    def submit(self, work: Callable[..., Any], *given: Any, weight: int = 1) -> Task:
        return Task(lambda: work(*map(_had, given)))

    def results(self, tasks: Sequence[Task], *_: object) -> list[Any]:
        return [task.result for task in tasks]

    def close(self) -> None:
        pass


class Forgetful(Serial):
    """Loses what was made, as a worker that dies does, and makes it again; one look in fifty finds nothing."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.lost = 0

    def submit(self, work: Callable[..., Any], *given: Any, weight: int = 1) -> Task:
        return Lost(self, lambda: work(*map(_had, given)))


class Lost(Task):
    """Work whose result may be gone when it is looked at."""

    def __init__(self, where: Forgetful, work: Callable[[], Any]) -> None:
        super().__init__(work)
        self._where, self._work = where, work

    @property
    def result(self) -> Any:
        if self._where.chance.random() < 0.02:
            self._where.lost += 1
            self._made = pickle.dumps(self._work())
        return super().result
