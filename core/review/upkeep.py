"""What a session sees to besides decisions: statuses on disk, who hears of drift, and what the user is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from core.live.engine import State
from core.live.reviewing import Outcome
from core.live.snapshot import CandidateView, Snapshot
from core.model.errors import WorkspaceError
from core.model.text import plural
from core.review.notify import drift_event, notify
from core.review.standings import Standings, sentences, statuses_apart
from core.store.workspace import Workspace

_MOST = 5
"""Sentences of one kind that are shown; of the rest only how many there are."""


class Upkeep:
    """The chores of one session. Not for several threads at once, but for `notices`."""

    def __init__(self, store: Workspace) -> None:
        self._store = store
        self._standings = Standings(store)
        self._told: dict[str, tuple[str, ...]] = {}
        self._running: threading.Thread | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """Everything that the user is to be told, oldest topic first."""
        return tuple(chain.from_iterable(tuple(self._told.values())))

    def tell(self, topic: str, told: Iterable[str], *, more: bool = False) -> None:
        """Say something about a topic, in place of what was said about it before or, with `more`, besides."""
        wanted = [sentence for sentence in told if sentence]
        if more:
            wanted = list(dict.fromkeys([*self._told.get(topic, ()), *wanted]))
        rest = len(wanted) - _MOST
        self._told[topic] = (*wanted[:_MOST], *([f"… and {rest} more like these"] if rest > 0 else []))

    def policy_changed(self, before: Snapshot, after: Snapshot) -> None:
        """Say what a change of the policy did to the statuses."""
        apart = statuses_apart(before.candidates, after.candidates)
        count = plural(len(apart), "candidate stands", "candidates stand")
        shown = "; ".join(list(apart.values())[:_MOST])
        told = f"{count} otherwise now: {shown}" if apart else "every candidate stands as it did"
        self.tell("policy", [f"The policy was changed; {told}"])

    def decided(self, outcome: Outcome, state: State) -> None:
        """A decision has written a lineage's files, or could not."""
        if outcome.bundle is not None:
            self._standings.decided(outcome.view, state.redactor)

    def keep_up(self, state: State, is_current: Callable[[], bool], *, wait: bool) -> None:
        """Have the promotion files say how things stand, and run the policy's command when something drifted.

        `wait` for the command to end; else it runs beside. `is_current` is that of `Standings.write`.
        """
        try:
            moved = self._standings.write(state, is_current)
        except WorkspaceError as error:
            self.tell("refused", [str(error)])
            return
        self.tell("refused", ())
        if moved:
            self.tell("statuses", sentences(moved))
        drifted = [item.view for item in moved if item.drifted]
        if drifted and state.policy.notify:
            self._notify(state, drifted, wait=wait)

    def _notify(self, state: State, drifted: Sequence[CandidateView], *, wait: bool) -> None:
        command, event = state.policy.notify, drift_event(self._store, state, drifted)

        def run() -> None:
            self.tell("notify", [notify(command, event)])

        if wait:
            run()
            return
        self._running = threading.Thread(target=run, name="assay-notify", daemon=True)
        self._running.start()
