"""Writing down what was mined, for later sessions on the very same runs, once nothing changes for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import core
from core.live.mined import Mined
from core.live.partition import Cohort
from core.live.viewed import Proposal
from core.model.jsontext import compact
from core.store.cache import Cache, MinedRow

QUIET = 3.0
"""Seconds for which nothing changes before what was mined last is written down."""

Row = Callable[[Cohort, Mined], "MinedRow | None"]
"""What is written down of a cohort; None where that is nothing."""


class Keeping:
    """What is to be kept for later. For one thread, but for `close`."""

    def __init__(self, cache: Cache | None, row: Row) -> None:
        self.cache = cache
        self._row = row
        self._kept: dict[Cohort, Sequence[Proposal]] = {}
        """What is written down, or is not worth it."""
        self._seen: Sequence[Sequence[Proposal]] = ()
        self._since = 0.0
        """Since when that is what there is."""
        self._saving: threading.Thread | None = None

    def holds(self, cohort: Cohort, proposals: Sequence[Proposal]) -> None:
        """Take some candidates for what is written down."""
        self._kept[cohort] = proposals

    def rest(self, mined: Mapping[Cohort, Mined]) -> None:
        """Write down what is new when nothing changed for a moment, in a thread; to be called again and again."""
        now = time.monotonic()
        there = [one.proposals for one in mined.values()]
        if len(there) != len(self._seen) or any(a is not b for a, b in zip(there, self._seen, strict=True)):
            self._seen, self._since = there, now
        is_busy = self._saving is not None and self._saving.is_alive()
        if now - self._since >= QUIET and not is_busy and self._news(mined):
            saving = threading.Thread(target=self.save, args=[mined], name="assay-mined", daemon=True)
            saving.start()  # first: who closes meanwhile cannot wait for a thread that has not begun
            self._saving = saving

    def save(self, mined: Mapping[Cohort, Mined]) -> None:
        """Write down what is new, and let go of what is kept of other cohorts."""
        if self.cache is not None and (news := self._news(mined)):
            rows = [row for cohort, one in news.items() if (row := self._row(cohort, one)) is not None]
            if rows:
                self.cache.keep_mined(rows, set(map(key_of, mined)))
            self._kept = {cohort: one.proposals for cohort, one in mined.items()}

    def _news(self, mined: Mapping[Cohort, Mined]) -> Mapping[Cohort, Mined]:
        return {
            cohort: one
            for cohort, one in mined.items()
            if not one.unranked and one.proposals is not self._kept.get(cohort)
        }

    def close(self, timeout: float = 2.0) -> None:
        """End what is under way; a cache that is being written is left whole."""
        if self._saving is not None:
            self._saving.join(timeout)


def key_of(cohort: Cohort) -> str:
    """A cohort's name in the cache."""
    return compact(cohort).decode()


@cache
def program() -> bytes:
    """Tells the program from earlier and later ones."""
    root = Path(core.__file__).parent
    told = sha256()
    for module in sorted(root.rglob("*.py")):
        told.update(sha256(module.relative_to(root).as_posix().encode()).digest())
        told.update(sha256(module.read_bytes()).digest())
    return told.digest()
