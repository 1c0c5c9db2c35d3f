"""A review that shows everything and records nothing: for pictures, and for browsers that nobody vouched for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.live.reviewing import Outcome, Raw, Refused, Request, Reviewing
from core.live.snapshot import Activity, Snapshot
from core.model.trace import Trace

WHY = "this review is read-only: it shows everything and records no decision"
"""What a decision is refused with, and what a dialog says before it is even tried."""


class ReadOnly:
    """Another live workspace, without its decisions."""

    def __init__(self, real: Reviewing) -> None:
        self._real = real

    @property
    def traces(self) -> Path:
        """The traces folder."""
        return self._real.traces

    @property
    def workspace(self) -> Path:
        """The workspace folder."""
        return self._real.workspace

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._real.snapshot

    @property
    def activity(self) -> Activity:
        """What is going on."""
        return self._real.activity

    @property
    def reviewer(self) -> str:
        """Nobody decides here, and the header says so."""
        return "nobody (read-only)"

    def start(self, on_snapshot: Callable[[Snapshot], None], on_activity: Callable[[Activity], None]) -> None:
        """Begin to watch."""
        self._real.start(on_snapshot, on_activity)

    def trace(self, trace_id: str) -> Trace:
        """One run with its payloads. Raises TraceError."""
        return self._real.trace(trace_id)

    def raw(self, unit: str, most: int) -> Raw:
        """At most so many bytes of a unit's file. Raises OSError."""
        return self._real.raw(unit, most)

    def decide(self, request: Request) -> Outcome:
        """Nothing is recorded. Raises Refused, always."""
        raise Refused((WHY,))

    def retry(self, *units: str) -> None:
        """Looking again changes nothing."""
        self._real.retry(*units)

    def close(self) -> None:
        """Stop watching."""
        self._real.close()


class Still(ReadOnly):
    """The same, as it was read once: nothing is watched and nothing moves."""

    def start(self, on_snapshot: Callable[[Snapshot], None], on_activity: Callable[[Activity], None]) -> None:
        """Show what was read."""
        on_snapshot(self.snapshot)
        on_activity(Activity(phase="stopped"))


def barred(reviewing: Reviewing) -> str:
    """Why nothing can be decided or written here; empty where it can."""
    return WHY if isinstance(reviewing, ReadOnly) else ""
