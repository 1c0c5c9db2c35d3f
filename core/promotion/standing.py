"""From decisions to the status of a lineage (spec/review.md, Status)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model.candidate import ApprovalRecord, PromotionStatus
from core.model.decision import Decision, Status

ALWAYS_HEARD = ("reject", "needs_work", "withdraw")
"""Kinds that only ever make less possible; they count whoever wrote them, so that nobody can be kept from objecting."""

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
    keys_required: bool = False
    """Whether only decisions signed with a trusted key count."""
    approvers: frozenset[str] | None = None
    """The only people who may approve a workflow of this risk; None for everybody."""

    def counts(self, decision: Decision) -> bool:
        """Whether an approval counts."""
        return not self.why_not(decision)

    def why_not(self, decision: Decision) -> str:
        """Why an approval does not count, as the end of a sentence; empty when it does."""
        actor = decision.actor
        if actor == self.author and not self.allow_self_approval:
            return f"{actor} is the author and may not approve (allow_self_approval in the policy)"
        if self.approvers is not None and actor not in self.approvers:
            return f"{actor} is not among those who may approve this risk (approvers in the policy)"
        if not is_heard(decision, self.keys_required):
            return "it is not signed with a key that the policy trusts (keys_required)"
        return ""


def is_heard(decision: Decision, keys_required: bool) -> bool:
    """Whether a decision counts at all: where keys are required, what makes more possible has to be signed."""
    return not keys_required or decision.signed == "trusted" or decision.kind in ALWAYS_HEARD


def heard(decisions: Iterable[Decision], keys_required: bool) -> tuple[Decision, ...]:
    """The decisions that count at all."""
    if not keys_required:
        return tuple(decisions)
    return tuple(decision for decision in decisions if is_heard(decision, keys_required))


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


def objections(decisions: Sequence[Decision], behaviour: str) -> tuple[Decision, ...]:
    """What counts against a behaviour, rejections first; only who said it takes it back (or anyone, by policy)."""
    said = [d for d in verdicts(decisions) if d.kind != "approve" and d.behaviour_digest == behaviour]
    return tuple(sorted(said, key=lambda d: d.kind == "needs_work"))


def counting(decisions: Sequence[Decision], behaviour: str, rules: Rules) -> tuple[Decision, ...]:
    """The approvals of a behaviour that count, whatever somebody else said against it."""
    return tuple(d for d in _approvals(decisions, rules) if d.behaviour_digest == behaviour)


def objected(objection: Decision) -> str:
    """`rejected by ANN: too wide`."""
    word = "rejected" if objection.kind == "reject" else "sent back"
    return f"{word} by {objection.actor}: {objection.reason or 'no reason given'}"


def standing(
    decisions: Sequence[Decision], behaviour: str, failures: Sequence[str], rules: Rules, changes: Sequence[str] = ()
) -> Standing:
    """The status that decisions give a lineage with this behaviour digest.

    `failures` are the criteria besides approval that do not hold; `changes` say how an approved behaviour differs.
    """
    if against := objections(heard(decisions, rules.keys_required), behaviour):
        worst = against[0].kind
        told = tuple(objected(d) for d in against if d.kind == worst)
        return Standing("rejected" if worst == "reject" else "needs_work", (*told, *failures))
    approvals = _approvals(decisions, rules)
    silent = _uncounted(decisions, behaviour, rules)
    present = tuple(d for d in approvals if d.behaviour_digest == behaviour)
    before = _enough([d for d in approvals if d.behaviour_digest != behaviour], rules.approvals_required)
    enough = len(present) >= rules.approvals_required
    if failures:
        held = enough or bool(before)
        reasons = (*failures, *_missing(present, rules), *silent)
        return Standing("drifted" if held else "blocked", reasons, present, before)
    if enough:
        return Standing("ready", (), present, before)
    if before:
        return Standing("stale", (*changes, *_missing(present, rules), *silent), present, before)
    return Standing("needs_approval", (*_missing(present, rules), *silent), present)


def _approvals(decisions: Sequence[Decision], rules: Rules) -> tuple[Decision, ...]:
    """The approvals of any behaviour that count."""
    current = verdicts(heard(decisions, rules.keys_required))
    return _distinct([d for d in current if d.kind == "approve" and rules.counts(d)], rules)


def _distinct(approvals: Sequence[Decision], rules: Rules) -> tuple[Decision, ...]:
    """The latest approval of each person: of each key where keys are required, else of each actor."""
    by_person = {decision.keyid if rules.keys_required else decision.actor: decision for decision in approvals}
    return tuple(sorted(by_person.values(), key=lambda d: d.seq))


def _uncounted(decisions: Sequence[Decision], behaviour: str, rules: Rules) -> tuple[str, ...]:
    """Why approvals of this behaviour that are in the journal do not count."""
    given = [d for d in verdicts(decisions) if d.kind == "approve" and d.behaviour_digest == behaviour]
    return tuple(f"the approval by {d.actor} does not count: {why}" for d in given if (why := rules.why_not(d)))


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
