"""Candidates of very many runs: where they stand and how runs compare is numbers, and records when somebody looks.

A record for each run takes a kilobyte, and time to make, to send to another process and to read from a file; the two
numbers that it consists of take eight bytes.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from core.live.viewed import Proposal
from core.model.candidate import Candidate, Example, Promotion, TraceResult
from core.model.jsontext import Json, canonical
from core.model.late import Late, made
from core.promotion.promote import of_all_runs
from core.shadow.results import LateResults, Stands

Item = TypeVar("Item", Example, TraceResult)

_NUMBER = "I"

Digests = npt.NDArray[np.void]


_DIGEST = np.dtype("V16")


class Runs:
    """Runs by number; only ever added to."""

    __slots__ = ("_digests", "hashes", "ids")

    def __init__(self, ids: list[str], hashes: list[str], digests: Digests | None = None) -> None:
        """`hashes` are their source hashes, `digests` those of the first of them, where they are known."""
        self.ids, self.hashes = ids, hashes
        self._digests = np.zeros(0, _DIGEST) if digests is None else digests

    def __reduce__(self) -> tuple[Any, ...]:
        """How they are pickled: without what is quickly made again."""
        return Runs, (self.ids, self.hashes)

    @property
    def digests(self) -> Digests:
        """For each one that tells its id and its hash from others."""
        if (known := len(self._digests)) < len(self.ids):
            pairs = zip(self.ids[known:], self.hashes[known:], strict=True)
            new = b"".join(_digest(f"{trace_id}\0{source_hash}".encode()) for trace_id, source_hash in pairs)
            self._digests = np.concatenate([self._digests, np.frombuffer(new, _DIGEST)])
        return self._digests

    def and_more(self, ids: Sequence[str], hashes: Sequence[str]) -> Runs:
        """These and some more behind them."""
        return Runs([*self.ids, *ids], [*self.hashes, *hashes], self.digests)


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


@dataclass(frozen=True, slots=True, eq=False)
class Told(Generic[Item]):
    """Records of some runs, many of which are alike but for their run."""

    runs: Runs
    which: array[int]
    """The run of each."""
    kinds: array[int]
    """Which of those in `alike` it is like."""
    alike: list[Item]
    """Records of no run."""

    def of(self, index: int) -> Item:
        """One of them."""
        run = self.which[index]
        return self.alike[self.kinds[index]].replace(trace_id=self.runs.ids[run], source_hash=self.runs.hashes[run])

    def all(self) -> Iterable[Item]:
        """All of them."""
        ids, hashes, alike = self.runs.ids, self.runs.hashes, self.alike
        pairs = zip(self.which, self.kinds, strict=True)
        return (alike[kind].replace(trace_id=ids[run], source_hash=hashes[run]) for run, kind in pairs)

    @property
    def key(self) -> bytes:
        """Tells all that they say from what others say, whatever numbers these have."""
        alike = np.frombuffer(b"".join(_digest(canonical(one)) for one in self.alike), _DIGEST)
        told = blake2b(self.runs.digests[np.frombuffer(self.which, np.uint32)].tobytes(), digest_size=16)
        told.update(alike[np.frombuffer(self.kinds, np.uint32)].tobytes())
        return told.digest()

    def like(self, fits: Callable[[Item], bool]) -> list[int]:
        """The indexes of those that a question that is not about their runs fits."""
        fitting = np.array([fits(one) for one in self.alike], np.bool_)
        found: list[int] = np.flatnonzero(fitting[np.frombuffer(self.kinds, np.uint32)]).tolist()
        return found

    def changed(self, gone: Collection[str], came: Sequence[Item]) -> Told[Item]:
        """Without those of some runs, by id, and with others behind them."""
        stays = np.ones(len(self.which), np.bool_)
        if gone:
            left_out = [number for number, trace_id in enumerate(self.runs.ids) if trace_id in gone]
            stays = ~np.isin(np.frombuffer(self.which, np.uint32), left_out)
        more = _Packing().told(came)
        alike = self.alike.copy()
        alike.extend(more.alike)
        which, kinds = array(_NUMBER), array(_NUMBER)
        for column, old, new, base in (
            (which, self.which, more.which, len(self.runs.ids)),
            (kinds, self.kinds, more.kinds, len(self.alike)),
        ):
            column.frombytes(np.frombuffer(old, np.uint32)[stays].tobytes())
            column.extend(number + base for number in new)
        runs = self.runs.and_more(more.runs.ids, more.runs.hashes) if came else self.runs
        return Told(runs, which, kinds, alike)

    def numbers(self) -> list[Any]:
        """As it is written."""
        return [self.which.tolist(), self.kinds.tolist(), self.alike]


class PackedExamples(Late[Example]):
    """Examples as numbers."""

    __slots__ = ("told",)

    def __init__(self, told: Told[Example]) -> None:
        super().__init__(len(told.which), told.of, told.all)
        self.told = told


class PackedResults(LateResults):
    """Results as numbers."""

    __slots__ = ("told",)

    def __init__(self, told: Told[TraceResult]) -> None:
        failing = told.like(lambda one: not one.passed)
        thanks = told.like(lambda one: one.passed and bool(one.allowed))
        counts = np.bincount(np.frombuffer(told.kinds, np.uint32), minlength=len(told.alike)).tolist()
        standings: Counter[Stands] = Counter()
        for one, count in zip(told.alike, counts, strict=True):
            standings[one.standing, one.passed] += count
        super().__init__(len(told.which), told.of, failing, len(thanks), told.all, standings)
        self.told = told


def packed(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same generalised candidates, with one table of runs for all."""
    found = _Packing()
    return [_with(one, found.told(made(one.examples)), found.told(made(one.shadow.traces))) for one in candidates]


