"""What a crashpack tells of a decision: its trace events, verdicts and metadata (spec/review.md, transfer state)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from core.artifacts.redact import Redactor
from core.crashpack.events import TraceEvent
from core.crashpack.oracles import Checks, OracleResult, TransferState, run_oracle
from core.crashpack.recording import EventLog
from core.live.snapshot import CandidateView
from core.live.transfer import ORACLE, Point, moment
from core.model.decision import Decision, Status
from core.model.outlined import Acts, Outlined
from core.model.record import JsonMap


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a decision's crashpack is made from."""

    view: CandidateView
    """The candidate as it stood before the decision."""
    status_after: Status
    decision: Decision
    """The decision as it will be recorded, but for its crashpack, seq and prev."""
    examples: Sequence[Outlined]
    compared: Sequence[Outlined]
    """Every run that took part: the examples and the other compared runs."""
    actions: Sequence[tuple[Outlined, Acts]]
    """What the candidate was mined from (core.live.transfer.source_actions)."""
    points: Sequence[Point]
    """The approval points among it."""
    behaviour: JsonMap
    """What is decided on (core.promotion.behaviour)."""
    transfer: TransferState
    checks: Checks = field(default_factory=Checks)
    journal_head: str = ""
    """The journal's end before the decision, `SEQ:DIGEST`."""
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


def events(evidence: Evidence, redactor: Redactor) -> list[TraceEvent]:
    """What happened, in order, without secrets; times as the runs claim them, in nanoseconds since 1970, else 0."""
    examples = evidence.examples
    regions = {trace.id: index for index, trace in enumerate(examples, 1)}
    log, name = EventLog(), cache(redactor.name)
    log.region_opened(0)
    latest, matched = 0, 0
    for trace, action in evidence.actions:
        latest, matched = _nanoseconds(action.timestamp) or latest, matched + 1
        log.message(f"run {name(trace.id)} action {name(action.id)} {name(action.name)}", latest)
    for number, (trace, action, resolved) in enumerate(evidence.points):
        time, region = _nanoseconds(action.timestamp) or latest, regions[trace.id]
        log.message(f"approval point of run {name(trace.id)} action {name(action.id)}", time)
        log.obligation(number, "Reserved", time, task=region, region=region)
        log.obligation(number, "Committed" if resolved else "Leaked", time, task=region, region=region)
    log.checkpoint(matched, len(evidence.compared), len(examples), latest)
    for violation in evidence.result.violations:
        log.witness(ORACLE, violation, latest)
    log.region_closed(0, latest)
    return log.events


def _nanoseconds(timestamp: str | None) -> int:
    seconds = moment(timestamp)
    return 0 if seconds is None else round(seconds * 1e6) * 1000


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
        "journal_head": evidence.journal_head,
        "lineage": view.lineage,
        "passed_runs": str(view.passed),
        "policy_digest": decision.policy_digest,
        "program": decision.program,
        "reason": decision.reason or "",
        "status_after": evidence.status_after,
        "status_before": view.status,
        "workflow": candidate.name,
    }
