"""What a recorded decision left behind, for a message."""

from __future__ import annotations

from collections.abc import Iterable

from core.live.reviewing import Outcome
from core.live.snapshot import CandidateView
from core.model.text import visible
from tui.words import DECISION


def told(outcome: Outcome, listed: Iterable[CandidateView]) -> str:
    """Visible lines: what was recorded, where its evidence is, and what asks for a decision next."""
    view = outcome.view
    lines = [f"{visible(view.label)} {DECISION[outcome.decision.kind]} as {visible(outcome.decision.actor)}"]
    if outcome.crashpack:
        lines.append(f"crashpack: {visible(str(outcome.crashpack))}")
    if outcome.trouble:
        lines.append(f"not finished, the next start completes it: {visible(outcome.trouble)}")
    waiting = (v.label for v in listed if v.status == "needs_approval" and v.lineage != view.lineage)
    if following := next(waiting, ""):
        lines.append(f"next that needs approval: {visible(following)}")
    return "\n".join(lines)
