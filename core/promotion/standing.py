"""From decisions to the status of a lineage (spec/review.md, Status)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

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


class Hearing(Protocol):
    """The parts of the policy that decide which decisions are heard at all."""

    @property
    def keys_required(self) -> bool:
        """Whether only decisions signed with a trusted key count."""

    @property
    def revoke_others(self) -> bool:
        """Whether somebody may take back what another person decided."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The parts of the policy that decide whose approval counts."""

    approvals_required: int = 1
    author: str | None = None
    allow_self_approval: bool = False
    keys_required: bool = False
    """Whether only decisions signed with a trusted key count."""
    revoke_others: bool = False
    """Whether somebody may take back what another person decided."""
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
    relied_on: Decision | None = None
    """The latest approval of those that make it ready, or did before it changed or failed."""


UNBOUND = Rules()
"""The rules where there is no policy."""


def verdicts(decisions: Sequence[Decision], rules: Hearing = UNBOUND) -> tuple[Decision, ...]:
    """The latest verdict of each actor that was not taken back, by seq.

    Where keys are required anybody can write an objection in anybody's name, so one without a trusted key stands beside
    what its actor said otherwise and replaces only one of its kind about the same behaviour.
    """
    latest: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        is_sure = not rules.keys_required or decision.signed == "trusted"
        if decision.kind in VERDICTS:
            if is_sure:
                latest = {place: d for place, d in latest.items() if d.actor != decision.actor}
            latest[decision.actor, "" if is_sure else decision.behaviour_digest] = decision
        elif decision.kind == "revoke" and is_sure:
            taken, kept = revoked(decision), not_theirs(decision, latest.values(), rules)
            latest = {place: d for place, d in latest.items() if d.seq not in taken or d in kept}
    return tuple(sorted(latest.values(), key=lambda d: d.seq))


def objections(decisions: Sequence[Decision], behaviour: str, rules: Hearing = UNBOUND) -> tuple[Decision, ...]:
    """What counts against a behaviour, rejections first; only who said it takes it back (or anyone, by policy)."""
    said = [d for d in verdicts(decisions, rules) if d.kind != "approve" and d.behaviour_digest == behaviour]
    return tuple(sorted(said, key=lambda d: d.kind == "needs_work"))


def counting(decisions: Sequence[Decision], behaviour: str, rules: Rules) -> tuple[Decision, ...]:
    """The approvals of a behaviour that count, whatever somebody else said against it."""
    return tuple(d for d in _approvals(decisions, rules) if d.behaviour_digest == behaviour)


def objected(objection: Decision) -> str:
    """`rejected by ANN: too wide`."""
    word = "rejected" if objection.kind == "reject" else "sent back"
    return f"{word} by {objection.actor}: {objection.reason or 'no reason given'}"


def revoked(revocation: Decision) -> frozenset[int]:
    """The seqs of the decisions that a revocation names; what is none is no seq, whoever wrote the line."""
    named = revocation.detail.get("revokes")
    return frozenset(seq for seq in named if type(seq) is int) if isinstance(named, list) else frozenset()


def not_theirs(revocation: Decision, decisions: Iterable[Decision], rules: Hearing) -> tuple[Decision, ...]:
    """The objections that a revocation names and that stay, as they are another person's and the policy forbids it.

    An approval that was taken back stays so, whoever did it: that only makes less possible.
    """
    if rules.revoke_others:
        return ()
    named = revoked(revocation)
    return tuple(d for d in decisions if d.seq in named and d.kind in ALWAYS_HEARD and d.actor != revocation.actor)


def standing(
    decisions: Sequence[Decision], behaviour: str, failures: Sequence[str], rules: Rules, changes: Sequence[str] = ()
) -> Standing:
    """The status that decisions give a lineage with this behaviour digest.

    `failures` are the criteria besides approval that do not hold; `changes` say how an approved behaviour differs.
    """
    if against := objections(heard(decisions, rules.keys_required), behaviour, rules):
        worst = against[0].kind
        told = tuple(objected(d) for d in against if d.kind == worst)
        return Standing("rejected" if worst == "reject" else "needs_work", (*told, *failures))
    approvals = _approvals(decisions, rules)
    silent = _uncounted(decisions, behaviour, rules)
    present = tuple(d for d in approvals if d.behaviour_digest == behaviour)
    before = _enough([d for d in approvals if d.behaviour_digest != behaviour], rules.approvals_required)
    enough = len(present) >= rules.approvals_required
    relied_on = next(reversed(present if enough else before), None)
    if failures:
        reasons = (*failures, *_missing(present, rules), *silent)
        return Standing("drifted" if relied_on else "blocked", reasons, present, relied_on)
    if enough:
        return Standing("ready", (), present, relied_on)
    if before:
        return Standing("stale", (*changes, *_missing(present, rules), *silent), present, relied_on)
    return Standing("needs_approval", (*_missing(present, rules), *silent), present)


def governing(decisions: Sequence[Decision], rules_of: Callable[[Decision], Rules]) -> Decision:
    """The decision of a lineage whose candidate it is about when mining proposes none.

    The latest approval of those that made it ready; where it is not so, the latest verdict that counts, else the
    latest decision. `rules_of` gives the rules for the risk of what an approval is about.
    """
    rules = rules_of(decisions[-1])
    live = verdicts(heard(decisions, rules.keys_required), rules)
    counting = [d for d in live if d.kind != "approve" or rules_of(d).counts(d)]
    ready = _enough(_distinct([d for d in counting if d.kind == "approve"], rules), rules.approvals_required)
    return (ready or counting or decisions)[-1]


def _approvals(decisions: Sequence[Decision], rules: Rules) -> tuple[Decision, ...]:
    """The approvals of any behaviour that count."""
    current = verdicts(heard(decisions, rules.keys_required), rules)
    return _distinct([d for d in current if d.kind == "approve" and rules.counts(d)], rules)


def _distinct(approvals: Sequence[Decision], rules: Rules) -> tuple[Decision, ...]:
    """The latest approval of each person: of each key where keys are required, else of each actor."""
    by_person = {decision.keyid if rules.keys_required else decision.actor: decision for decision in approvals}
    return tuple(sorted(by_person.values(), key=lambda d: d.seq))


def _uncounted(decisions: Sequence[Decision], behaviour: str, rules: Rules) -> tuple[str, ...]:
    """Why approvals of this behaviour that are in the journal do not count."""
    given = [d for d in verdicts(decisions, rules) if d.kind == "approve" and d.behaviour_digest == behaviour]
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
        if decision.kind == "revoke" and any(kinds.get(s) == "approve" for s in revoked(decision)):
            word = "approval_revoked"
        if word:
            made.append(
                ApprovalRecord(
                    actor=decision.actor, decision=word, recorded_at=decision.time, reason=decision.reason or None
                )
            )
    return tuple(made)


def approver(decisions: Sequence[Decision], rules: Hearing = UNBOUND) -> str | None:
    """The latest approver whose approval counts as one and was not taken back."""
    current = verdicts(heard(decisions, rules.keys_required), rules)
    return next((d.actor for d in reversed(current) if d.kind == "approve"), None)
