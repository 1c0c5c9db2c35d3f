"""What a reviewer has opened of each candidate in this review; a dialog of approval shows it before it asks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from core.live.snapshot import CandidateView


@dataclass(slots=True)
class Opened:
    """What was opened of one behaviour of one lineage."""

    tabs: set[str] = field(default_factory=set)
    """Names of tabs: `overview`, `workflow`, …"""
    differences: set[str] = field(default_factory=set)
    """Ids of runs whose difference was on the screen."""
    runs: set[str] = field(default_factory=set)
    """Ids of runs that were opened themselves."""


class Reading:
    """Marks by lineage and behaviour: what changed has not been read, whatever was read before."""

    def __init__(self) -> None:
        self._opened: dict[tuple[str, str], Opened] = defaultdict(Opened)
        self.drafts: dict[tuple[str, str], str] = {}
        """Reasons that were written in a dialog that was closed without deciding, by lineage and kind."""

    def of(self, view: CandidateView) -> Opened:
        """What was opened of a candidate as it behaves in a view."""
        return self._opened[view.lineage, view.behaviour_digest]

    def tab(self, view: CandidateView, name: str) -> None:
        """A tab came to the front."""
        self.of(view).tabs.add(name)

    def difference(self, view: CandidateView, trace_id: str) -> None:
        """The difference of a run was shown."""
        self.of(view).differences.add(trace_id)

    def run(self, view: CandidateView, trace_id: str) -> None:
        """A run was opened."""
        self.of(view).runs.add(trace_id)
