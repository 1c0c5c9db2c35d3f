"""A result of mining under review: the screens, decisions and crashpacks of the live workspace, raw runs from afar."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Self

from core.cluster import result as results
from core.cluster.result import Result
from core.cluster.review import FromResult, broken_of, noticed, shelf_of
from core.cluster.source import Source
from core.columns import rows
from core.columns.again import Reader
from core.live.changes import ChangeSet
from core.live.clock import utc_now
from core.live.engine import Change, step
from core.live.names import file_of, order_of
from core.live.reviewing import Outcome, Raw, Refused, Request
from core.live.snapshot import Activity, Snapshot
from core.live.taking import LOOK_EVERY
from core.model.errors import InputError, WorkspaceError
from core.model.text import visible
from core.model.trace import Trace
from core.review.looking import stamp_of
from core.review.runs import run_ids
from core.review.stated import Stated
from core.review.transaction import Recheck
from core.session import Session
from core.store.identity import reviewer
from core.store.policy import CohortKey, Mode
from core.store.recovery import recover
from core.store.trouble import is_there
from core.store.workspace import Workspace

_IGNORED = "The workspace's effects.toml does not count for a result; state effects with `assay ingest --effects`"


class _Mined(NamedTuple):
    """A result, and where its raw runs are."""

    result: Result
    source: Source
    stamp: object
    """How it looked before it was loaded: one that takes its place meanwhile is another one."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """That of a folder. Raises InputError."""
        stamp = stamp_of(folder / results.MANIFEST)
        result = results.load(folder)
        return cls(result, Source(result.source, result.effects), stamp)

    def is_there(self, folder: Path) -> bool:
        """Whether it is still the one in the folder."""
        return stamp_of(folder / results.MANIFEST) == self.stamp


class ResultSession(Session):
    """A result under review; a result that is mined anew in its place is taken in."""

    def __init__(self, store: Workspace, given: Path, actor: str, *, clock: Callable[[], str] = utc_now) -> None:
        """Raises InputError when there is no result."""
        super().__init__(store, given, actor, clock=clock)
        self._wanted: Request | None = None
        self._stated = Stated(None)  # what runs were read with is the dataset's
        self._take_result(_Mined.of(given))

    @classmethod
    def open(
        cls,
        traces: Path,
        *,
        workspace: Path | None = None,
        mode: Mode | None = None,
        cohort: CohortKey | None = None,
        actor: str | None = None,
        clock: Callable[[], str] = utc_now,
    ) -> ResultSession:
        """Open a result's folder. Raises InputError or WorkspaceError; a read-only workspace can be viewed."""
        mined = results.load(traces).policy
        for wanted, found in ((mode, mined.mode), (cohort, mined.cohort)):
            if wanted not in (None, found):
                raise InputError(f"the result {visible(str(traces))} was mined with {found}, not {wanted}; mine again")
        opened = Workspace.open(traces, workspace, mode=mined.mode, cohort=mined.cohort)
        session = cls(opened, traces, reviewer(actor), clock=clock)
        try:
            session._upkeep.tell("crash", recover(opened))
        except WorkspaceError as error:
            session._upkeep.tell("crash", [str(error)])
        session._look()
        return session

    def refresh(self) -> Snapshot:
        """Take in the result as it is now."""
        with self._lock:
            self._take_in()
            self._read_once = True
            self._keep_up(wait=True)
            return self._state.snapshot

    def start(self, on_snapshot: Callable[[Snapshot], None], on_activity: Callable[[Activity], None]) -> None:
        """Begin to look, in a thread, at whether the result, the journal or the policy changes."""
        self._on_snapshot = on_snapshot
        self._telling.begin(on_activity)
        self._thread = threading.Thread(target=self._run, name="assay-result", daemon=True)
        self._thread.start()

    def raw(self, unit: str, most: int) -> Raw:
        """At most so many bytes of a unit's file, fetched from the source; of a run what was mined. Raises OSError."""
        try:
            broken = unit in self._state.broken
            data = self._mined.source.fetched(unit) if broken else self._data(unit, self._sha256(unit))
        except InputError as error:
            raise OSError(str(error)) from None
        return Raw(data[:most], len(data))

    def trace(self, trace_id: str) -> Trace:
        """One run with its payloads, fetched from the source. Raises InputError when it is no longer what was mined."""
        run = self._state.snapshot.runs.get(trace_id)
        if run is None:
            raise InputError(f"run {visible(trace_id)} is not among the runs of this result")
        return self._payload(run.unit, self._sha256(run.unit))

    def decide(self, request: Request) -> Outcome:
        """Record a decision as one transaction. Raises an AssayError; nothing is recorded then."""
        with self._lock:
            self._wanted = request
            try:
                return super().decide(request)
            finally:
                self._wanted = None

    def recheck(self, lineage: str) -> Recheck:
        """Fetch all of a candidate's files again. Raises Refused for an approval when one is not what was mined.

        Other decisions are taken on what is left without these.
        """
        with self._lock:
            self._look()
            view = next((v for v in self._state.snapshot.candidates if v.lineage == lineage), None)
            units = [*self._state.parts.units(run_ids(view.candidate)).values()] if view else []
            changed = self._changed(units)
            if not changed:
                return Recheck(self._state, 0)
            if self._wanted is not None and self._wanted.kind == "approve":
                raise Refused((_told(changed),), view, stale=True)
            gone = ChangeSet(gone=frozenset(changed))
            return Recheck(step(self._state, Change(files=gone)), len(changed))

    def _changed(self, units: Sequence[str]) -> list[str]:
        """Which of some runs are no longer what was mined."""
        by_file = {file_of(unit): self._sha256(unit) for unit in units}
        found = self._mined.source.digests(by_file)
        return [unit for unit in units if found[file_of(unit)] != by_file[file_of(unit)]]

    def _take_result(self, mined: _Mined) -> None:
        """Make this what is under review, with nothing derived of it yet."""
        shelf = shelf_of(mined.result)
        result = replace(mined.result, answers=())  # which the shelf knows by now
        self._mined = mined._replace(result=result)
        self._state = replace(
            self._state,
            shelf=shelf,
            elsewhere=FromResult(result),
            read=Reader(self._payload),
            broken=broken_of(result),
            parted=(),
            mined={},
        )

    def _take_in(self) -> bool:
        """Take in a result that was mined anew, what was decided and the policy; whether there was another result.

        Raises InputError (`_reload`); what was decided is taken in all the same.
        """
        try:
            return self._reload()
        finally:
            self._look()

    def _reload(self) -> bool:
        """Take in a result that was mined anew; whether there was one.

        Raises InputError, also where it does not fit the policy; what was under review stays then.
        """
        if self._mined.is_there(self._given):
            return False
        mined, state = self._mined, self._state
        try:
            self._take_result(_Mined.of(self._given))
            self._look(anyway=True)  # by the policy as it is now, which may have been changed for this result
        except BaseException:
            self._mined, self._state = mined, state
            raise
        return True

    def _look(self, *, anyway: bool = False) -> bool:
        ignored = _IGNORED if is_there(self._store.effects_file) else ""
        self._upkeep.tell("mined", [*noticed(self._mined.result, self._state.policy), ignored])
        return super()._look(anyway=anyway)

    def _run(self) -> None:
        """Look until told to stop; a fault is told and does not end it."""
        self._telling.tell(Activity(phase="watching", watching="result"))
        while not self._stop.wait(LOOK_EVERY):
            try:
                at = time.time() if self._turned() else self.activity.last_change
            except Exception as error:  # noqa: BLE001 - whatever it is, who reviews is told and goes on
                self._telling.failed(error)
                self._telling.tell(replace(self.activity, trouble=self._telling.trouble or self._telling.fault))
                continue
            self._telling.trouble = ""
            self._telling.tell(replace(self.activity, trouble=self._telling.fault, last_change=at))

    def _turned(self) -> bool:
        """Take in what changed, and see to what follows from it; whether there was another result."""
        before = self._state.snapshot
        try:
            with self._lock:
                reloaded = self._take_in()
                self._read_once = True
                self._keep_up(wait=False)
                return reloaded
        finally:
            if self._state.snapshot is not before:
                self._on_snapshot(self._state.snapshot)

    def _sha256(self, unit: str) -> str:
        shelf = self._state.shelf
        assert shelf is not None
        at = bisect_left(shelf.units, order_of(unit), key=order_of)
        if at == len(shelf.units) or shelf.units[at] != unit:
            raise InputError(f"{visible(unit)} is not among the runs of this result")
        return rows.sha256(*shelf.library.place(int(shelf.runs[at])))

    def _data(self, unit: str, sha256: str) -> bytes:
        kept = self._mined.result.raw.get(sha256)
        return self._mined.source.data(unit, sha256) if kept is None else kept

    def _payload(self, unit: str, sha256: str) -> Trace:
        """A run with its payloads. Raises ChangedError."""
        return self._mined.source.decoded(self._data(unit, sha256), unit)


def _told(changed: Sequence[str]) -> str:
    some = "1 source file is" if len(changed) == 1 else f"{len(changed)} source files are"
    return (
        f"{some} no longer what was mined, or cannot be read (the first: {visible(changed[0])}); "
        "run `assay ingest` and `assay mine` again"
    )