def with_key(one: Proposal, candidate: Candidate) -> Proposal:
    """A proposal with another candidate, and with what tells that from others."""
    candidate, examples, results = _numbers(candidate)
    told = [_bare(candidate), one.witness.backwards, one.witness.unresolved]
    return replace(one, candidate=candidate, evidence=_digest(canonical(told) + examples.key + results.key))


def changed(candidate: Candidate, gone: Collection[str], came: Sequence[TraceResult]) -> Candidate:
    """A candidate without what it says of some runs, by id, and with results of others behind its own."""
    candidate, examples, results = _numbers(candidate)
    return _with(candidate, examples.changed(gone, ()), results.changed(gone, came))


def _numbers(candidate: Candidate) -> tuple[Candidate, Told[Example], Told[TraceResult]]:
    """A packed candidate, and its numbers."""
    if not isinstance(candidate.examples, PackedExamples) or not isinstance(candidate.shadow.traces, PackedResults):
        (candidate,) = packed([candidate])
    examples, results = candidate.examples, candidate.shadow.traces
    assert isinstance(examples, PackedExamples)
    assert isinstance(results, PackedResults)
    return candidate, examples.told, results.told


def _bare(candidate: Candidate) -> Candidate:
    """What a candidate says besides single runs, and besides its promotion record."""
    return candidate.replace(examples=(), shadow=candidate.shadow.replace(traces=()), promotion=Promotion())


def written(candidates: Sequence[Candidate]) -> Json:
    """Generalised candidates as JSON holds them, without their promotion record; for `read_back`."""
    found = _Packing()
    told = [
        [
            _bare(one),
            found.told(made(one.examples)).numbers(),
            found.told(made(one.shadow.traces)).numbers(),
        ]
        for one in candidates
    ]
    return {"ids": found.runs.ids, "hashes": found.runs.hashes, "candidates": told}


def read_back(told: Json) -> list[Candidate]:
    """The candidates of what was written. Raises DecodeError, or an error of Python's, for anything else."""
    runs = Runs(told["ids"], told["hashes"])
    return [
        _with(Candidate.decode(record), _read(runs, examples, Example.decode), _read(runs, results, TraceResult.decode))
        for record, examples, results in told["candidates"]
    ]


def _read(runs: Runs, told: Json, decode: Callable[[object], Item]) -> Told[Item]:
    which, kinds, alike = told
    found = Told(runs, array(_NUMBER, which), array(_NUMBER, kinds), list(map(decode, alike)))
    count = min(len(runs.ids), len(runs.hashes))
    if len(which) != len(kinds) or max(which, default=-1) >= count or max(kinds, default=-1) >= len(alike):
        raise ValueError("numbers of nothing")
    return found


class _Packing:
    """Gives numbers to runs."""

    def __init__(self) -> None:
        self.runs = Runs([], [])
        self._numbers: dict[tuple[str, str], int] = {}

    def told(self, records: Sequence[Item]) -> Told[Item]:
        """Some records as numbers."""
        kinds: dict[tuple[object, ...], int] = {}
        found: Told[Item] = Told(self.runs, array(_NUMBER), array(_NUMBER), [])
        for record in records:
            fields = record.__dict__
            rest = tuple(value for name, value in fields.items() if name not in _OF_RUN)
            if (kind := kinds.get(rest)) is None:
                kind = kinds[rest] = len(kinds)
                found.alike.append(record.replace(trace_id="", source_hash=""))
            found.which.append(self._number(record.trace_id, record.source_hash))
            found.kinds.append(kind)
        return found

    def _number(self, trace_id: str, source_hash: str) -> int:
        key = trace_id, source_hash
        if (number := self._numbers.get(key)) is None:
            number = self._numbers[key] = len(self.runs.ids)
            self.runs.ids.append(trace_id)
            self.runs.hashes.append(source_hash)
        return number


_OF_RUN = frozenset({"trace_id", "source_hash"})


def _with(candidate: Candidate, examples: Told[Example], results: Told[TraceResult]) -> Candidate:
    shadow = candidate.shadow.replace(traces=PackedResults(results))
    bare = candidate.promotion.replace(source_trace_hashes=(), divergence_history=())
    made = candidate.replace(examples=PackedExamples(examples), shadow=shadow, promotion=bare)
    return made.replace(promotion=bare.replace(**of_all_runs(made)))
