"""Statuses on disk: promotion files go on saying how their lineage stands (spec/review.md, Status).

Any session that can write notices what has become stale, drifted or ready again and writes it, under the lock and
without waiting for it: whoever holds it decides something, and the next look will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.artifacts.redact import Redactor
from core.live.engine import State
from core.live.snapshot import CandidateView
from core.model.candidate import Criteria
from core.model.errors import WorkspaceError
from core.model.jsontext import JsonError
from core.review.criteria import CRITERIA_DIGEST, FILES, criteria_digest, rewritten, told
from core.store.files import write_file
from core.store.lock import LockHeld
from core.store.trouble import explained
from core.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Moved:
    """A lineage whose promotion files said something else before."""

    view: CandidateView
    before: str
    """The status that they said."""

    @property
    def drifted(self) -> bool:
        """Whether it is now that something approved fails."""
        return self.view.status == "drifted" and self.before != "blocked"


def present(views: Iterable[CandidateView], redactor: Redactor) -> dict[str, Criteria]:
    """What the promotion files of every decided lineage should say, by lineage."""
    return {view.lineage: redactor.everything(view.candidate.promotion.criteria) for view in views if view.decisions}


class Standings:
    """The statuses on disk of one workspace; remembers what it wrote or found in order."""

    def __init__(self, store: Workspace) -> None:
        self._store = store
        self._known: dict[str, tuple[Criteria, Criteria]] = {}
        """What a view said and what that was without secrets, by lineage."""

    def decided(self, view: CandidateView, redactor: Redactor) -> None:
        """A decision has written a lineage's files; they say what it recorded, which may be no longer so."""
        made = view.candidate.promotion.criteria
        said = redactor.everything(made)
        recorded = view.decisions[-1].detail.get(CRITERIA_DIGEST) if view.decisions else None
        self._known.pop(view.lineage, None)
        if recorded == criteria_digest(said.status, said.reasons):
            self._known[view.lineage] = made, said

    def write(self, state: State, is_current: Callable[[], bool]) -> tuple[Moved, ...]:
        """Write every status that is no longer so, and return what moved; nothing while somebody else has the lock.

        `is_current` tells, once the lock is held, whether the state is that of the journal on disk. Raises
        WorkspaceError.
        """
        store = self._store
        if not store.exists or not store.writable or state.journal.faults:
            return ()
        due = [view for view in state.snapshot.candidates if view.decisions and not self._is_known(view)]
        wanted = {view.lineage: (view, state.redactor.everything(view.candidate.promotion.criteria)) for view in due}
        late = [lineage for lineage, (_, now) in wanted.items() if any(_stale(store, lineage, now).values())]
        moved = []
        if late:
            try:
                with store.locked("statuses", timeout=0):
                    if not is_current():
                        return ()
                    moved = [_rewrite(store, *wanted[lineage]) for lineage in late]
            except LockHeld:
                return ()
        for lineage, (view, now) in wanted.items():
            self._known[lineage] = view.candidate.promotion.criteria, now
        return tuple(moved)

    def _is_known(self, view: CandidateView) -> bool:
        known = self._known.get(view.lineage)
        return known is not None and known[0] == view.candidate.promotion.criteria


def _stale(store: Workspace, lineage: str, now: Criteria) -> dict[str, str]:
    """The status that each file says, of those that say another one than now; what is no file of ours is left alone."""
    found = {}
    for name in FILES:
        try:
            said = told((store.bundle(lineage) / name).read_bytes())
        except (OSError, WorkspaceError, JsonError, KeyError, TypeError):
            continue
        if any(item != (now.status, list(now.reasons)) for item in said):
            found[name] = said[0][0]
    return found


def _rewrite(store: Workspace, view: CandidateView, now: Criteria) -> Moved:
    """Have all files of a lineage say how it stands, each at one stroke, the manifest last."""
    before = ""
    for name, said in _stale(store, view.lineage, now).items():
        path = store.bundle(view.lineage) / name
        with explained("read", path):
            data = path.read_bytes()
        write_file(path, rewritten(data, now), disk=store.disk)
        before = before or said
    return Moved(view, before)


def sentences(moved: Iterable[Moved]) -> tuple[str, ...]:
    """What to tell the user of statuses that were written."""
    return tuple(
        f"{item.view.label} is {item.view.status.replace('_', ' ')} now; its promotion files said {item.before}."
        for item in moved
        if item.before
    )


def statuses_apart(before: Iterable[CandidateView], after: Iterable[CandidateView]) -> Mapping[str, str]:
    """`LABEL: BEFORE → AFTER` by lineage, of those that stand otherwise now."""
    were = {view.lineage: view.status for view in before}
    return {
        view.lineage: f"{view.label}: {were[view.lineage]} → {view.status}"
        for view in after
        if were.get(view.lineage, view.status) != view.status
    }
