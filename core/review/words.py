"""What a decision means, in one sentence: the same in the dialog, on the command line and in the evidence."""

from __future__ import annotations

from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.model.text import plural
from core.review.consequence import consequence, promotes
from core.store.policy import Policy

_VERBS: dict[DecisionKind, str] = {
    "approve": "Promote",
    "reject": "Reject",
    "needs_work": "Send back",
    "revoke": "Take back the decision on",
    "rename": "Rename",
    "allow": "Allow a divergence of",
    "withdraw": "Withdraw a rule of",
}


def sentence(kind: DecisionKind, view: CandidateView, actor: str, policy: Policy) -> str:
    """`Promote LABEL (3 steps, risk medium) as ACTOR`, and what else follows; the texts are not spelled out."""
    steps = plural(len(view.candidate.steps), "step")
    # An approval that does not promote must not say that it does.
    verb = _VERBS[kind] if kind != "approve" or promotes(view, actor, policy) else "Approve"
    more = consequence(kind, view, actor, policy)
    # `Rename X as ANN` would sound as if Ann were the new name.
    by = ", decided by" if kind == "rename" else " as"
    return f"{verb} {view.label} ({steps}, risk {view.risk}){by} {actor}{'; ' * bool(more)}{more}"
