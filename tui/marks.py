"""Which candidates are new or changed since the reviewer looked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.live.snapshot import CandidateView
from tui.views.columns import Mark, Shown

SECONDS = 10.0
"""How long a new or changed row is marked."""


@dataclass(slots=True)
class Marks:
    """Remembers when each lineage appeared or changed; whatever was there when reading ended is neither."""

    _known: dict[str, tuple[object, ...]] = field(default_factory=dict)
    _events: dict[str, tuple[float, Mark]] = field(default_factory=dict)

    def observe(self, views: Iterable[CandidateView], now: float, *, settled: bool) -> None:
        """Compare with what was there before; nothing is marked until the first reading is `settled`."""
        listed = {view.lineage: _looks(view) for view in views}
        if settled:
            for lineage, looks in listed.items():
                before = self._known.get(lineage)
                if before is None:
                    self._events[lineage] = (now, "new")
                elif before != looks:
                    self._events[lineage] = (now, "changed")
        self._events = {lineage: event for lineage, event in self._events.items() if lineage in listed}
        self._known = listed

    def __bool__(self) -> bool:
        """Whether anything has an age that grows."""
        return bool(self._events)

    def row(self, view: CandidateView, now: float) -> Shown:
        """The row of a candidate: marked for some seconds, with its age for ever."""
        if (event := self._events.get(view.lineage)) is None:
            return Shown(view)
        passed = max(now - event[0], 0.0)
        return Shown(view, event[1] if passed < SECONDS else "", passed)


def _looks(view: CandidateView) -> tuple[object, ...]:
    """What makes a difference to a reviewer."""
    return (view.behaviour_digest, _evidence(view), view.status, view.reasons, view.label, len(view.decisions))


def _evidence(view: CandidateView) -> object:
    """What tells its evidence from other evidence; the digest of 20,000 examples would stop the screen for seconds."""
    late = view.evidence
    return late if isinstance(late, str) or late.key is None else late.key
