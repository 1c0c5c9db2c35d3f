"""Which loaded runs are mined, which are only compared, and which are left out and why (spec/review.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np

from core.columns import rows
from core.columns.again import Reader
from core.columns.encode import id_hash
from core.columns.library import Flags, Indexes, Library, Volume
from core.columns.segment import Segment
from core.columns.shadow import Line
from core.live.globs import beginning, pattern
from core.live.members import FEW, Members, common
from core.live.partition import Cohort, duplicate, set_aside
from core.live.shelf import Shelf
from core.live.snapshot import Problem, Run
from core.model.candidate import Candidate
from core.model.trace import Trace
from core.store.policy import Policy

T = TypeVar("T")


class ColumnParts:
    """The runs of a traces folder by the part they play."""

    def __init__(self, shelf: Shelf, policy: Policy, read: Reader, before: ColumnParts | None = None) -> None:
        """`before` are the parts of which these came by a change."""
        library, order = shelf.library, shelf.runs
        self._library, self._read = library, read
        self._hashes = library.column("run_idhash")[order]
        apart = before is not None and before._whole and self._came_apart(before, order)
        first = np.arange(len(order)) if apart else self._firsts(order)
        excluded = library.column("excluded")[order]
        chosen = np.flatnonzero((first == np.arange(len(order))) & ~excluded)
        self._whole: bool = len(chosen) == len(order)
        """Whether all take part."""
        used, self._hashes = order[chosen], self._hashes[chosen]
        self.excluded = tuple(self._problems(order, first, excluded))
        """Those that take no part, and why."""
        shadow = _shadowed(library, used, policy.shadow_paths)
        self._number = _cohorts(library, used, policy)
        self._shadow = shadow
        self._order = used
        texts = library.names.texts
        numbers = (np.flatnonzero(np.bincount(self._number[~shadow] + 1)) - 1).tolist()
        keyed = sorted((number < 0, "" if number < 0 else texts[number], number) for number in numbers)
        self.cohorts: Mapping[Cohort, Members] = {
            None if number < 0 else texts[number]: Members(library, used[(self._number == number) & ~shadow])
            for _, _, number in keyed
        }
        """Runs that are mined together."""
        self.shadow = Members(library, used[shadow])
        """Runs that are only compared, with candidates of every cohort."""

    # Made when they are asked for: a circle of references would keep every former state until garbage is looked for.
    @property
    def runs(self) -> Mapping[str, Run]:
        """Every run that takes part, by trace id."""
        return _Runs(self)

    @property
    def traces(self) -> Mapping[str, Trace]:
        """The same with their payloads, read when they are asked for."""
        return _Traces(self)

    def _came_apart(self, before: ColumnParts, order: Indexes) -> bool:
        """Whether all ids are different, told from former parts where they were; False when it cannot be told."""
        there = np.zeros(int(self._library.base[-1]) + 1, np.bool_)
        limit = common(before._library, self._library)
        there[before._order[before._order < limit]] = True
        new = self._hashes[~there[order]]
        if len(new) > FEW or len(set(new.tolist())) < len(new):
            return False
        return not any((before._hashes == one).any() for one in new)

    def _firsts(self, order: Indexes) -> Indexes:
        """For each run the first one by path with the same id."""
        ascending = np.sort(self._hashes)
        if not (ascending[1:] == ascending[:-1]).any():
            return np.arange(len(order))
        by_hash = np.argsort(self._hashes, kind="stable")
        hashes = self._hashes[by_hash]
        first = np.arange(len(order))
        again = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
        seen: dict[str, int] = {}
        for at in np.unique(np.concatenate([again - 1, again])).tolist():
            index = int(by_hash[at])
            first[index] = seen.setdefault(self._id(int(order[index])), index)
        return first

    def _id(self, run: int) -> str:
        return rows.trace_id(*self._library.place(run))

    def _problems(self, order: Indexes, first: Indexes, excluded: Flags) -> Iterator[Problem]:
        for index in np.flatnonzero(excluded | (first != np.arange(len(order)))).tolist():
            volume, row = self._library.place(int(order[index]))
            unit, size = rows.unit(volume, row), int(volume.segment.run_size[row])
            if first[index] != index:
                earlier = rows.unit(*self._library.place(int(order[first[index]])))
                yield duplicate(unit, size, rows.trace_id(volume, row), earlier)
            elif found := rows.exclusion(volume, row):
                yield set_aside(unit, size, found)

    @cached_property
    def _by_hash(self) -> Indexes:
        return np.argsort(self._hashes, kind="stable")

    def find(self, trace_id: str) -> int | None:
        """The index of a run among those that take part."""
        wanted = np.frombuffer(id_hash(trace_id), np.uint64)[0]
        at = int(np.searchsorted(self._hashes, wanted, sorter=self._by_hash))
        while at < len(self._by_hash) and self._hashes[index := int(self._by_hash[at])] == wanted:
            if self._id(int(self._order[index])) == trace_id:
                return index
            at += 1
        return None

    def units(self, trace_ids: Sequence[str]) -> dict[str, str]:
        """The units of the runs of some ids, by id; without those that take no part."""
        if not len(self):
            return {}
        wanted = np.frombuffer(b"".join(map(id_hash, trace_ids)), np.uint64)
        places = np.searchsorted(self._hashes, wanted, sorter=self._by_hash)
        likely = self._order[self._by_hash[np.minimum(places, len(self) - 1)]]
        made = {}
        for trace_id, found, unit in zip(
            trace_ids, rows.trace_ids(self._library, likely), rows.units(self._library, likely), strict=True
        ):
            if trace_id == found:
                made[trace_id] = unit
            elif (index := self.find(trace_id)) is not None:  # another id has the same hash
                made[trace_id] = rows.unit(*self._library.place(int(self._order[index])))
        return made

    def run(self, index: int) -> Run:
        """One of the runs that take part."""
        volume, row = self._library.place(int(self._order[index]))
        number = int(self._number[index])
        return Run(
            unit=rows.unit(volume, row),
            trace_id=rows.trace_id(volume, row),
            source_hash=rows.source_hash(volume, row),
            cohort="" if number < 0 else self._library.names.texts[number],
            shadow=bool(self._shadow[index]),
            actions=int(volume.begin[row + 1] - volume.begin[row]),
            started_at=volume.segment.note("run_started_at", row),
            finished_at=volume.segment.note("run_finished_at", row),
            usage=rows.usage(volume, row),
            sha256=rows.sha256(volume, row),
        )

    def trace(self, index: int) -> Trace:
        """One of them with its payloads. Raises VanishedError."""
        volume, row = self._library.place(int(self._order[index]))
        return self._read.run(rows.unit(volume, row), rows.sha256(volume, row))

    @property
    def mined_first(self) -> Indexes:
        """The indexes of the runs that take part, cohort by cohort, those that are only compared at the end."""
        keys = {cohort: place for place, cohort in enumerate(self.cohorts)}
        texts = self._library.names.texts
        places = {n: keys.get(None if n < 0 else texts[n], 0) for n in np.unique(self._number).tolist()}
        rank = np.array([places[n] for n in self._number.tolist()], np.int64)
        rank[self._shadow] = len(keys)
        return np.argsort(rank, kind="stable")

    def showing(self, candidate: Candidate) -> list[Trace]:
        """The runs that may say something about a candidate, with their payloads. Raises VanishedError.

        In exact mode those in which its sequence occurs, in generalised mode those with its first and its last step.
        """
        runs, sequence = self._order[self.mined_first], candidate.sequence_signature
        if candidate.induction is not None:
            found = _with_tools(self._library, runs, {*sequence[:1], *sequence[-1:]})
        elif codes := self._library.names.known(sequence):
            found, _ = Line(self._library, runs).occurrences(codes)
        else:
            return []
        return [
            self._read.run(rows.unit(*place), rows.sha256(*place)) for place in map(self._library.place, found.tolist())
        ]

    def of_workflow(self, cohort: str) -> int:
        """How many runs that take part belong to a workflow."""
        number = self._library.names.text(cohort)
        return int(np.count_nonzero(self._library.gather("workflow", self._order) == number))

    def __len__(self) -> int:
        return len(self._order)

    def ids(self, indexes: Sequence[int]) -> Iterator[str]:
        """The ids of some runs that take part."""
        return (self._id(int(self._order[index])) for index in indexes)


class _ById(Mapping[str, T]):
    """Something of every run that takes part, made when somebody asks for it."""

    def __init__(self, parts: ColumnParts) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return len(self._parts)

    def __contains__(self, trace_id: object) -> bool:
        return isinstance(trace_id, str) and self._parts.find(trace_id) is not None

    def _index(self, trace_id: str) -> int:
        if (index := self._parts.find(trace_id)) is None:
            raise KeyError(trace_id)
        return index


class _Runs(_ById[Run]):
    def __iter__(self) -> Iterator[str]:
        return self._parts.ids(range(len(self._parts)))

    def __getitem__(self, trace_id: str) -> Run:
        return self._parts.run(self._index(trace_id))


class _Traces(_ById[Trace]):
    def __iter__(self) -> Iterator[str]:
        return self._parts.ids(self._parts.mined_first.tolist())

    def __getitem__(self, trace_id: str) -> Trace:
        return self._parts.trace(self._index(trace_id))


def _with_tools(library: Library, runs: Indexes, tools: Collection[str]) -> Indexes:
    """Those of some runs that hold an action of each tool, given as `KIND:NAME`."""
    codes, ends = library.actions_of(runs)
    there = np.ones(len(runs), np.bool_)
    for tool in tools:
        fits = np.array([text.startswith(f"{tool}:") for text in library.names.signatures], np.bool_)
        there &= np.diff(np.append(0, np.cumsum(fits[codes]))[ends]) > 0
    return runs[there]


def _cohorts(library: Library, runs: Indexes, policy: Policy) -> Indexes:
    """The number of the text that groups each run; -1 for none."""
    if policy.cohort == "none":
        return np.full(len(runs), -1, np.int64)
    return library.column("workflow" if policy.cohort == "workflow_id" else "goal")[runs].astype(np.int64)


def _shadowed(library: Library, runs: Indexes, globs: Sequence[str]) -> Flags:
    if not globs or not library.volumes:
        return np.zeros(len(runs), np.bool_)
    return np.concatenate([_shadows(volume, tuple(globs)) for volume in library.volumes])[runs]


def _shadows(volume: Volume, globs: tuple[str, ...]) -> Flags:
    """Which runs of a volume are only compared."""
    if volume.apart is None or volume.apart[0] != globs:
        volume.apart = globs, _fitting(volume.segment, globs)
    return volume.apart[1]


def _fitting(segment: Segment, globs: tuple[str, ...]) -> Flags:
    """Which units of a segment one of the globs fits; mostly none of them begins like any."""
    texts = bytes(segment.note_bytes)
    if not any(beginning(glob).encode() in texts for glob in globs):
        return np.zeros(segment.runs, np.bool_)
    fits = pattern(globs).fullmatch
    return np.fromiter((fits(unit) is not None for unit in segment.units()), np.bool_, segment.runs)
