"""The runs of a decision's candidate: each file is read once, and a run kept whole only where its copy goes along."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from core.artifacts.bundle import Copy
from core.artifacts.redact import Redactor
from core.live.changes import ChangeSet, LoadedFile
from core.live.engine import State
from core.live.foreign import is_foreign_name
from core.live.names import file_of, path_of
from core.live.read import FileBytes, readings_of
from core.live.reread import reread
from core.model.candidate import Candidate
from core.model.late import made
from core.model.outlined import Outlined
from core.model.trace import Trace
from core.shadow.results import failing_results
from core.traces.outline import outline_of, outlined

MAX_FIXTURES = 200
"""Copies of runs in one bundle at the most."""

_NOTHING: Mapping[str, Trace] = MappingProxyType({})


def run_ids(candidate: Candidate) -> list[str]:
    """The ids of the runs that a candidate was mined from, then of the others that it was compared with."""
    examples, results = candidate.examples, candidate.shadow.traces
    return [*dict.fromkeys([*(e.trace_id for e in made(examples)), *(r.trace_id for r in made(results))])]


def chosen(ids: Sequence[str], candidate: Candidate, most: int) -> list[str]:
    """The runs whose copies go along: all failing ones, the rest spread evenly, in their order."""
    if len(ids) <= most:
        return list(ids)
    failing = {result.trace_id for result in failing_results(candidate.shadow.traces)}
    passing = [trace_id for trace_id in ids if trace_id not in failing]
    room = max(most - len(failing), 0)
    spread = {passing[index * len(passing) // room] for index in range(room)} if room else set()
    return [trace_id for trace_id in ids if trace_id in failing or trace_id in spread]


def read_again(folder: Path, candidate: Candidate, state: State, effects: str = "") -> tuple[ChangeSet, Told]:
    """What changed in the files of a candidate's runs, and if nothing did, what they say.

    `effects` is that of core.live.read.read_file.
    """
    units, most = state.parts.units(run_ids(candidate)), state.policy.max_fixtures
    ids = list(units)
    whole = {*chosen(ids, candidate, MAX_FIXTURES), *chosen(ids, candidate, most)}
    told = Told(units, whole, effects)
    change = reread(folder, units.values(), state.files, state.policy.max_file_size, told, effects)
    return change, Told({}, ()) if change else told


class Told:
    """Takes in what the files of a candidate's runs hold while they are read again."""

    def __init__(self, units: Mapping[str, str], whole: Collection[str], effects: str = "") -> None:
        """`units` by id; `whole` are the ids of runs that are needed with their payloads.

        `effects` is that of core.live.read.read_file.
        """
        self._effects = effects
        self._ids = {unit: trace_id for trace_id, unit in units.items()}
        self._whole = whole
        self.outlines: dict[str, Outlined] = {}
        self.traces: dict[str, Trace] = {}

    def __call__(self, units: Sequence[str], found: FileBytes) -> None:
        """Take in what a file says of some of its units."""
        if len(units) == 1 and self._ids[units[0]] not in self._whole and self._told_quickly(units[0], found):
            return
        for unit, reading in zip(units, readings_of(found, units, self._effects), strict=True):
            if isinstance(reading, LoadedFile) and reading.trace is not None:
                trace_id = self._ids[unit]
                self.outlines[trace_id] = outlined(reading.trace)
                if trace_id in self._whole:
                    self.traces[trace_id] = reading.trace

    def _told_quickly(self, unit: str, found: FileBytes) -> bool:
        path = path_of(unit)
        if unit != file_of(unit) or is_foreign_name(path):
            return False
        if (outline := outline_of(found.data, path, found.sha256)) is None:
            return False
        self.outlines[self._ids[unit]] = outline
        return True


class Runs:
    """Runs by id, whole or in outline; what is not at hand is read from disk at the first look, and kept."""

    def __init__(
        self,
        traces: Mapping[str, Trace],
        outlines: Mapping[str, Outlined] = _NOTHING,
        whole: Mapping[str, Trace] = _NOTHING,
    ) -> None:
        self._traces, self._outlines, self._read = traces, outlines, dict(whole)

    def whole(self, trace_id: str) -> Trace | None:
        """A run with its payloads; None when there is no such run. Raises VanishedError."""
        if (trace := self._read.get(trace_id)) is None and (trace := self._traces.get(trace_id)) is not None:
            self._read[trace_id] = trace
        return trace

    def outlines(self, ids: Iterable[str]) -> list[Outlined]:
        """The outlines of some runs, without those that there are not. Raises VanishedError."""
        told = self._outlines
        return [run for trace_id in ids if (run := told.get(trace_id) or self.whole(trace_id))]


class Copies:
    """Redacted copies of runs, each made once: the same goes into the bundle and into the crashpack."""

    def __init__(self, runs: Runs, redactor: Redactor) -> None:
        self._runs, self._redactor = runs, redactor
        self._made: dict[str, Copy] = {}

    def of(self, ids: Iterable[str]) -> dict[str, Copy]:
        """The copies of some runs by id, in their order, without those that there are not. Raises VanishedError."""
        return {trace_id: copy for trace_id in ids if (copy := self._of(trace_id))}

    def _of(self, trace_id: str) -> Copy | None:
        if trace_id not in self._made:
            if (trace := self._runs.whole(trace_id)) is None:
                return None
            self._made[trace_id] = Copy.of(self._redactor.everything(trace))
        return self._made[trace_id]
