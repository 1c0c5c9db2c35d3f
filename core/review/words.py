"""What a decision means, in one sentence: the same in the dialog, on the command line and in the evidence."""

from __future__ import annotations

from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind

_VERBS: dict[DecisionKind, str] = {
    "approve": "Promote",
    "reject": "Reject",
    "needs_work": "Send back",
    "revoke": "Take back the decision on",
    "rename": "Rename",
    "allow": "Allow a divergence of",
    "withdraw": "Withdraw a rule of",
}


def sentence(kind: DecisionKind, view: CandidateView, actor: str) -> str:
    """`Promote LABEL (3 steps, risk medium) as ACTOR`; the texts are as they come, not spelled out."""
    count = len(view.candidate.steps)
    steps = "1 step" if count == 1 else f"{count} steps"
    return f"{_VERBS[kind]} {view.label} ({steps}, risk {view.risk}) as {actor}"
