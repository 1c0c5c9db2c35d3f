"""Replaying the crashpack of a decision: what its runs' copies say now against what was recorded.

The runs are compared even when the files do not hold together, so that a changed copy is named down to the step and
the place in it (spec/crashpack.md, Replay).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.crashpack.pack import STATE
from core.crashpack.rederive import CANDIDATE, DecisionState, Redactions, Rederived, redactions, rederive
from core.crashpack.replay import Check, ReplayResult, replay
from core.crashpack.validate import NOTHING_ELSE
from core.mining.comparing import all_differences
from core.model.candidate import Candidate, TraceResult
from core.model.jsontext import JsonError, parse, plain, same
from core.model.record import DecodeError
from core.model.text import plural, visible
from core.model.trace import Trace


def replay_decision(
    files: Mapping[str, bytes],
    *,
    oracles: Sequence[str] = (),
    rerun: bool = True,
    strange: Mapping[str, str] = NOTHING_ELSE,
) -> ReplayResult:
    """Replay a crashpack and, when it is that of a decision, its shadow comparison and behaviour.

    `strange` is that of core.crashpack.validate.validate.
    """
    result = replay(files, oracles=oracles, rerun=rerun, strange=strange)
    if not rerun or STATE not in files:
        return result
    try:
        state = DecisionState.decode(parse(files[STATE]))
        if CANDIDATE not in files:
            told = f"{CANDIDATE} is missing, so that what was decided cannot be compared"
            return result.and_also(Check("runs", False, told)) if state.decision else result
        candidate = Candidate.decode(parse(files[CANDIDATE]))
        runs = [Trace.decode(parse(files[run.path])) for run in state.runs if run.path is not None]
        again = rederive(candidate, runs, len(state.runs), state.rules)
    except (JsonError, DecodeError) as error:
        return result.and_also(Check("runs", False, f"the copies cannot be compared: {error}"))
    except KeyError as error:
        return result.and_also(Check("runs", False, f"{visible(str(error.args[0]))} is missing"))
    checks = [*_checks(candidate, state.rederived, again, runs), *_redaction(state.redaction, files)]
    return result.and_also(*checks, notes=list(_notes(again)))


def _redaction(recorded: Redactions | None, files: Mapping[str, bytes]) -> Iterator[Check]:
    """As much was taken out of the copies as was recorded."""
    if recorded is None:
        return
    found = {rule: len(places) for rule, places in redactions(files).items()}
    told = ", ".join(f"{count} by {rule}" for rule, count in sorted(recorded.rules.items()))
    if found == recorded.rules:
        yield Check("redaction", True, f"{told}, as recorded")
    else:
        now = ", ".join(f"{count} by {rule}" for rule, count in found.items())
        yield Check("redaction", False, f"state.json records {told or 'none'}, found {now or 'none'}")


def _checks(candidate: Candidate, recorded: Rederived, again: Rederived, runs: Sequence[Trace]) -> Iterator[Check]:
    failures = plural(len(again.shadow.failures), "failure")
    told = f"{plural(again.shadow.compared_traces, 'run')} compared, {failures}, as recorded"
    if found := _first_difference(candidate, recorded, again, runs):
        yield Check("shadow comparison", False, found)
    else:
        yield Check("shadow comparison", True, told)
    equal = recorded.behaviour_digest == again.behaviour_digest
    yield Check(
        "behaviour",
        equal,
        f"{again.behaviour_digest}, as recorded"
        if equal
        else f"state.json records {recorded.behaviour_digest}, derived {again.behaviour_digest}",
    )


def _first_difference(candidate: Candidate, recorded: Rederived, again: Rederived, runs: Sequence[Trace]) -> str | None:
    if same(plain(recorded.shadow), plain(again.shadow)):
        return None
    before = {result.trace_id: result for result in recorded.shadow.traces}
    traces = {trace.id: trace for trace in runs}
    for result in again.shadow.traces:
        old = before.get(result.trace_id)
        if old is None or not same(plain(old), plain(result)):
            return visible(_told(candidate, result, old, traces.get(result.trace_id)))
    return f"{recorded.shadow.compared_traces} runs were recorded, {again.shadow.compared_traces} could be compared"


def _told(candidate: Candidate, now: TraceResult, old: TraceResult | None, trace: Trace | None) -> str:
    """What is different about one run, with the step and the pointer where a comparison fails."""
    if old is None:
        return f"run {now.trace_id} was not recorded"
    word = {True: "passed", False: "failed"}
    told = f"run {now.trace_id} {word[old.passed]} when it was recorded and {'passes' if now.passed else 'fails'} now"
    if old.passed == now.passed:
        told = f"run {now.trace_id} compares otherwise than recorded"
    if trace is None:
        return told
    found = all_differences(candidate, trace)
    return f"{told}: {found[0].message}" if found else told


def _notes(again: Rederived) -> Iterator[str]:
    yield from (f"not compared: {place}" for place in again.not_compared)
    if again.fixtures < again.of:
        yield f"{again.fixtures} of {again.of} runs went along as copies; the others are vouched for by their hash"
