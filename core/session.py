"""A traces folder under review: the engine fed from disk, and the decisions taken on what it shows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from core.live.changes import ChangeSet
from core.live.clock import utc_now
from core.live.engine import Change, State, anew, step
from core.live.feed import Feed
from core.live.foreign import run_of
from core.live.raw import beginning_of, bytes_of
from core.live.reviewing import Outcome, Raw, Request
from core.live.scan import folder_state
from core.live.snapshot import Activity, CandidateView, Phase, Snapshot
from core.live.supply import Supply
from core.live.taking import patience, taken
from core.live.telling import Telling
from core.model.errors import ClosedError, InputError, WorkspaceError
from core.model.text import visible
from core.model.trace import Trace
from core.review.journal_reader import JournalReader
from core.review.looking import backwards, looked, stamp_of
from core.review.stated import Stated
from core.review.upkeep import Upkeep
from core.store.identity import reviewer
from core.store.policy import CohortKey, Mode
from core.store.recovery import recover
from core.store.workspace import Workspace

if TYPE_CHECKING:  # what compares and decides is imported when somebody does: nobody has to wait for it before
    from core.review.transaction import Recheck
    from core.shadow.differences import Difference


class Session:
    """The live workspace. One instance per process and folder; its methods may be called from any thread."""

    def __init__(self, store: Workspace, given: Path, actor: str, *, clock: Callable[[], str] = utc_now) -> None:
        self._store, self._given, self._actor, self._clock = store, given, actor, clock
        self._lock = threading.RLock()
        self._supply = Supply(given, store.folder)
        supply = self._supply
        self._state = State(created_at=clock(), read=supply.again, apart=supply.mine, recall=supply.recall)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._feed: Feed | None = None
        self._seen: tuple[object, ...] = ()
        self._upkeep = Upkeep(store)
        self._journal = JournalReader(store)
        self._stated = Stated(store.effects_file)
        self._sound = self._read_once = False
        self._on_snapshot: Callable[[Snapshot], None] = lambda _: None
        self._telling = Telling()
        self._polled: ChangeSet | None = None
        """What the feed told and is not taken in yet."""

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
    ) -> Session:
        """Open a traces folder. Raises InputError or WorkspaceError; a read-only workspace can be viewed."""
        opened = Workspace.open(traces, workspace, mode=mode, cohort=cohort)
        session = cls(opened, traces, reviewer(actor), clock=clock)
        try:
            session._upkeep.tell("crash", recover(opened))
        except WorkspaceError as error:
            session._upkeep.tell("crash", [str(error)])
        session._look()
        return session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def traces(self) -> Path:
        """The traces folder, as it was given."""
        return self._given

    @property
    def workspace(self) -> Path:
        """The workspace folder."""
        return self._store.folder

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._state.snapshot

    @property
    def activity(self) -> Activity:
        """What is going on."""
        return self._telling.activity

    @property
    def reviewer(self) -> str:
        """Who decides unless told otherwise."""
        return self._actor

    def refresh(self) -> Snapshot:
        """Read everything once, without waiting for files that are still being written."""
        with self._lock:
            self._supply.use(self._stated.current())
            found = self._supply.read_all(self._state.policy)
            empty = replace(self._state, files={}, shelf=None, broken={}, mined={}, viewed={}, ranks_later=False)
            self._state = step(empty, Change(files=found))
            self._read_once = True
            self._supply.keep(self._state)
            self._keep_up(wait=True)
            return self._state.snapshot

    def start(self, on_snapshot: Callable[[Snapshot], None], on_activity: Callable[[Activity], None]) -> None:
        """Begin to watch in a thread; the callbacks are called from it."""
        self._on_snapshot = on_snapshot
        self._telling.begin(on_activity)
        self._supply.use(self._stated.current())
        self._feed = self._supply.feed(self._state.policy, self._progress)
        self._feed.start()
        self._thread = threading.Thread(target=self._run, name="assay-engine", daemon=True)
        self._thread.start()

    def retry(self, *units: str) -> None:
        """Have some files looked at again now, or the whole folder when none is named."""
        if self._feed is not None:
            self._feed.hint(*units)

    def close(self) -> None:
        """Stop watching and let go of everything."""
        self._stop.set()
        if self._feed is not None:
            self._feed.close()
        self._supply.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)
            if not self._thread.is_alive():
                self._supply.leave(self._state)

    def raw(self, unit: str, most: int) -> Raw:
        """At most so many bytes of a unit's file. Raises OSError."""
        return beginning_of(self._given, unit, most)

    def trace(self, trace_id: str) -> Trace:
        """One run with its payloads, read from disk. Raises InputError when it has vanished or no longer loads."""
        if (run := self._state.snapshot.runs.get(trace_id)) is None:
            raise InputError(f"run {visible(trace_id)} is no longer among the loaded runs")
        unit = run.unit
        try:
            data = bytes_of(self._given, unit)
        except OSError as error:
            raise InputError(f"cannot read {visible(unit)}: {error.strerror}") from None
        return run_of(data, unit, str(self._given / unit), self._stated.text)

    def differences(self, view: CandidateView, trace_id: str) -> tuple[Difference, ...]:
        """Everything that differs between a candidate and a run that it was compared with. Raises InputError."""
        from core.mining.comparing import all_differences

        return all_differences(view.candidate, self.trace(trace_id), view.rules)

    def decide(self, request: Request) -> Outcome:
        """Record a decision as one transaction. Raises an AssayError; nothing is recorded then."""
        from core.review.transaction import Stamp, decide
        from core.store.signing.own import own_signer

        stamp = Stamp.here(self._clock())
        try:
            with self._lock:
                outcome = decide(self, request, stamp, own_signer())
                self._upkeep.decided(outcome, self._state)
                if self._thread is None:
                    self._keep_up(wait=True)
                return outcome
        finally:
            self._on_snapshot(self.snapshot)

    @property
    def store(self) -> Workspace:
        """The workspace on disk."""
        return self._store

    def recheck(self, lineage: str) -> Recheck:
        """Read a candidate's files, the journal and the policy again, and take in what changed."""
        from core.review.runs import read_again
        from core.review.transaction import Recheck

        with self._lock:
            self._look()
            view = next((v for v in self._state.snapshot.candidates if v.lineage == lineage), None)
            if view is None:
                return Recheck(self._state)
            self._stated.check(view)
            change, told = read_again(self._given, view.candidate, self._state, self._stated.text)
            if change:  # past the feed, which would take the files for told when they are again as they were
                moved = replace(self._state, vanished=self._state.vanished | change.touched)
                self._state = step(moved, Change(files=change))
            return Recheck(self._state, len(change), told.outlines, told.traces)

    def adopt(self) -> State:
        """The state with the journal as it is on disk now."""
        with self._lock:
            self._look(anyway=True)
            return self._state

    def tell(self, sentences: tuple[str, ...]) -> None:
        """Tell the user what was done about an earlier crash."""
        self._upkeep.tell("crash", sentences, more=True)

    def _look(self, *, anyway: bool = False) -> bool:
        """Take in the journal and the policy when they changed on disk; whether they did."""
        seen = tuple(map(stamp_of, self._store.watched))
        if seen == self._seen and not anyway:
            return False
        before, is_first = self._state.snapshot, not self._seen
        if is_first:  # what another policy than this one makes of runs and decisions would be false
            self._store.load_policy()
        found = looked(self._store, self._journal, self._state)
        self._state = step(self._state, found.change)
        if self._stated.look() and self._feed is not None:
            self._feed.anew(partial(self._supply.use, self._stated.text))
        self._sound = not (found.trouble or self._stated.trouble)
        self._upkeep.tell("place", (self._store.why_not, found.trouble, self._stated.trouble))
        self._upkeep.tell("keys", found.journal.notes)
        self._upkeep.tell("clock", backwards(found.journal.trusted))
        if found.change.policy != before.policy and not is_first:
            self._upkeep.policy_changed(before, self._state.snapshot)
        self._seen = seen  # only now: what could not be taken in is looked at again
        self._show_notices()
        return True

    def _keep_up(self, *, wait: bool) -> None:
        """See to what follows from how things stand, once everything was read and the policy could be."""
        # A folder that is back since the last look has runs that are not read yet.
        is_there = folder_state(self._given)[0] == "present" and not (self._feed and self._feed.away)
        if self._read_once and self._sound and not self._stated.is_behind and is_there:
            self._upkeep.keep_up(self._state, lambda: not self._look(), wait=wait)
        self._show_notices()

    def _show_notices(self) -> None:
        """Have the snapshot tell what is to be told."""
        self._upkeep.tell("effects", self._stated.told)
        if self._upkeep.notices != self._state.notices:
            self._state = step(self._state, Change(notices=self._upkeep.notices))

    def _run(self) -> None:
        """Feed the engine until told to stop; what goes wrong is told and does not end the watching."""
        feed = self._feed
        assert feed is not None
        while not self._stop.is_set():
            try:
                self._turn(feed)
            except ClosedError:
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, who reviews is told and goes on
                if not isinstance(error, OSError):
                    self._polled = None  # who could not take it in now could not later
                self._telling.failed(error)
                self._tell_on(more=not self._read_once)
                self._stop.wait(1)

    def _turn(self, feed: Feed) -> None:
        """Take in what changed, and see to what follows from it."""
        self._steer(feed)
        self._polled = found = self._polled or feed.poll(patience(self._state))
        before, more = self._state.snapshot, bool(found and found.more)
        try:
            with self._lock:
                if found and not more:
                    self._tell("mining", total=0 if self._read_once else len(self._state.files) + len(found.loaded))
                self._take(found)
                self._polled = None
                self._look()
                self._read_once = self._read_once or not more
                if self._stated.caught_up(behind=feed.is_behind):
                    self._state = anew(self._state)
                if not more:
                    self._keep_up(wait=False)
        finally:
            if self._state.snapshot is not before:
                self._on_snapshot(self._state.snapshot)
        self._telling.trouble = ""
        self._tell_on(more=more, changed=bool(found))

    def _steer(self, feed: Feed) -> None:
        """Have the feed go by what the state came to, also by decisions: the largest file, and what to tell anew."""
        with self._lock:
            self._supply.limit(self._state.policy.max_file_size)
            feed.limit(self._state.policy.max_file_size)
            if self._state.vanished:
                feed.doubt(self._state.vanished)
                self._state = replace(self._state, vanished=frozenset())

    def _progress(self, done: int, total: int) -> None:
        if total:
            self._tell("reading", done=done, total=total)

    def _tell_on(self, *, more: bool, changed: bool = False) -> None:
        """Say what goes on after a turn: watching only when the first look, of which there may be more, is over."""
        with self._lock:
            unmined = self._supply.unmined(self._state)
        self._tell("reading" if more else "mining" if unmined else "watching", total=unmined, changed=changed)

    def _tell(self, phase: Phase, *, done: int = 0, total: int = 0, changed: bool = False) -> None:
        assert self._feed is not None
        strain = "" if self._read_once and phase != "mining" else self._supply.strain
        self._telling.tell_of(self._feed, phase, done=done, total=total, changed=changed, strain=strain)

    def _take(self, found: ChangeSet | None) -> None:
        if quiet := found is None:  # a moment for what can wait
            found = self._supply.gathered(self._state.files)
        self._state = taken(self._state, found, first=not self._read_once)
        if not (found and found.more):  # what was taken in stays, even when that cannot go on
            # What was mined of runs as they are no longer read is not to be remembered.
            self._state = self._supply.going_on(self._state, quiet=quiet and not self._stated.is_behind)
        if found and not found.more:
            self._supply.settled(self._state.shelf)
