"""Generalised candidates that an earlier session mined of the very same runs, from the workspace's cache.

To mine them takes seconds to minutes, to read them back a moment. They count only where everything that they were
mined from is the same: the bytes of all runs, their names and order, the policy, what other tools' runs are said to
change, and the program itself, of which every module is looked at. What was decided since is for core.live.again.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import core
from core.live.again import Before, again
from core.live.mined import Mined
from core.live.packed import read_back, written
from core.live.partition import Cohort
from core.live.proposing import Ground, Proposed
from core.live.viewed import Proposal
from core.model.jsontext import Json, JsonError, canonical, compact, parse
from core.model.record import DecodeError
from core.promotion.witness import told_by_record
from core.shadow.waivers import Waiver
from core.store.cache import Cache, MinedRow

if TYPE_CHECKING:
    from core.live.column_parts import ColumnParts
    from core.live.partition import NoRuns

QUIET = 3.0
"""Seconds for which nothing changes before what was mined last is written down."""

_LEVEL = 1
"""Of compression: what is written is a list of much that is alike."""


class Earlier:
    """What was mined before, and what is to be kept for later. For one thread, but for `close`."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._asked: set[Cohort] = set()
        self._kept: dict[Cohort, Sequence[Proposal]] = {}
        """What is written down."""
        self._seen: Sequence[Sequence[Proposal]] = ()
        self._since = 0.0
        """Since when that is what there is."""
        self._saving: threading.Thread | None = None

    def proposed(self, ground: Ground, parts: NoRuns | ColumnParts) -> Proposed | None:
        """What was mined of the same runs; None where it is not known. It is looked for once for each cohort.

        Raises VanishedError.
        """
        if self._cache is None or ground.cohort in self._asked:
            return None
        self._asked.add(ground.cohort)
        row = self._cache.mined(_key(ground.cohort), _about(ground))
        try:
            before = None if row is None else _read(row, ground)
        except (zlib.error, JsonError, DecodeError, LookupError, TypeError, ValueError, AttributeError, OverflowError):
            return None
        if before is None or (proposals := again(before, ground, parts)) is None:
            return None
        if before.decided == ground.decided and all(ground.rules(one) == rules for one, rules in before.rules.items()):
            self._kept[ground.cohort] = proposals
        return Proposed(proposals)

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
        if self._cache is not None and (news := self._news(mined)):
            rows = (_row(one) for one in news.values())
            self._cache.keep_mined(rows, set(map(_key, mined)))
            self._kept = {cohort: one.proposals for cohort, one in mined.items()}

    def _news(self, mined: Mapping[Cohort, Mined]) -> Mapping[Cohort, Mined]:
        return {
            cohort: one
            for cohort, one in mined.items()
            if one.ground is not None and not one.unranked and one.proposals is not self._kept.get(cohort)
        }

    def close(self, timeout: float = 2.0) -> None:
        """End what is under way; a cache that is being written is left whole."""
        if self._saving is not None:
            self._saving.join(timeout)


def _key(cohort: Cohort) -> str:
    return compact(cohort).decode()


def _about(ground: Ground) -> bytes:
    """Tells what candidates are mined from."""
    told = sha256(_program())
    told.update(canonical([ground.cohort, ground.policy]))
    for runs in (ground.members, ground.shadow):
        named = "\0".join(text for run in runs for text in run)
        told.update(sha256(named.encode("utf-8", "surrogatepass")).digest())
    return told.digest()


@cache
def _program() -> bytes:
    """Tells the program from earlier and later ones."""
    root = Path(core.__file__).parent
    told = sha256()
    for module in sorted(root.rglob("*.py")):
        told.update(sha256(module.relative_to(root).as_posix().encode()).digest())
        told.update(sha256(module.read_bytes()).digest())
    return told.digest()


def _row(mined: Mined) -> MinedRow:
    ground = mined.ground
    assert ground is not None
    found = [
        [one.lineage, one.witness.backwards, one.witness.unresolved, ground.rules(one.lineage)]
        for one in mined.proposals
    ]
    records = written([one.candidate for one in mined.proposals])
    body = compact({"decided": sorted(ground.decided), "found": found, "records": records})
    return MinedRow(_key(ground.cohort), _about(ground), zlib.compress(body, _LEVEL))


def _read(data: bytes, ground: Ground) -> Before:
    told: dict[str, Json] = parse(zlib.decompress(data))
    proposals, rules = [], {}
    for one, candidate in zip(told["found"], read_back(told["records"]), strict=True):
        lineage, backwards, unresolved, listed = one
        seen = told_by_record(candidate, backwards, unresolved)
        proposals.append(Proposal(lineage, ground.cohort, candidate, len(ground.members), seen))
        rules[lineage] = _rules(listed)
    return Before(tuple(proposals), frozenset(told["decided"]), rules)


def _rules(listed: Iterable[Json]) -> tuple[Waiver, ...]:
    return tuple(map(Waiver.decode, listed))
