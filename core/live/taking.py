"""When the engine ranks: at first, and once everything was quiet for a moment; in between it keeps up what is known."""

from __future__ import annotations

from core.live.changes import ChangeSet
from core.live.engine import Change, State, absorb, step

QUIET = 0.2
"""Seconds without a change after which the ranking is made anew."""

LOOK_EVERY = 0.3
"""Seconds between looks at the journal and the policy, which other processes may change."""


def patience(state: State) -> float:
    """How long to wait for changes, in seconds."""
    return QUIET if state.snapshot.unranked else LOOK_EVERY


def taken(state: State, found: ChangeSet | None, *, first: bool) -> State:
    """The state with what a feed told; None is nothing for as long as `patience` says.

    `first` is whether nothing has been shown yet, so that everything has to be ranked.
    """
    if found is None:
        return step(state, Change()) if state.snapshot.unranked and not state.ranks_later else state
    if found.more:
        return absorb(state, Change(files=found))
    return step(state, Change(files=found), rank=first)
