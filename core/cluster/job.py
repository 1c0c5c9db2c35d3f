"""Work on a cluster, part by part: given out, put together and taken back so that nobody holds all of it."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.cluster.running import Cluster, Progress

FAN = 16
"""How many results one task puts together."""

AHEAD = 2
"""Parts for each thread that are worked on before they are taken."""

Tasks = Sequence[Any]
"""Work that was given out; what comes of it stays on the workers."""


def _nobody(*_: object) -> None:
    """Is told of steps that are too small to be shown."""


class Job:
    """Work on a cluster that tells how far it is."""

    def __init__(self, cluster: Cluster, progress: Progress) -> None:
        self.cluster, self._progress = cluster, progress

    def told(self, what: str) -> None:
        """Tell what is done here, in one step."""
        self._progress(what, "steps", 0, 1)

    def each(self, work: Callable[..., Any], *given: Sequence[Any]) -> list[Any]:
        """Have something done for every part; what comes of it stays where it was made."""
        return [self.cluster.submit(work, *some) for some in zip(*given, strict=True)]

    def fetched(self, tasks: Tasks, what: str, counted: str = "parts") -> list[Any]:
        """What came of some work."""
        return self.cluster.results(tasks, what, counted, self._progress)

    def streamed(self, work: Callable[..., Any], what: str, *given: Sequence[Any]) -> Iterator[Any]:
        """Have something done for every part, and take what comes of it part by part, so that nobody holds all of it.

        A few parts are worked on ahead.
        """
        calls = list(zip(*given, strict=True))
        ahead: deque[Any] = deque()
        for number in range(len(calls)):
            while len(ahead) < AHEAD * self.cluster.threads and number + len(ahead) < len(calls):
                ahead.append(self.cluster.submit(work, *calls[number + len(ahead)]))
            self._progress(what, "parts", number, len(calls))
            yield self.cluster.results([ahead.popleft()], what, "parts", _nobody)[0]
        self._progress(what, "parts", len(calls), len(calls))

    def together(self, tasks: Tasks, work: Callable[[Sequence[Any]], Any]) -> Any:
        """What came of some work put together, level by level, so that nobody holds all of it."""
        level = list(tasks)
        while len(level) > 1:
            level = [self.cluster.submit(work, level[at : at + FAN]) for at in range(0, len(level), FAN)]
        return level[0]

    def by_range(self, tasks: Tasks, split: Callable[..., Any], ranges: int) -> list[list[Any]]:
        """What came of some work, split by range of hash: a list for every range."""
        pieces = [self.cluster.submit(split, task, ranges) for task in tasks]
        return [[self.cluster.submit(operator.getitem, piece, one) for piece in pieces] for one in range(ranges)]

    def ranges(self, tasks: Tasks) -> int:
        """Into how many ranges to split."""
        return max(1, min(2 * self.cluster.threads, len(tasks)))
