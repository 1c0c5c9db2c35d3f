"""Shadow comparison over columns: what core.shadow.compare finds run by run (spec/pipeline.md §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from core.columns import rows
from core.columns.again import Reader
from core.columns.candidate import Windows, trace_at
from core.columns.facts import digest_of, digest_of_effects
from core.columns.library import Codes, Indexes, Library, Parts, Volume, question
from core.columns.segment import NONE, Array
from core.model.candidate import Candidate, OracleReport, ShadowReport, Step, TraceResult
from core.model.jsontext import plain
from core.model.signature import Signature
from core.shadow.compare import (
    approval_detail,
    compare_receipts,
    compare_trace,
    effects_detail,
    expects_output,
    failed,
    output_detail,
    receipt_detail,
    receipts_name,
    receipts_run_id,
    required,
)
from core.shadow.results import LateResults
from core.shadow.waivers import Waiver

_AGREES = TraceResult(passed=True)
"""What results are made from: values of columns need no second check."""

_CHECKS = 3
"""Per step: side effects, approval, output."""


class Line:
    """The runs to compare with as one line of signatures, mined ones before shadow ones."""

    def __init__(self, library: Library, runs: Indexes) -> None:
        self.runs: Codes = runs.astype(np.int64, copy=False)
        codes, ends = library.actions_of(runs)
        lengths = np.diff(ends)
        self._run = np.repeat(np.arange(len(runs)), lengths + 1)
        self._codes = np.full(len(self._run), -1, np.int64)
        self._codes[np.arange(len(codes)) + np.repeat(np.arange(len(runs)), lengths)] = codes
        self._begin = ends[:-1] + np.arange(len(runs))

    def occurrences(self, codes: Sequence[int]) -> tuple[Codes, Codes]:
        """The runs in which a sequence occurs (the library's numbers, in order), and where first in each."""
        places = np.flatnonzero(self._codes == codes[0])
        for offset, code in enumerate(codes[1:], 1):
            places = places[places + offset < len(self._codes)]
            places = places[self._codes[places + offset] == code]
        found = self._run[places]
        first = np.flatnonzero(np.diff(found, prepend=-1))
        found = found[first]
        return self.runs[found], places[first] - self._begin[found]


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """Everything that results are made from."""

    candidate: Candidate
    library: Library
    runs: Array
    starts: Array
    faults: Mapping[int, int]
    """A bit per step and check that does not hold, by index."""
    receipts: Mapping[int, tuple[int, OracleReport | None, str]]
    """By kind: the count, the report, and the id of the run that it was made for."""
    kinds: Array | None
    """The kind of every run whose receipts are compared, -1 for the others; None when none are."""
    allowed: Mapping[int, TraceResult]
    """Results that allow rules have changed, by index."""


def places(windows: Windows, line: Line) -> tuple[Indexes, Indexes]:
    """Where to compare a sequence: its examples, then every other run in which it occurs, and where in each."""
    found, starts = line.occurrences(windows.codes)
    others = ~np.isin(found, windows.runs)
    return np.concatenate([windows.runs, found[others]]), np.concatenate([windows.starts, starts[others]])


def compare(
    candidate: Candidate,
    windows: Windows,
    runs: Indexes,
    starts: Indexes,
    waivers: Sequence[Waiver],
    read: Reader,
) -> ShadowReport:
    """The candidate compared with some runs, each from its start (`places`). Raises VanishedError."""
    library = windows.library
    seen = windows if len(runs) == len(windows.runs) else Windows(library, windows.codes, runs, starts)
    parts = seen.parts
    faults = _faults(candidate, seen)
    kinds, outcomes = _receipts(candidate, seen, read)
    fails = faults != 0
    for number, (_, report, _) in outcomes.items():
        if report is not None and not report.passed:
            fails |= kinds == number
    allowed = {}
    if waivers:
        for index in np.flatnonzero(fails).tolist():
            trace = trace_at(library, int(runs[index]), read)
            allowed[index] = result = compare_trace(candidate, trace, int(starts[index]), waivers)
            fails[index] = not result.passed
    failing = np.flatnonzero(fails).tolist()
    faulty = np.flatnonzero(faults)
    bits = dict(zip(faulty.tolist(), faults[faulty].tolist(), strict=True))
    small = (
        runs.astype(np.uint32, copy=False),
        starts.astype(np.uint32, copy=False),
        kinds.astype(np.int32) if outcomes else None,
    )
    made = _Compared(candidate, library, small[0], small[1], bits, outcomes, small[2], allowed)
    told = ShadowReport(
        passed=not failing,
        compared_traces=len(runs),
        failures=_failures(parts, fails),
    )
    thanks = sum(result.passed and bool(result.allowed) for result in allowed.values())
    return told.replace(traces=LateResults(len(runs), partial(_result, made), failing, thanks, partial(_results, made)))


def _failures(parts: Parts, fails: Array) -> tuple[str, ...]:
    """What is said of the runs that fail, in order."""
    indexes, told = [], []
    for volume, chosen, here in parts:
        some = np.flatnonzero(fails[chosen])
        told += volume.noted(("failures", here[some].tobytes()), partial(_told, volume, here[some]))
        indexes.append(chosen[some])
    return tuple(map(told.__getitem__, np.argsort(np.concatenate(indexes)).tolist())) if told else ()


def _told(volume: Volume, failing: Indexes) -> list[str]:
    """What is said of some runs of a volume that fail."""
    known = volume.failures
    known.update({row: failed(rows.trace_id(volume, row)) for row in failing.tolist() if row not in known})
    return [known[row] for row in failing.tolist()]


def _faults(candidate: Candidate, windows: Windows) -> Array:
    """For every run a bit per step and check that does not hold."""
    faults = np.zeros(len(windows.starts), np.uint64)
    expected = tuple(map(expected_of, candidate.steps))
    asked = asked_of(candidate.sequence_signature, expected)
    for part in windows.parts:
        volume, chosen, here = part
        answer = partial(faults_in, volume, here, windows.starts[chosen], expected)
        found = volume.remembered(asked, windows.about(part), answer)
        faults[chosen[found.windows]] = found.bits
    return faults


def asked_of(sequence: Sequence[Signature], expected: Sequence[Expected]) -> bytes:
    """The question which windows of a sequence have faults."""
    return question("faults", tuple(sequence), tuple(expected))


class Faults(NamedTuple):
    """What does not hold in some windows of a volume."""

    windows: Indexes
    """The indexes of those that have faults."""
    bits: Array
    """Of each of these a bit per step and check."""


def faults_in(volume: Volume, rows: Indexes, starts: Indexes, expected: Sequence[Expected]) -> Faults:
    """Which windows have faults, and their bits."""
    begin = volume.begin[rows] + starts
    found = np.zeros(len(rows), np.uint64)
    for index, step in enumerate(expected):
        for check, differs in enumerate(_checked(volume, begin + index, step)):
            if differs is not None and differs.any():
                found |= differs.astype(np.uint64) << np.uint64(index * _CHECKS + check)
    some = np.flatnonzero(found)
    return Faults(some, found[some])


class Expected(NamedTuple):
    """What a step expects: digests of its side effects and, if it is expected, its output; and its approval."""

    effects: bytes
    approval: int
    output: bytes | None


def expected_of(step: Step) -> Expected:
    """What a step expects."""
    approval = required(step.approval)
    output = digest_of(plain(step.expected_output)) if expects_output(step) else None
    return Expected(digest_of_effects(step.side_effects), 0 if approval is None else 1 + approval, output)


def _checked(volume: Volume, at: Indexes, step: Expected) -> tuple[Array, Array, Array | None]:
    """Whether actions differ from a step: in side effects, approval and (if it is expected) output."""
    segment = volume.segment
    return (
        segment.act_effects[at] != volume.digest_number(step.effects),
        volume.approvals[segment.act_form[at]] != step.approval,
        None if step.output is None else segment.act_output[at] != volume.digest_number(step.output),
    )


def _receipts(
    candidate: Candidate, windows: Windows, read: Reader
) -> tuple[Array, dict[int, tuple[int, OracleReport | None, str]]]:
    """The kind of every run whose receipts take part, and what comparing comes to for each kind."""
    library, runs, expects = windows.library, windows.runs, bool(candidate.expected_receipts)
    kinds = np.full(len(runs), -1, np.int64)
    numbers: dict[bytes, int] = {}
    for part in windows.parts:
        volume, chosen, here = part
        if not expects and not volume.tells:
            continue
        some, local = volume.noted(("receipts", expects, windows.about(part)), partial(_kinds, volume, here, expects))
        if len(some):
            table = np.full(len(volume.segment.kinds), -1, np.int64)
            for kind in np.unique(local).tolist():
                table[kind] = numbers.setdefault(volume.segment.kinds[kind].tobytes(), len(numbers))
            kinds[chosen[some]] = table[local]
    outcomes = {}
    for number in numbers.values():
        trace = trace_at(library, int(runs[np.argmax(kinds == number)]), read)
        count, report = compare_receipts(candidate, trace)
        outcomes[number] = (count, report, trace.id)
    return kinds, outcomes


def _kinds(volume: Volume, here: Indexes, expects: bool) -> tuple[Indexes, Array]:
    """Which of some runs of a volume take part in comparing receipts, and their kinds there."""
    kind = volume.segment.run_kind[here]
    takes_part = kind != NONE
    if not expects:
        takes_part &= volume.receipts[here] > 0
    some = np.flatnonzero(takes_part)
    return some, kind[some]


def _result(made: _Compared, index: int) -> TraceResult:
    if index in made.allowed:
        return made.allowed[index]
    volume, row = made.library.place(int(made.runs[index]))
    trace_id, start = rows.trace_id(volume, row), int(made.starts[index])
    details = list(_details(made.faults.get(index, 0), partial(rows.action_ids, volume, row), start))
    count, report = 0, None
    if made.kinds is not None and made.kinds[index] >= 0:
        count, report, other = made.receipts[int(made.kinds[index])]
        report = report and _for_run(report, made.candidate, other, trace_id, volume.segment.note("run_run_id", row))
        if report is not None and not report.passed:
            details.append(receipt_detail(report))
    return _AGREES.replace(
        trace_id=trace_id,
        source_hash=rows.source_hash(volume, row),
        passed=not details,
        details=tuple(details),
        compared_receipts=count,
        replay_oracle=report,
    )


def _results(made: _Compared) -> Iterator[TraceResult]:
    """All results at once; most runs agree and have no receipts."""
    ids, hashes = rows.trace_ids(made.library, made.runs), rows.source_hashes(made.library, made.runs)
    told = {*made.faults, *made.allowed}
    if made.kinds is not None:
        told.update(np.flatnonzero(made.kinds >= 0).tolist())
    for index, (trace_id, source_hash) in enumerate(zip(ids, hashes, strict=True)):
        if index in told:
            yield _result(made, index)
        else:
            yield _AGREES.replace(trace_id=trace_id, source_hash=source_hash)


def _details(faults: int, action_ids: Callable[[], list[str]], start: int) -> Iterator[str]:
    """The details that the bits of a run stand for."""
    index = 0
    while faults:
        if faults & 1:
            yield effects_detail(index + 1, action_ids()[start + index])
        if faults & 2:
            yield approval_detail(index + 1)
        if faults & 4:
            yield output_detail(index + 1)
        faults >>= _CHECKS
        index += 1


def _for_run(report: OracleReport, candidate: Candidate, other: str, trace_id: str, run_id: str | None) -> OracleReport:
    """The report on one run as it is on another one of its kind."""
    name, before = receipts_name(candidate, trace_id), receipts_name(candidate, other)
    divergence = report.divergence
    if divergence is not None and divergence.path == "/run_id":
        divergence = divergence.replace(left=run_id, right=receipts_run_id(candidate, trace_id))
    elif divergence is not None and divergence.message.startswith(before):
        divergence = divergence.replace(message=name + divergence.message.removeprefix(before))
    return report.replace(name=name, divergence=divergence)
