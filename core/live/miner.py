"""A process that mines for the screens' one, which stays free for its screens meanwhile (core.live.apart).

It reads the runs by itself and keeps them, so that it has to be told only which ones are meant. With a single thread it
can share its work with copies of itself (core.live.beside), which a process with screens cannot.
"""

from __future__ import annotations

import pickle
import select
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO

from core.columns.again import VanishedError
from core.live.beside import end_when
from core.live.folded import Read
from core.live.messages import receive, send
from core.live.partition import Cohort
from core.live.proposing import Ground, Proposed, proposals, shared_out
from core.live.whole import Source, WholeRuns
from core.model.uncollected import look_seldom

MINE, MADE, GONE = b"M", b"D", b"G"
"""The letters: mine; the candidates of each cohort, pickled once more each; units of runs that are not on disk as they
are meant."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be mined."""

    source: Source
    grounds: Sequence[Ground]
    """Without what was found out about their runs."""
    cohorts: frozenset[Cohort]
    """All that there are; what is known of others is let go of."""
    shared: bool | None = None
    """Whether copies share in it, as somebody waits; or nobody does, so that they do not take all processors.

    By default as much as there is to do says.
    """
    holds: bool = True
    """Whether the runs, and what is found out about them, are held for the next time."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """What was found out about a cohort."""

    candidates: bytes
    """As they are sent: whoever made them packs them, while others still work."""
    more: Proposed = field(default_factory=Proposed)
    """What can be used again."""


def _packed(read: Read, ground: Ground, count: int, *, holds: bool) -> _Packed:
    made = proposals(ground, read, count)
    candidates = pickle.dumps(made.proposals, pickle.HIGHEST_PROTOCOL)
    return _Packed(candidates, replace(made, proposals=())) if holds else _Packed(candidates)


class Miner:
    """Mines, and keeps what can be used again."""

    def __init__(self) -> None:
        self._known: dict[Cohort, Proposed] = {}
        """Without the candidates."""
        self._effects = ""

    def mine(self, task: Task) -> list[bytes]:
        """The candidates of each cohort, pickled. Raises VanishedError."""
        if task.source.effects != self._effects:
            self._known, self._effects = {}, task.source.effects
        grounds = [self._again(ground) for ground in task.grounds]
        work = partial(_packed, WholeRuns(task.source), holds=task.holds)
        found = shared_out(grounds, work, lambda made: _Packed(made.candidates), shared=task.shared)
        if task.holds:
            self._known |= {ground.cohort: made.more for ground, made in zip(task.grounds, found, strict=True)}
        self._known = {cohort: known for cohort, known in self._known.items() if cohort in task.cohorts}
        return [made.candidates for made in found]

    def _again(self, ground: Ground) -> Ground:
        """With what is known of its runs."""
        before = self._known.get(ground.cohort, Proposed())
        return replace(ground, folds=before.folds, worked=before.worked)


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Mine for the process that started this one, until there is nothing more to do."""
    look_seldom()
    asks = select.poll()
    asks.register(tasks, 0)
    end_when(lambda: bool(asks.poll(0)))  # nothing but that nobody holds the other end any more
    miner = Miner()
    while (message := receive(tasks)) is not None:
        letter, body = message
        assert letter == MINE
        try:
            found = miner.mine(pickle.loads(body))  # noqa: S301 - the process that started this one wrote it
        except VanishedError as error:
            send(answers, GONE, pickle.dumps(error.units, pickle.HIGHEST_PROTOCOL))
        else:
            send(answers, MADE, pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
