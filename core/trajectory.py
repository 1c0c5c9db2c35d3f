"""The trajectory tap: from an agent session's turns to a verified report (spec/traces.md, Agent turns)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.crystallize import DEFAULTS, crystallize
from core.model.candidate import Candidate, Example
from core.model.jsontext import same
from core.model.options import Options
from core.model.report import Report
from core.model.signature import occurrence, signatures
from core.model.trace import Trace
from core.shadow.compare import expects_output
from core.shadow.oracle import OracleError, OracleInput, replay_oracle
from core.synthesize import synthesize
from core.traces.normalise import normalise
from core.traces.times import EPOCH
from core.traces.turns import USUAL_SEGMENTS, SegmentOptions, Turn, segment_trace, segments

TOLERANCE = 0.0
"""The share of a candidate's deterministic steps that may differ from a run."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a session came to."""

    report: Report
    traces: tuple[Trace, ...]
    """The segments that went in, not normalised; only the first when the report is synthesised from it."""


def ingest(
    turns: Sequence[Turn],
    session: str,
    options: Options = DEFAULTS,
    *,
    segmenting: SegmentOptions = USUAL_SEGMENTS,
    workflow_id: str | None = None,
    now: str = EPOCH,
) -> Ingested | None:
    """The verified report on a session's segments; None when it has none.

    Fewer segments than examples are needed are not mined: the first one alone is synthesised. Raises InputError when
    too few segments may be mined.
    """
    traces = tuple(segment_trace(segment, session, workflow_id) for segment in segments(turns, segmenting))
    if not traces:
        return None
    if len(traces) < options.needed_examples:
        traces = traces[:1]
        report = synthesize(traces[0], options, now=now)
    else:
        report = crystallize(traces, options, now=now)
    return Ingested(verified(report, traces), traces)


def verified(report: Report, traces: Sequence[Trace]) -> Report:
    """The report with the accepted candidates that do not hold on their own runs moved to the rejected ones."""
    runs = {trace.id: trace for trace in map(normalise, reversed(traces))}
    kept: list[Candidate] = []
    dropped: list[Candidate] = []
    for candidate in report.candidates:
        reason = next(filter(None, (fault(candidate, example, runs) for example in candidate.examples)), None)
        if reason is None:
            kept.append(candidate)
        else:
            dropped.append(candidate.replace(rejection_reasons=(*candidate.rejection_reasons, reason)))
    return report.replace(
        selected_candidate_id=kept[0].id if kept else None,
        candidates=tuple(kept),
        rejected_candidates=(*report.rejected_candidates, *dropped),
    )


def fault(candidate: Candidate, example: Example, runs: Mapping[str, Trace]) -> str | None:
    """Why a candidate does not hold on one of its examples; None when it does. `runs` are normalised, by id."""
    trace = runs.get(example.trace_id)
    if trace is None:
        return f"trajectory verifier: candidate sequence not found in trace {example.trace_id}"
    seen = signatures(trace)
    start = _located(candidate.sequence_signature, seen, example.start_index)
    if start is None:
        return f"trajectory verifier: candidate sequence not found in trace {trace.id}"
    if start + len(candidate.sequence_signature) > len(seen):
        return f"trajectory verifier: candidate sequence extends past trace {trace.id} actions"
    return _diverged_steps(candidate, trace, start) or _diverged_receipts(candidate, trace)


def _located(sequence: Sequence[str], seen: Sequence[str], recorded: int) -> int | None:
    """Where the sequence, or as much of it as the run still holds, stands: at its recorded start, else anywhere."""
    rest = tuple(seen[recorded : recorded + len(sequence)])
    complete = rest == tuple(sequence)
    elsewhere = None if complete else occurrence(sequence, seen)
    if elsewhere is not None:
        return elsewhere
    return recorded if rest and rest == tuple(sequence[: len(rest)]) else None


def _diverged_steps(candidate: Candidate, trace: Trace, start: int) -> str | None:
    certain = [step for step in candidate.steps if step.segment == "deterministic"]
    differing = sum(
        expects_output(step) and not same(step.expected_output, trace.actions[start + step.index - 1].seen_output)
        for step in certain
    )
    if not certain or differing / len(certain) <= TOLERANCE:
        return None
    return (
        f"trajectory verifier: {differing}/{len(certain)} deterministic steps diverged from trace {trace.id} "
        f"(tolerance {TOLERANCE:.2f})"
    )


def _diverged_receipts(candidate: Candidate, trace: Trace) -> str | None:
    run = trace.replay_run
    if run is None or not (run.effect_receipts or candidate.expected_receipts):
        return None
    regenerated = run.replace(run_id=f"trajectory_regen_{candidate.id}", effect_receipts=candidate.expected_receipts)
    given = OracleInput(
        name=f"trajectory_verify_{candidate.id}",
        allowlist=trace.replay_allowlist,
        first_run=run,
        second_run=regenerated,
    )
    try:
        found = replay_oracle(given).divergence
    except OracleError as error:
        return f"trajectory verifier: oracle error for {candidate.id}: {error}"
    if found is None:
        return None
    return f"trajectory verifier: regenerated fixture diverged for {candidate.id}: {found.path}: {found.message}"
