"""Shadow comparison: does a candidate describe what the runs did; nothing is executed (spec/pipeline.md §3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.model.candidate import Candidate, Divergence, OracleReport, ShadowReport, Step, TraceResult
from core.model.effects import canonical_side_effects
from core.model.jsontext import plain, same
from core.model.signature import Signature, occurrence, signature, signatures
from core.model.trace import Action, Approval, ReplayRun, SideEffect, Trace
from core.shadow.jsondiff import iter_differences
from core.shadow.oracle import OracleError, OracleInput, replay_oracle, run_counts
from core.shadow.waivers import Waiver, about, covered, joined


@dataclass(frozen=True)
class Pool:
    """Runs to compare with, mined ones before shadow ones, indexed once for any number of candidates."""

    traces: tuple[Trace, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Trace]:
        """The first run of each id."""
        return {trace.id: trace for trace in reversed(self.traces)}

    @cached_property
    def signatures(self) -> tuple[tuple[Signature, ...], ...]:
        """The signatures of each run's actions, in the order of the runs."""
        return tuple(map(signatures, self.traces))


def shadow_compare(candidate: Candidate, pool: Sequence[Trace] | Pool, waivers: Sequence[Waiver] = ()) -> ShadowReport:
    """The candidate compared with its examples, then with every other run of the pool in which it occurs.

    `waivers` are the divergences that reviewers expect; a result that passes only thanks to one says so.
    """
    runs = pool if isinstance(pool, Pool) else Pool(tuple(pool))
    results: list[TraceResult] = []
    failures: list[str] = []
    compared: set[str] = set()
    for trace_id, trace, start in _places(candidate, runs, compared):
        if trace is None:
            failures.append(missing(trace_id))
            continue
        compared.add(trace_id)
        results.append(result := compare_trace(candidate, trace, start, waivers))
        if not result.passed:
            failures.append(failed(trace_id))
    return ShadowReport(
        passed=not failures, compared_traces=len(results), failures=tuple(failures), traces=tuple(results)
    )


def missing(trace_id: str) -> str:
    """The failure of an example whose run is not there."""
    return f"missing source trace {trace_id}"


def failed(trace_id: str) -> str:
    """The failure of a run that does not agree."""
    return f"trace {trace_id} failed shadow comparison"


def _places(candidate: Candidate, pool: Pool, compared: set[str]) -> Iterator[tuple[str, Trace | None, int]]:
    """Where to compare, in order; the caller adds to `compared` as it goes."""
    for example in candidate.examples:
        yield example.trace_id, pool.by_id.get(example.trace_id), example.start_index
    for trace, present in zip(pool.traces, pool.signatures, strict=True):
        if trace.id not in compared and (start := occurrence(candidate.sequence_signature, present)) is not None:
            yield trace.id, trace, start


def compare_trace(candidate: Candidate, trace: Trace, start: int, waivers: Sequence[Waiver] = ()) -> TraceResult:
    """How one run compares with the candidate when its sequence begins at `start` (from 0)."""
    strictly, waivers = _compared(candidate, trace, start, ()), about(waivers, candidate.steps)
    if strictly.passed or not waivers:
        return strictly
    leniently = _compared(candidate, trace, start, waivers)
    allowed = tuple(str(waiver) for waiver in waivers if _helped(waiver, candidate, trace, start))
    return leniently.replace(allowed=allowed or None)


def _compared(candidate: Candidate, trace: Trace, start: int, waivers: Sequence[Waiver]) -> TraceResult:
    details = list(_window_details(candidate, trace, start, waivers))
    compared_receipts, oracle = compare_receipts(candidate, trace, waivers)
    if oracle is not None and not oracle.passed:
        details.append(receipt_detail(oracle))
    return TraceResult(
        trace_id=trace.id,
        source_hash=trace.source_hash or "",
        passed=not details,
        details=tuple(details),
        compared_receipts=compared_receipts,
        replay_oracle=oracle,
    )


def _helped(waiver: Waiver, candidate: Candidate, trace: Trace, start: int) -> bool:
    """Whether a run diverges at a place that the rule expects."""
    if waiver.step is None:
        strictly = compare_receipts(candidate, trace)[1]
        return strictly is not None and compare_receipts(candidate, trace, [waiver])[1] != strictly
    for step, action in zip(candidate.steps, window_of(candidate, trace, start), strict=False):
        if step.index == waiver.step and expects_output(step):
            found = iter_differences(step.expected_output, action.seen_output)
            return any(waiver.covers(step.index, difference.pointer) for difference in found)
    return False


