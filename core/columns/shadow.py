"""Shadow comparison over columns: what core.shadow.compare finds run by run (spec/pipeline.md §3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.columns import rows
from core.columns.again import Reader
from core.columns.candidate import Windows, trace_at
from core.columns.faults import details_of, faults_of
from core.columns.library import Codes, Indexes, Library, Parts, Volume
from core.columns.segment import NONE, Array
from core.model.candidate import Candidate, OracleReport, ShadowReport, TraceResult
from core.shadow.compare import (
    compare_receipts,
    compare_trace,
    failed,
    receipt_detail,
    receipts_name,
    receipts_run_id,
)
from core.shadow.results import LateResults
from core.shadow.waivers import Waiver

_AGREES = TraceResult(passed=True)
"""What results are made from: values of columns need no second check."""


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
    faults = faults_of(candidate, seen)
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
    details = list(details_of(made.faults.get(index, 0), partial(rows.action_ids, volume, row), start))
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


def _for_run(report: OracleReport, candidate: Candidate, other: str, trace_id: str, run_id: str | None) -> OracleReport:
    """The report on one run as it is on another one of its kind."""
    name, before = receipts_name(candidate, trace_id), receipts_name(candidate, other)
    divergence = report.divergence
    if divergence is not None and divergence.path == "/run_id":
        divergence = divergence.replace(left=run_id, right=receipts_run_id(candidate, trace_id))
    elif divergence is not None and divergence.message.startswith(before):
        divergence = divergence.replace(message=name + divergence.message.removeprefix(before))
    return report.replace(name=name, divergence=divergence)
