"""Where a session's runs come from: the feed, the processes and the cache behind it, and runs that are read again."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.columns.again import Reader
from core.live.changes import ChangeSet, FileReading, LoadedFile, Stamp
from core.live.feed import Feed, read_all
from core.live.intake import Many, Progress
from core.live.layered import Layered
from core.live.looking import Looking
from core.live.payloads import Payloads
from core.live.room import strain
from core.live.watch import native_events
from core.live.watch_apart import events_apart
from core.model.uncollected import look_seldom
from core.store.cache import Cache, runs_in
from core.store.policy import Policy

if TYPE_CHECKING:
    from core.live.earlier_places import EarlierPlaces
    from core.live.engine import State
    from core.live.exact import Cast
    from core.live.found import Found
    from core.live.mining import Mining
    from core.live.proposing import Ground, Proposed
    from core.live.regather import Regather
    from core.live.remembered import Remembered
    from core.live.rows import RowReader
    from core.live.shelf import Shelf
    from core.live.whole import Source

_MANY = 2_000
"""Further runs after which what is in memory counts as staying there."""


def _give_back() -> None:
    """Give the system back what was needed only while much was read; glibc keeps it otherwise."""
    import ctypes

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


class Supply:
    """Reads for one session. `again` may be used from any thread."""

    def __init__(self, folder: Path, workspace: Path | None) -> None:
        """`workspace` is where the cache lies; None for no cache."""
        self._folder = folder
        self._workspace = workspace
        self._looking = Looking(folder, expected=runs_in(workspace) if workspace is not None else 0)
        self._remembered: Remembered | None = None
        self._regather: Regather | None = None
        self._rows: RowReader | None = None
        self._mining: Mining | None = None
        self._places: EarlierPlaces | None = None
        self._recalls = True
        """Whether all runs were read with the same effects, so that their bytes alone tell what they are."""
        self._payloads = Payloads(folder)
        self.again = Reader(self._payloads.run, self._payloads.facts)
        """How runs are read again."""
        self.strain = ""
        """What to tell while so much is read that memory may not do."""
        self._most = 0
        self._frozen = 0
        self._effects = ""
        look_seldom()

    @property
    def effects(self) -> str:
        """The text of an effects.toml that was checked: what other tools' runs change."""
        return self._effects

    def use(self, effects: str) -> None:
        """Read with these effects from now on; for the thread that reads."""
        if effects == self._effects:
            return
        self._effects = effects
        self._payloads.use(effects)
        if self._rows is not None:
            self._rows.effects = effects
            self._recalls = False
        if self._remembered is not None:
            self._remembered.use(effects)
        if self._mining is not None:
            self._mining.use(Cache.of(self._workspace, effects))

    def read_all(self, policy: Policy) -> ChangeSet:
        """Everything in the folder at this moment. Raises InputError."""
        self.limit(policy.max_file_size)
        if self._remembered is None:
            self._looking.ahead()  # while numpy, which columns need, is imported
        try:
            return read_all(
                self._folder, policy.max_file_size, read=self._lean(), many=self._many(), look=self._looking
            )
        finally:
            # Who mines may share the work with copies of this process, as long as it has one thread.
            self._many().end_reading()

    def limit(self, max_size: int) -> None:
        """Read files of at most so many bytes from now on."""
        self._most = self._payloads.most = max_size

    def feed(self, policy: Policy, progress: Progress) -> Feed:
        """The folder under watch."""
        self.limit(policy.max_file_size)
        many: Many = self._many()
        self._many().begin()
        if policy.mode != "exact":
            self._mining = self._begun(beside=True)
            many = self._many_to_mine
        events = events_apart if self._looking.is_large else native_events
        most, looking = policy.max_file_size, self._looking
        return Feed(self._folder, most, progress=progress, read=self._lean(), many=many, look=looking, source=events)

    def _many_to_mine(
        self,
        folder: Path,
        units: Sequence[str],
        stamps: Mapping[str, Stamp],
        max_size: int,
        stopped: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> Mapping[str, FileReading]:
        """Reads many files (core.live.intake.Many) whose runs will be held as a whole by who mines them."""
        self.strain = strain(sum(stamps[unit].size for unit in units))
        return self._many()(folder, units, stamps, max_size, stopped, progress)

    def mine(self, state: State, grounds: Sequence[Ground]) -> Sequence[Proposed | None]:
        """The generalised candidates of some cohorts (core.live.mining). Raises ClosedError, VanishedError."""
        self._mining = self._mining or self._begun(beside=False)
        return self._mining.mine(state, grounds, self._source)

    def recall(self, cast: Cast) -> list[Found] | None:
        """Where exact mining found sequences in the very same runs (core.live.earlier_places); None if nobody knows."""
        from core.live.earlier_places import EarlierPlaces

        if not self._recalls:
            return None
        self._places = self._places or EarlierPlaces(Cache.of(self._workspace, self._effects))
        return self._places.of(cast)

    def going_on(self, state: State, *, quiet: bool) -> State:
        """The state with what was mined beside meanwhile; for who watches, at every turn. Raises ClosedError.

        When it is `quiet`, what can wait is done.
        """
        if quiet and self._recalls and self._places is not None:
            self._places.rest(state.mined)
        if self._mining is None:
            return state
        state = self._mining.going_on(state, self._source, quiet=quiet)
        if quiet:
            self._mining.rest(state)
        return state

    def unmined(self, state: State) -> int:
        """How many runs are still to be mined of a first look that goes on."""
        return 0 if self._mining is None else self._mining.unmined(state)

    def keep(self, state: State) -> None:
        """Keep what was read and mined for later sessions."""
        if self._remembered is not None and state.shelf is not None:
            self._remembered.save(state.shelf)
        if self._mining is not None:
            self._mining.keep(state)
        self.leave(state)

    def leave(self, state: State) -> None:
        """Keep at the end what takes no time to."""
        if self._recalls and self._places is not None:
            self._places.save(state.mined)

    def _begun(self, *, beside: bool) -> Mining:
        from core.live.mining import Mining

        return Mining(Cache.of(self._workspace, self._effects), beside=beside)

    @property
    def _source(self) -> Source:
        from core.live.whole import Source

        return Source(self._folder, self._most, self._effects)

    def _lean(self) -> RowReader:
        from core.live.rows import RowReader

        self._rows = RowReader(self._effects)
        return self._rows

    def _many(self) -> Remembered:
        from core.live.remembered import Remembered

        if self._remembered is None:
            self._remembered = Remembered(self._workspace, effects=self._effects)
        return self._remembered

    def _regathering(self) -> Regather:
        from core.live.regather import Regather

        if self._regather is None:
            self._regather = Regather(self._folder)
        return self._regather

    def settled(self, shelf: Shelf | None) -> None:
        """Everything is read for now: let go of what is not needed, and remember what is new."""
        if self._remembered is not None and shelf is not None:
            self._remembered.rest()
            self._remembered.save(shelf)
            self._regathering().consider(shelf, self._most, self._effects)
            if len(shelf.units) - self._frozen >= _MANY:
                # What stays for the whole session is not to be gone through again and again for garbage.
                self._frozen = len(shelf.units)
                gc.freeze()
                _give_back()

    def gathered(self, files: Mapping[str, LoadedFile]) -> ChangeSet | None:
        """Runs that stand in another segment now, and are the same otherwise; `files` are all that are known."""
        if self._regather is None or (found := self._regather.taken(files, self._effects)) is None:
            return None
        self._many().adopt(found.segments)
        return ChangeSet(Layered(found))

    def close(self) -> None:
        """Let go of everything."""
        self._looking.close()
        if self._regather is not None:
            self._regather.close()
        if self._mining is not None:
            self._mining.close()
        if self._places is not None:
            self._places.close()
        if self._remembered is not None:
            self._remembered.close()
