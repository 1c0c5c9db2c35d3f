"""What screens may ask of the app, so that they need not know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

from textual.dom import DOMNode

from core.live.reviewing import Outcome, Reviewing
from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from tui.reading import Reading
from tui.settings import Memory
from tui.standing import Standing


class Shell(Protocol):
    """The app as screens and widgets see it."""

    @property
    def standing(self) -> Standing:
        """How things stand."""

    @property
    def reading(self) -> Reading:
        """What was opened of each candidate."""

    def open_candidate(self, lineage: str) -> None:
        """Open the screen of a candidate."""

    def open_crashpack(self, name: str) -> None:
        """Open the screen of a crashpack of the workspace."""

    def decide(
        self,
        view: CandidateView,
        kind: DecisionKind,
        detail: Mapping[str, object] | None = None,
        about: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Ask for a decision on a candidate as it is shown.

        `detail` is what is known of it already, `about` facts to read, each a label and a text as it came.
        """

    def decided(self, outcome: Outcome | None) -> None:
        """Tell about a decision that was recorded, and show it even while the view is paused."""

    def recorded(self, outcome: Outcome) -> None:
        """Show a recorded decision even while the view is paused, and what it left unfinished until the review ends."""

    def copy(self, text: str) -> None:
        """Copy a text, and say where it went and whether that is certain."""

    @property
    def reviewing(self) -> Reviewing:
        """The live workspace."""

    @property
    def memory(self) -> Memory:
        """How the lists were left."""

    def open_raw(self, unit: str, place: str = "") -> None:
        """Show a file of the traces folder as it is, from a place on."""

    def edit(self, unit: str, place: str = "") -> None:
        """Open a file of the traces folder in the reviewer's editor at a place, or say why it cannot be."""

    def unit_of(self, trace_id: str) -> str:
        """The file of a run, below the traces folder; empty when the run is not loaded any more."""


def shell(node: DOMNode) -> Shell:
    """The app that a screen or widget belongs to."""
    return cast(Shell, node.app)


def open_newest_crashpack(node: DOMNode, view: CandidateView) -> None:
    """Open the crashpack of the latest decision that left one, or say that there is none."""
    packs = [decision.crashpack for decision in view.decisions if decision.crashpack]
    if packs:
        shell(node).open_crashpack(packs[-1].name)
    else:
        node.app.notify("It has no crashpack yet: only approvals and rejections leave one.", markup=False)
