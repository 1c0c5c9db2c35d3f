"""A process that mines for the screens' one, which stays free for its screens meanwhile (core.live.apart).

It reads the runs by itself and keeps them, so that it has to be told only which ones are meant. With a single thread it
can share its work with copies of itself (core.live.beside), which a process with screens cannot.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO

from core.live.changes import LoadedFile, ManyRuns
from core.live.feed import read_all
from core.live.messages import receive, send
from core.live.names import file_of
from core.live.partition import Cohort
from core.live.proposing import Ground, Proposed, proposals, shared_out
from core.live.read import read_file
from core.live.whole import read_whole
from core.model.errors import InputError
from core.model.trace import Trace
from core.model.uncollected import look_seldom, uncollected

AHEAD, MINE, HAVE, LACK, MADE = b"A", b"M", b"H", b"L", b"D"
"""The letters: read a folder ahead; mine; runs that could not be read; units of such; the candidates of each cohort,
pickled once more each."""

Named = tuple[tuple[str, str], ...]
"""Runs by their units and the sha256 of their files."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where runs are read from."""

    folder: Path
    max_size: int
    """Bytes of a file, at the most."""
    effects: str
    """That of core.live.read.read_file."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A cohort that is to be mined."""

    ground: Ground
    """Without its runs, and without what was found out about them."""
    members: Named
    shadow: Named


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be mined."""

    source: Source
    asked: tuple[Asked, ...]
    cohorts: frozenset[Cohort]
    """All that there are; what is known of others is let go of."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a cohort."""

    units: frozenset[str] = frozenset()
    proposed: Proposed = field(default_factory=Proposed)
    """Without the candidates."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """What was found out about a cohort."""

    candidates: bytes
    """As they are sent: whoever made them packs them, while others still work."""
    more: Proposed = field(default_factory=Proposed)
    """What can be used again."""


def _packed(ground: Ground, count: int) -> _Packed:
    made = proposals(ground, count)
    return _Packed(pickle.dumps(made.proposals, pickle.HIGHEST_PROTOCOL), replace(made, proposals=()))


class Miner:
    """Mines, and keeps what can be used again."""

    def __init__(self) -> None:
        self._runs: dict[str, LoadedFile] = {}
        self._known: dict[Cohort, _Known] = {}
        self._effects = ""

    def ahead(self, source: Source) -> None:
        """Read all runs of a folder, for soon they will be asked for."""
        self._effects = source.effects
        try:
            with uncollected(stays=True):
                found = read_all(source.folder, source.max_size, many=partial(read_whole, effects=source.effects))
        except InputError:
            return
        self._runs.update(found.loaded)

    def take(self, runs: Iterable[LoadedFile]) -> None:
        """Have some runs that cannot be read from disk as they are meant."""
        self._runs.update((run.unit, run) for run in runs)

    def lacking(self, task: Task) -> list[str]:
        """The units of the runs that are neither known nor on disk as they are meant; the others are read."""
        if task.source.effects != self._effects:
            self._runs, self._known, self._effects = {}, {}, task.source.effects
        wanted = dict(named for asked in task.asked for named in (*asked.members, *asked.shadow))
        missing = [unit for unit, sha256 in wanted.items() if not self._has(unit, sha256)]
        with uncollected():
            for file in dict.fromkeys(map(file_of, missing)):
                self.take(_read(task.source, file))
        return [unit for unit in missing if not self._has(unit, wanted[unit])]

    def _has(self, unit: str, sha256: str) -> bool:
        run = self._runs.get(unit)
        return run is not None and run.sha256 == sha256

    def mine(self, task: Task) -> list[bytes]:
        """The candidates of each cohort, pickled; none of its runs may be lacking."""
        grounds = [self._ground(asked) for asked in task.asked]
        found = shared_out(grounds, _packed, lambda made: _Packed(made.candidates))
        for asked, made in zip(task.asked, found, strict=True):
            units = frozenset(unit for unit, _ in (*asked.members, *asked.shadow))
            self._known[asked.ground.cohort] = _Known(units, made.more)
        self._known = {cohort: known for cohort, known in self._known.items() if cohort in task.cohorts}
        used = frozenset().union(*(known.units for known in self._known.values()))
        self._runs = {unit: run for unit, run in self._runs.items() if unit in used}
        return [made.candidates for made in found]

    def _ground(self, asked: Asked) -> Ground:
        before = self._known.get(asked.ground.cohort, _Known()).proposed
        return replace(
            asked.ground,
            members=self._traces(asked.members),
            shadow=self._traces(asked.shadow),
            folds=before.folds,
            worked=before.worked,
        )

    def _traces(self, named: Named) -> Sequence[Trace]:
        return tuple(trace for unit, _ in named if (trace := self._runs[unit].trace) is not None)


def _read(source: Source, file: str) -> Sequence[LoadedFile]:
    """The runs that a file holds now."""
    found = read_file(source.folder, file, source.max_size, effects=source.effects)
    if isinstance(found, ManyRuns):
        return found.files
    return (found,) if isinstance(found, LoadedFile) else ()


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Mine for the process that started this one, until there is nothing more to do."""
    look_seldom()
    miner = Miner()
    while (message := receive(tasks)) is not None:
        letter, body = message
        given = pickle.loads(body)  # noqa: S301 - the process that started this one wrote it
        if letter == AHEAD:
            miner.ahead(given)
            continue
        assert letter == MINE
        if lacking := miner.lacking(given):
            send(answers, LACK, pickle.dumps(lacking, pickle.HIGHEST_PROTOCOL))
            if (message := receive(tasks)) is None:
                return
            miner.take(pickle.loads(message[1]))  # noqa: S301
        send(answers, MADE, pickle.dumps(miner.mine(given), pickle.HIGHEST_PROTOCOL))
