"""What a recorded decision left behind, for a message."""

from __future__ import annotations

from collections.abc import Iterable

from core.live.reviewing import Outcome
from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.model.text import visible
from tui.words import DECISION

_VERBS: dict[DecisionKind, str] = {
    "revoke": "had a decision taken back",
    "rename": "got its new name",
    "allow": "got an allow rule",
    "withdraw": "had an allow rule withdrawn",
}
"""What happened to the candidate, where it is not what its actor did."""


def unfinished(outcome: Outcome) -> str:
    """What a recorded decision could not finish, in a sentence that stays on the screen."""
    what = f"decision #{outcome.decision.seq} on {outcome.view.label} is recorded"
    return f"The {what}, but not finished: {outcome.trouble}. The next start completes it."


def told(outcome: Outcome, listed: Iterable[CandidateView]) -> str:
    """Visible lines: what was recorded, where its evidence is, and what asks for a decision next."""
    view = outcome.view
    verb = _VERBS.get(outcome.decision.kind) or DECISION[outcome.decision.kind]
    by = "by" if outcome.decision.kind in _VERBS else "as"
    lines = [f"{visible(view.label)} {verb} {by} {visible(outcome.decision.actor)}"]
    if outcome.decision.kind == "approve" and view.status != "ready":
        lines.append(visible(f"it is not promoted: {'; '.join(view.reasons)}"))
    if outcome.crashpack:
        lines.append(f"crashpack: {visible(str(outcome.crashpack))}")
    if outcome.trouble:
        lines.append(f"not finished, the next start completes it: {visible(outcome.trouble)}")
    waiting = (v.label for v in listed if v.status == "needs_approval" and v.lineage != view.lineage)
    if following := next(waiting, ""):
        lines.append(f"next that needs approval: {visible(following)}")
    return "\n".join(lines)