def _window_details(candidate: Candidate, trace: Trace, start: int, waivers: Sequence[Waiver]) -> Iterator[str]:
    window = window_of(candidate, trace, start)
    if len(window) < len(candidate.sequence_signature):
        yield "candidate sequence extends past trace action list"
        return
    if tuple(map(signature, window)) != candidate.sequence_signature:
        yield "action sequence signature changed"
    for step, action in zip(candidate.steps, window, strict=False):
        if not same_side_effects(step.side_effects, action.side_effects):
            yield effects_detail(step.index, action.id)
        if required(step.approval) is not required(action.approval):
            yield approval_detail(step.index)
        if expects_output(step) and output_differs(step, action, waivers):
            yield output_detail(step.index)


def effects_detail(step: int, action_id: str) -> str:
    """The detail of a step, from 1, whose action has other side effects."""
    return f"step {step} side effects differ for action {action_id}"


def approval_detail(step: int) -> str:
    """The detail of a step, from 1, whose action has another approval point."""
    return f"step {step} approval boundary differs"


def output_detail(step: int) -> str:
    """The detail of a step, from 1, whose action gave something else."""
    return f"step {step} deterministic output differs"


def output_differs(step: Step, action: Action, waivers: Sequence[Waiver]) -> bool:
    """Whether an action's output is not the expected one, apart from the places that may differ."""
    if same(step.expected_output, action.seen_output):
        return False
    if not waivers:
        return True
    found = iter_differences(step.expected_output, action.seen_output)
    return not all(covered(waivers, step.index, difference.pointer) for difference in found)


def same_side_effects(expected: Sequence[SideEffect], seen: Sequence[SideEffect]) -> bool:
    """Whether an action's side effects, made canonical, are strictly those of the step; metadata counts."""
    if not expected and not seen:
        return True
    return same(plain(expected), plain(canonical_side_effects(seen)))


def required(approval: Approval | None) -> bool | None:
    """Whether an approval is required, or None where there is no approval point."""
    return approval.required if approval else None


def expects_output(step: Step) -> bool:
    """Whether a step's output takes part in the comparison."""
    return step.segment == "deterministic" and step.expected_output is not None


def compare_receipts(
    candidate: Candidate, trace: Trace, waivers: Sequence[Waiver] = ()
) -> tuple[int, OracleReport | None]:
    """How many receipts were compared, and the oracle's report where there was something to compare."""
    given = receipt_oracle(candidate, trace, waivers)
    if given is None:
        return 0, None
    count = max(len(given.first_run.effect_receipts), len(given.second_run.effect_receipts))
    try:
        return count, replay_oracle(given)
    except OracleError as error:
        return count, OracleReport(
            name=given.name,
            expectation=given.expect,
            passed=False,
            first_run_counts=run_counts(given.first_run),
            second_run_counts=run_counts(given.second_run),
            divergence=Divergence(path="/", message=str(error)),
        )


def receipt_oracle(candidate: Candidate, trace: Trace, waivers: Sequence[Waiver] = ()) -> OracleInput | None:
    """What the oracle is asked about a run: it against itself with the candidate's receipts."""
    run = trace.replay_run
    if run is None or not (run.effect_receipts or candidate.expected_receipts):
        return None
    expected: ReplayRun = run.replace(
        run_id=receipts_run_id(candidate, trace.id), effect_receipts=candidate.expected_receipts
    )
    return OracleInput(
        name=receipts_name(candidate, trace.id),
        allowlist=joined(trace.replay_allowlist, waivers, (run, expected)),
        first_run=run,
        second_run=expected,
    )


def receipts_name(candidate: Candidate, trace_id: str) -> str:
    """The name under which the oracle compares a run's receipts."""
    return f"{candidate.name}_shadow_receipts_{trace_id}"


def receipts_run_id(candidate: Candidate, trace_id: str) -> str:
    """The run id of the execution that a run is compared with."""
    return f"shadow_{candidate.id}_{trace_id}"


def receipt_detail(oracle: OracleReport) -> str:
    """What a report that did not pass says, as a detail of the result."""
    if oracle.divergence is None:
        return "receipt replay oracle did not pass"
    return f"receipt replay diverged at {oracle.divergence.path}: {oracle.divergence.message}"


def window_of(candidate: Candidate, trace: Trace, start: int) -> tuple[Action, ...]:
    """The actions of a run that stand for the candidate's steps; fewer when the run ends before."""
    return trace.actions[start : start + len(candidate.sequence_signature)]
