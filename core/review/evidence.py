"""What a crashpack tells of a decision: its trace events, verdicts and metadata (spec/review.md, transfer state)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.crashpack.events import TraceEvent
from core.crashpack.oracles import Checks, OracleResult, TransferState, run_oracle
from core.live.snapshot import CandidateView
from core.live.transfer import ORACLE, approval_points, moment, source_actions
from core.model.decision import Decision, Status
from core.model.jsontext import Json
from core.model.text import visible
from core.model.trace import Trace

_REGION: Json = {"kind": "RegionId", "index": 0, "generation": 0}
_LATEST = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a decision's crashpack is made from."""

    view: CandidateView
    """The candidate as it stood before the decision."""
    status_after: Status
    decision: Decision
    """The decision as it will be recorded, but for its crashpack, seq and prev."""
    examples: Sequence[Trace]
    compared: Sequence[Trace]
    """Every run that took part: the examples and the other compared runs."""
    transfer: TransferState
    checks: Checks = field(default_factory=Checks)
    journal_entries: int = 0
    """Lines of the journal that were verified."""
    sentence: str = ""
    """What the reviewer confirmed, in words."""
    command: tuple[str, ...] = ()
    """The equivalent command line."""
    written: tuple[str, ...] = ()
    """The files that the decision writes, relative to the workspace."""

    @property
    def result(self) -> OracleResult:
        """The oracle's verdict on the transfer state."""
        return run_oracle(ORACLE, self.transfer, self.checks)


def events(evidence: Evidence) -> list[TraceEvent]:
    """What happened, in order; times are those that the runs claim, in nanoseconds since 1970, 0 when unknown."""
    return [
        TraceEvent(seq=seq, time=time, kind=kind, data=data)
        for seq, (time, kind, data) in enumerate(_happenings(evidence))
    ]


def _happenings(evidence: Evidence) -> Iterator[tuple[int, str, Json]]:
    candidate, examples = evidence.view.candidate, evidence.examples
    yield 0, "region_created", {"Region": {"region": _REGION, "parent": None}}
    latest, matched = 0, 0
    for trace, action in source_actions(candidate, examples):
        latest, matched = _nanoseconds(action.timestamp) or latest, matched + 1
        yield latest, "user_trace", _said(f"run {trace.id} action {action.id} {action.name}")
    for trace, action, resolved in approval_points(candidate, examples):
        time = _nanoseconds(action.timestamp) or latest
        where = f"approval point of run {trace.id} action {action.id}"
        yield time, "obligation_reserve", _said(where)
        yield time, "obligation_commit" if resolved else "obligation_leak", _said(where)
    counts = {"sequence": matched, "active_tasks": len(evidence.compared), "active_regions": 1}
    yield latest, "checkpoint", {"Checkpoint": counts}
    for violation in evidence.result.violations:
        yield latest, "user_trace", _said(f"violation {violation.violation_type}: {violation.description}")
    yield latest, "region_close_complete", {"Region": {"region": _REGION, "parent": None}}


def _said(text: str) -> Json:
    return {"Message": visible(text)}


def _nanoseconds(timestamp: str | None) -> int:
    seconds = moment(timestamp)
    return 0 if seconds is None or seconds < 0 else min(round(seconds * 1e6) * 1000, _LATEST)


def metadata(evidence: Evidence) -> Mapping[str, str]:
    """The facts of the decision as names and texts."""
    view, decision = evidence.view, evidence.decision
    candidate = view.candidate
    return {
        "actor": decision.actor,
        "behaviour_digest": view.behaviour_digest,
        "candidate": candidate.id,
        "cohort": view.cohort,
        "compared_runs": str(candidate.shadow.compared_traces),
        "decided_at": decision.time,
        "decision": decision.kind,
        "evidence_digest": view.evidence_digest,
        "examples": str(len(candidate.examples)),
        "failed_runs": str(view.failed),
        "lineage": view.lineage,
        "passed_runs": str(view.passed),
        "policy_digest": decision.policy_digest,
        "program": decision.program,
        "reason": decision.reason or "",
        "status_after": evidence.status_after,
        "status_before": view.status,
        "workflow": candidate.name,
    }
