"""What a decision will do, told before it is recorded; the same rules say afterwards how the candidate stands."""

from __future__ import annotations

from collections.abc import Sequence

from core.live.snapshot import CandidateView
from core.model.decision import Decision, DecisionKind
from core.promotion.standing import counting, heard, objected, objections
from core.store.policy import Policy


def against(view: CandidateView, actor: str, policy: Policy) -> tuple[Decision, ...]:
    """What others said against a candidate as it is; an approval does not take it back."""
    return tuple(said for said in _objections(view, policy) if said.actor != actor)


def counts_already(view: CandidateView, actor: str, policy: Policy) -> bool:
    """Whether somebody has approved a candidate as it is, and that counts."""
    given = counting(view.decisions, view.behaviour_digest, policy.rules(view.risk))
    return any(decision.actor == actor for decision in given)


def promotes(view: CandidateView, actor: str, policy: Policy) -> bool:
    """Whether the candidate is promoted once this person has approved it."""
    return not against(view, actor, policy) and _given(view, actor, policy) >= policy.approvals_required


def consequence(kind: DecisionKind, view: CandidateView, actor: str, policy: Policy) -> str:
    """What follows from a decision beyond what its name says, as the end of a sentence; empty where nothing does."""
    if kind == "rename":
        return _of_renaming(view, policy)
    return _of_approval(view, actor, policy) if kind == "approve" else ""


def _of_approval(view: CandidateView, actor: str, policy: Policy) -> str:
    given, needed = _given(view, actor, policy), policy.approvals_required
    told: list[str] = []
    told += [f"no longer {objected(said)}" for said in _objections(view, policy) if said.actor == actor]
    if counts_already(view, actor, policy):
        told.append(f"the approval by {actor} counts already, and counts once")
    if needed > 1 and view.status != "ready":
        told.append(f"counts as {given} of {needed} approvals")
    if others := against(view, actor, policy):
        told.append(_opposed(others, policy))
    elif view.status == "ready":
        told.append("promoted already")
    elif given < needed:
        more = "another person approves" if needed - given == 1 else f"{needed - given} more people approve"
        told.append(f"promoted once {more}")
    return "; ".join(told)


def _of_renaming(view: CandidateView, policy: Policy) -> str:
    """The name is part of the behaviour, and what was decided counts for that behaviour only."""
    given = counting(view.decisions, view.behaviour_digest, policy.rules(view.risk))
    lost = "not count under another name in the program"
    told = [f"that it was {objected(said)} does {lost}" for said in _objections(view, policy)]
    if given:
        who, several = _listed([said.actor for said in given]), len(given) > 1
        approvals = f"the approvals by {who} do" if several else f"the approval by {who} does"
        told.append(f"{approvals} {lost}, so it has to be approved again")
    return "; ".join(told)


def _opposed(others: tuple[Decision, ...], policy: Policy) -> str:
    word = "rejected" if others[0].kind == "reject" else "sent back"
    names = list(dict.fromkeys(said.actor for said in others))
    who = "somebody takes" if policy.revoke_others else f"{_listed(names)} take{'s' * (len(names) == 1)}"
    return f"stays {word} until {who} that back"


def _listed(names: Sequence[str]) -> str:
    """`ann, bob and eve`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _objections(view: CandidateView, policy: Policy) -> tuple[Decision, ...]:
    return objections(heard(view.decisions, policy.keys_required), view.behaviour_digest, policy)


def _given(view: CandidateView, actor: str, policy: Policy) -> int:
    """How many approvals count once this person has approved."""
    # Where keys are required a person is known by the key of the own earlier decisions, or has a new one.
    keyid = next((d.keyid for d in reversed(view.decisions) if d.actor == actor and d.keyid), actor)
    seq = max((decision.seq for decision in view.decisions), default=0) + 1
    made = Decision(
        seq=seq, actor=actor, kind="approve", behaviour_digest=view.behaviour_digest, signed="trusted", keyid=keyid
    )
    return len(counting((*view.decisions, made), view.behaviour_digest, policy.rules(view.risk)))
