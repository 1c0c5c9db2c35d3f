"""Who mines for a session in generalised mode: an earlier session did, a process beside this one does, or this one."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from core.columns.again import VanishedError
from core.live import room
from core.live.apart import Apart
from core.live.changes import ChangeSet
from core.live.earlier import Earlier
from core.live.engine import Change, State, step
from core.live.generalised import Ranking, rankings, unmined, unranked
from core.live.partition import Cohort
from core.live.proposing import Ground, Proposed, proposals_of
from core.live.room import is_room, strain
from core.live.whole import Source, WholeRuns
from core.model.errors import AssayError, ClosedError
from core.store.cache import Cache

_WORTH_KEEPING = 2_000_000
"""Bytes of all runs above which what is found is kept for later: to mine it takes half a second."""

_WORTH_HOLDING = 120_000_000
"""Bytes of all runs up to which who mines holds them for the next time; more take memory that others need.

It takes 6 to 7 bytes to hold one, and a fifth of what mining takes to read it again.
"""

_PARTS = 6
"""About how many parts all cohorts are mined in: each waits for its slowest one, and is taken in at once."""


class Mining:
    """Mines for one session. For one thread, but for `close`."""

    def __init__(self, cache: Cache | None, *, beside: bool) -> None:
        """`beside` is whether a process may be started, which is worth it for who watches."""
        self._earlier = Earlier(cache)
        self._apart = Apart() if beside else None
        self._asked: Sequence[Ranking] = ()
        """What is mined beside just now."""
        self._is_first = True
        """Whether a first look goes on, of which somebody waits for the end."""
        self._turns: dict[Cohort, int] = {}
        """When each cohort was mined beside the last time, as a number that grows."""
        self._gave_up = False
        """Whether nothing is mined any more, for there is no room for it."""

    def mine(self, state: State, grounds: Sequence[Ground], source: Source) -> list[Proposed | None]:
        """The candidates of some cohorts; None for those that are mined beside from now on (`going_on`).

        What was decided on is waited for. Raises ClosedError, VanishedError.
        """
        keeps, waits = _size(state) >= _WORTH_KEEPING, not self._goes_beside(state) or self._gave_up
        found = {one.cohort: self._earlier.proposed(one, state.parts) if keeps else None for one in grounds}
        if left := [one for one in grounds if found[one.cohort] is None and (waits or one.decided)]:
            found |= zip([ground.cohort for ground in left], self._mined(state, left, source), strict=True)
        return list(found.values())

    def _mined(self, state: State, grounds: Sequence[Ground], source: Source) -> list[Proposed]:
        holds = _is_worth_holding(state)
        if self._apart is not None:
            self._asked = ()
            if self._goes_beside(state):
                self._apart.begin()
            self._apart.ask(grounds, frozenset(state.parts.cohorts), source, holds=holds)
            if (found := self._apart.taken()) is not None:
                return found
            if self._apart.is_closed:
                raise ClosedError("the session ends")
        return proposals_of(grounds, WholeRuns(source), holds=holds)

    def going_on(self, state: State, source: Source, *, quiet: bool) -> State:
        """The state with what was found beside, if that is there; for who watches, at every turn.

        At the first look the next part of the cohorts is mined then; later, when it is `quiet`, a part of those with
        runs that the ranking has not seen. Raises ClosedError, or AssayError when who mines ended and there is no room
        to do it here.
        """
        if (apart := self._apart) is None:
            return state
        if (later := self._goes_beside(state)) != state.ranks_later:
            state = replace(state, ranks_later=later)
        if self._asked and apart.is_done:
            state = self._taken(state, apart)
        can_ask = self._apart is apart and later and apart.is_done and not self._gave_up
        if can_ask and (cohorts := self._next(state, quiet=quiet)):
            self._asked = rankings(state, cohorts)
            self._turns |= dict.fromkeys(cohorts, max(self._turns.values(), default=0) + 1)
            apart.begin()
            grounds = [one.ground for one in self._asked]
            holds = _is_worth_holding(state)
            apart.ask(grounds, frozenset(state.parts.cohorts), source, shared=self._is_first, holds=holds)
        return state

    def _next(self, state: State, *, quiet: bool) -> Sequence[Cohort]:
        """The cohorts to mine next."""
        left = unmined(state)
        if not left and state.mined:
            self._is_first = False
        elif len(left) == len(state.mined):
            self._is_first = True
        if self._is_first:  # the smallest are shown the soonest
            return _part(dict(sorted(left.items(), key=lambda one: one[1])), len(state.files), os.cpu_count() or 1)
        if not quiet:
            return ()
        in_turn = sorted(unranked(state), key=lambda cohort: self._turns.get(cohort, 0))
        return _part({cohort: len(state.parts.cohorts[cohort]) for cohort in in_turn}, len(state.files), 1)

    def _taken(self, state: State, apart: Apart) -> State:
        asked, self._asked = self._asked, ()
        try:
            found = apart.taken()
        except VanishedError as error:
            if not (units := _as_asked(error.units, asked, state)):
                return state
            changed = step(state, Change(files=ChangeSet(gone=units)))
            return replace(changed, vanished=changed.vanished | units)
        if found is not None:
            made = {one.ground.cohort: one.mined(proposed) for one, proposed in zip(asked, found, strict=True)}
            return step(state, Change(ranked=made), rank=False)
        if apart.is_closed:
            raise ClosedError("the session ends")
        apart.close()  # it died
        if is_room(size := _size(state)):
            self._apart = None  # from now on mining is done here
            return step(replace(state, ranks_later=False), Change())
        self._apart, self._gave_up = Apart(), True  # here it would end the screens as well
        raise AssayError(f"who ranks ended early. {strain(size)}")

    def _goes_beside(self, state: State) -> bool:
        """Whether runs are so many that another process mines them."""
        return self._apart is not None and (self._apart.is_begun or self._gave_up or len(state.files) >= room.MANY)

    def unmined(self, state: State) -> int:
        """How many runs are still to be mined of a first look that goes on."""
        return sum(unmined(state).values()) if self._is_first and not self._gave_up else 0

    def use(self, cache: Cache | None) -> None:
        """Keep what is mined in another cache from now on, for runs are read in another way.

        What is mined beside just now is of no use any more.
        """
        self._asked = ()
        self._earlier.close()
        self._earlier = Earlier(cache)

    def keep(self, state: State) -> None:
        """Keep what was mined for later sessions."""
        self._earlier.save(state.mined)

    def rest(self, state: State) -> None:
        """The same once nothing changed for a moment, and let go of what nobody needs; to be called again and again."""
        self._earlier.rest(state.mined)
        if self._apart is not None:
            self._apart.rest()

    def close(self) -> None:
        """End what is under way."""
        if self._apart is not None:
            self._apart.close()
        self._earlier.close()


def _as_asked(units: Collection[str], asked: Sequence[Ranking], state: State) -> frozenset[str]:
    """Those of some units that are still known as they were when they were asked for."""
    files, wanted = state.files, dict(name for one in asked for name in (*one.ground.members, *one.ground.shadow))
    return frozenset(unit for unit in units if unit in files and files[unit].sha256 == wanted[unit])


def _part(counts: Mapping[Cohort, int], runs: int, least: int) -> Sequence[Cohort]:
    """The first of some cohorts, by how many of so many runs they have.

    At least so many, and more as long as they are a small part of all runs together.
    """
    chosen: list[Cohort] = []
    some = runs / _PARTS
    for cohort, count in counts.items():
        some -= count
        if len(chosen) >= least and some < 0:
            break
        chosen.append(cohort)
    return chosen


def _is_worth_holding(state: State) -> bool:
    """Whether who mines holds all runs for the next time."""
    return _size(state) <= _WORTH_HOLDING


def _size(state: State) -> int:
    """The bytes of all runs' files."""
    shelf = state.shelf
    return 0 if shelf is None else int(shelf.library.column("run_size")[shelf.runs].sum())
