"""What screens may ask of the app, so that they need not know it."""

from __future__ import annotations

from typing import Protocol, cast

from textual.dom import DOMNode

from core.live.reviewing import Outcome
from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from tui.standing import Standing


class Shell(Protocol):
    """The app as screens and widgets see it."""

    @property
    def standing(self) -> Standing:
        """How things stand."""

    def open_candidate(self, lineage: str) -> None:
        """Open the screen of a candidate."""

    def decide(self, view: CandidateView, kind: DecisionKind) -> None:
        """Ask for a decision on a candidate as it is shown."""

    def decided(self, outcome: Outcome | None) -> None:
        """Tell about a decision that was recorded, and show it even while the view is paused."""

    def copy(self, text: str) -> None:
        """Hand text to the terminal's clipboard and say so."""


def shell(node: DOMNode) -> Shell:
    """The app that a screen or widget belongs to."""
    return cast(Shell, node.app)
