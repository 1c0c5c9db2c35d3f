"""A cluster that does everything at once, here: for tests of what is done, not of where."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any


def silent(*_: object) -> None:
    """Tells nobody."""


class Task:
    """Work that was done, kept as it would travel."""

    def __init__(self, made: Any) -> None:
        self._made = pickle.dumps(made)

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
        return Task(work(*map(_had, given)))

    def results(self, tasks: Sequence[Task], *_: object) -> list[Any]:
        return [task.result for task in tasks]

    def close(self) -> None:
        pass
