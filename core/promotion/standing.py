"""From decisions to the status of a lineage (spec/review.md, Status)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.model.candidate import ApprovalRecord, PromotionStatus
from core.model.decision import Decision, Status

VERDICTS = ("approve", "reject", "needs_work")
"""The kinds of decision of which the latest one of each actor counts."""

HISTORY = {"approve": "approved_for_shadow_promotion", "reject": "rejected"}

ON_DISK: dict[Status, PromotionStatus] = {
    "blocked": "blocked",
    "needs_approval": "needs_approval",
    "ready": "ready",
    "rejected": "blocked",
    "needs_work": "blocked",
    "stale": "needs_approval",
    "drifted": "blocked",
}
"""What each status is written as in promotion criteria."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The parts of the policy that decide whose approval counts."""

    approvals_required: int = 1
    author: str | None = None
    allow_self_approval: bool = False

    def counts(self, decision: Decision) -> bool:
        """Whether an approval counts: an author may not approve the own workflow unless the policy says so."""
        return self.allow_self_approval or self.author is None or decision.actor != self.author


@dataclass(frozen=True, slots=True)
class Standing:
    """The status of a lineage and why."""

    status: Status
    reasons: tuple[str, ...]
    approvals: tuple[Decision, ...] = ()
    """Counting approvals of the present behaviour."""
    approved_before: tuple[Decision, ...] = ()
    """Counting approvals of another behaviour, enough of them to have made it ready."""


def verdicts(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """The latest verdict of each actor that was not taken back, by seq."""
    latest: dict[str, Decision] = {}
    for decision in decisions:
        if decision.kind in VERDICTS:
            latest[decision.actor] = decision
        elif decision.kind == "revoke":
            taken = decision.detail.get("revokes", [])
            latest = {actor: d for actor, d in latest.items() if d.seq not in taken}
    return tuple(sorted(latest.values(), key=lambda d: d.seq))


def standing(
    decisions: Sequence[Decision], behaviour: str, failures: Sequence[str], rules: Rules, changes: Sequence[str] = ()
) -> Standing:
    """The status that decisions give a lineage with this behaviour digest.

    `failures` are the criteria besides approval that do not hold; `changes` say how an approved behaviour differs.
    """
    current = verdicts(decisions)
    for kind, status, word in (("reject", "rejected", "rejected"), ("needs_work", "needs_work", "sent back")):
        said = [d for d in current if d.kind == kind and d.behaviour_digest == behaviour]
        if said:
            told = tuple(f"{word} by {d.actor}: {d.reason or 'no reason given'}" for d in said)
            return Standing(status, (*told, *failures))  # type: ignore[arg-type]
    approvals = tuple(d for d in current if d.kind == "approve" and rules.counts(d))
    present = tuple(d for d in approvals if d.behaviour_digest == behaviour)
    before = _enough([d for d in approvals if d.behaviour_digest != behaviour], rules.approvals_required)
    enough = len(present) >= rules.approvals_required
    if failures:
        held = enough or bool(before)
        return Standing("drifted" if held else "blocked", (*failures, *_missing(present, rules)), present, before)
    if enough:
        return Standing("ready", (), present, before)
    if before:
        return Standing("stale", (*changes, *_missing(present, rules)), present, before)
    return Standing("needs_approval", _missing(present, rules), present)


def _missing(present: Sequence[Decision], rules: Rules) -> tuple[str, ...]:
    if len(present) >= rules.approvals_required:
        return ()
    if not present:
        return ("human approval has not been recorded",)
    return (f"{len(present)} of {rules.approvals_required} approvals recorded",)


def _enough(approvals: Sequence[Decision], required: int) -> tuple[Decision, ...]:
    """The latest group of approvals of one behaviour that was enough to be ready."""
    groups: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in approvals:
        groups[decision.behaviour_digest].append(decision)
    ready = [group for group in groups.values() if len(group) >= required]
    latest: list[Decision] = max(ready, key=lambda group: group[-1].seq, default=[])
    return tuple(latest)


def approval_history(decisions: Sequence[Decision]) -> tuple[ApprovalRecord, ...]:
    """The promotion's approval history: approvals, rejections and approvals taken back, oldest first."""
    kinds = {decision.seq: decision.kind for decision in decisions}
    made = []
    for decision in decisions:
        word = HISTORY.get(decision.kind)
        if decision.kind == "revoke" and any(kinds.get(s) == "approve" for s in decision.detail.get("revokes", [])):
            word = "approval_revoked"
        if word:
            made.append(
                ApprovalRecord(
                    actor=decision.actor, decision=word, recorded_at=decision.time, reason=decision.reason or None
                )
            )
    return tuple(made)


def approver(decisions: Sequence[Decision]) -> str | None:
    """The latest approver whose approval was not taken back."""
    return next((d.actor for d in reversed(verdicts(decisions)) if d.kind == "approve"), None)
