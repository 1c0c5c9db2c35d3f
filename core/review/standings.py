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
from core.model.candidate import Candidate, Criteria
from core.model.errors import WorkspaceError
from core.model.jsontext import JsonError
from core.review.criteria import CRITERIA_DIGEST, FILES, criteria_digest, may_be_rebuilt, rewritten, told
from core.store.files import write_file
from core.store.lock import LockHeld
from core.store.trouble import explained, read_regular
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
        self._known: dict[str, Candidate] = {}
        """What the files of each lineage are about as they are."""

    def decided(self, view: CandidateView, redactor: Redactor) -> None:
        """A decision has written a lineage's files; they say what it recorded, which may be no longer so."""
        made = view.candidate.promotion.criteria
        said = redactor.everything(made)
        recorded = view.decisions[-1].detail.get(CRITERIA_DIGEST) if view.decisions else None
        self._known.pop(view.lineage, None)
        if recorded == criteria_digest(said.status, said.reasons):
            self._known[view.lineage] = view.candidate

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
        anew = {view.lineage: files for view in due if (files := _anew(store, state, view))}
        late = [lineage for lineage, (_, now) in wanted.items() if any(_stale(store, lineage, now).values())]
        late = list(dict.fromkeys([*late, *anew]))
        moved = []
        if late:
            try:
                with store.locked("statuses", timeout=0):
                    if not is_current():
                        return ()
                    moved = [_rewrite(store, *wanted[lineage], anew.get(lineage)) for lineage in late]
            except LockHeld:
                return ()
        self._known |= {view.lineage: view.candidate for view in due}
        return tuple(moved)

    def _is_known(self, view: CandidateView) -> bool:
        known, now = self._known.get(view.lineage), view.candidate
        if known is None or known.promotion.criteria != now.promotion.criteria:
            return False
        return known is now or not may_be_rebuilt(view.decisions[-1]) or known == now


def _stale(store: Workspace, lineage: str, now: Criteria) -> dict[str, str]:
    """The status that each file says, of those that say another one than now; what is no file of ours is left alone."""
    found = {}
    for name in FILES:
        try:
            said = told(read_regular(store.bundle(lineage) / name))
        except (OSError, WorkspaceError, JsonError, KeyError, TypeError):
            continue
        if any(item != (now.status, list(now.reasons)) for item in said):
            found[name] = said[0][0]
    return found


def _anew(store: Workspace, state: State, view: CandidateView) -> dict[str, bytes] | None:
    """The files of a bundle that has to become another one; None where its status is all that may change."""
    if not may_be_rebuilt(view.decisions[-1]):
        return None
    from core.review.rebuilt import bundle_now, is_outdated

    return bundle_now(state, view) if is_outdated(store, state, view) else None


def _rewrite(store: Workspace, view: CandidateView, now: Criteria, anew: dict[str, bytes] | None) -> Moved:
    """Have all files of a lineage say how it stands, each at one stroke, the manifest last."""
    before, stale = "", _stale(store, view.lineage, now)
    if anew is not None:
        from core.review.rebuilt import put_in_place

        put_in_place(store, view.lineage, anew)
        return Moved(view, next(iter(stale.values()), ""))
    for name, said in stale.items():
        path = store.bundle(view.lineage) / name
        with explained("read", path):
            data = read_regular(path)
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
