"""What every screen's frame shows: the live workspace as it stands, and whether the view of it is frozen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.live.snapshot import Activity, Snapshot


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of the program at one moment."""

    traces: str
    """The watched folder as it was given."""
    workspace: str
    reviewer: str
    snapshot: Snapshot = field(default_factory=Snapshot)
    """What is shown, which is older than what is known while the view is paused."""
    activity: Activity = field(default_factory=Activity)
    paused: bool = False
    waiting: int = 0
    """Candidates and problems that changed since the view was paused."""
    rate: float = 0.0
    """Files a second of the present scan; 0 when it is not known yet."""
    now: float = 0.0
    """Unix seconds."""
    troubles: tuple[str, ...] = ()
    """What decisions of this review left unfinished; said until the review ends, as the next start completes it."""


def nothing_yet(shown: Snapshot, activity: Activity) -> bool:
    """Whether the first look is under way, so that nothing can be said of the runs."""
    return activity.phase in ("starting", "reading", "mining") and not shown.loaded and not shown.problems


def looked(activity: Activity) -> bool:
    """Whether the first look is over, once nothing more of it is on its way."""
    return activity.phase in ("watching", "stopped")


def so_far(shown: Snapshot) -> Snapshot:
    """What holds while the first look is under way: what it did not come to yet cannot be called gone."""
    return replace(shown, candidates=tuple(view for view in shown.candidates if view.proposed))


@dataclass(slots=True)
class Pace:
    """How fast a scan goes, from what it says now and then."""

    _phase: str = ""
    _done: int = 0
    _at: float = 0.0

    def rate(self, activity: Activity, now: float) -> float:
        """Files a second since the present phase began; 0 as long as nothing can be said."""
        if activity.phase != self._phase or activity.done < self._done:
            self._phase, self._done, self._at = activity.phase, activity.done, now
        passed, done = now - self._at, activity.done - self._done
        return done / passed if passed > 0 else 0.0


def waiting(shown: Snapshot, newest: Snapshot) -> int:
    """How many candidates and problems are different in the newest snapshot, new or gone."""
    if shown is newest:
        return 0
    before = {view.lineage: view for view in shown.candidates}
    after = {view.lineage: view for view in newest.candidates}
    candidates = sum(before.get(name) != after.get(name) for name in before.keys() | after.keys())
    return candidates + len({p.key for p in shown.problems} ^ {p.key for p in newest.problems})
