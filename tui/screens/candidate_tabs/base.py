"""What the tabs of the candidate screen have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.containers import Vertical
from textual.message import Message

from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView, Snapshot
from core.model.decision import DecisionKind


class CandidateTab(Vertical):
    """One tab: it shows a view, keeps the reader's place when the view changes, and opens runs through messages."""

    @dataclass
    class RunWanted(Message):
        """The reader wants to see a run, from one of its steps on."""

        trace_id: str
        step: int = 0
        """The position in the window, from 0."""

    @dataclass
    class DecisionWanted(Message):
        """The reader wants to decide on something that the tab shows."""

        kind: DecisionKind
        detail: Mapping[str, object]
        about: tuple[tuple[str, str], ...] = ()
        """Facts to read first, each a label and a text as it came."""

    def __init__(self, reviewing: Reviewing, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.reviewing = reviewing
        self.view: CandidateView | None = None

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """Show a view, or another state of the same one."""
        raise NotImplementedError

    def activate(self) -> None:
        """The tab came to the front: take the focus and begin what takes long."""
        raise NotImplementedError

    def open(self) -> None:
        """Enter was pressed on the tab's list."""

    @property
    def run(self) -> str:
        """The id of the run that is selected; empty when the tab has none."""
        return ""

    def copied(self) -> str:
        """What `y` copies; empty when the tab has nothing selected."""
        return ""
