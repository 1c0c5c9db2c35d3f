"""What the screens may ask of the live workspace; `core.session.Session` is the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.decision import Decision, DecisionKind
from core.model.errors import AssayError
from core.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Request:
    """A decision that a reviewer confirms, bound to what was on the screen."""

    kind: DecisionKind
    lineage: str
    behaviour_digest: str
    """The digest that the reviewer saw."""
    actor: str
    reason: str = ""
    seen: CandidateView | None = None
    """The view that the reviewer read; None when only a digest was named (command line)."""
    acknowledged: tuple[str, ...] = ()
    """The warnings that were ticked."""
    command: tuple[str, ...] = ()
    """The equivalent command line."""
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a confirmed decision left behind."""

    decision: Decision
    crashpack: Path | None
    bundle: Path | None
    view: CandidateView
    """The candidate after the decision."""
    trouble: str = ""
    """What could not be finished although the decision stands; the next start completes it."""


class Refused(AssayError):  # noqa: N818 - an answer, not a fault
    """A decision that was not recorded; nothing was written. `fresh` is the present view of the candidate."""

    def __init__(self, reasons: tuple[str, ...], fresh: CandidateView | None = None, *, stale: bool = False) -> None:
        super().__init__("; ".join(reasons))
        self.reasons, self.fresh, self.stale = reasons, fresh, stale


class Raw(NamedTuple):
    """A file as it is."""

    data: bytes
    """Its first bytes."""
    size: int
    """How many bytes it has."""


class Reviewing(Protocol):
    """A traces folder under review."""

    @property
    def traces(self) -> Path:
        """The traces folder."""

    @property
    def workspace(self) -> Path:
        """The workspace folder."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    @property
    def activity(self) -> Activity:
        """What is going on."""

    @property
    def reviewer(self) -> str:
        """Who decides unless told otherwise (`--as`, git's user.email, the OS user)."""

    def start(self, on_snapshot: Callable[[Snapshot], None], on_activity: Callable[[Activity], None]) -> None:
        """Begin to watch, in threads of its own; the callbacks are called from those threads."""

    def trace(self, trace_id: str) -> Trace:
        """One run with its payloads, read from disk. Raises TraceError when it has vanished or no longer loads."""

    def raw(self, unit: str, most: int) -> Raw:
        """At most so many bytes of the file of a unit, of a run or quarantined. Raises OSError."""

    def decide(self, request: Request) -> Outcome:
        """Record a decision as one transaction. Raises Refused, or WorkspaceError when the disk refuses."""

    def retry(self, *units: str) -> None:
        """Have some files looked at again now, or the whole folder when none is named; returns at once."""

    def close(self) -> None:
        """Stop watching and let go of everything; returns quickly."""
