"""Generalised candidates that an earlier session mined of the very same runs, from the workspace's cache.

To mine them takes seconds to minutes, to read them back a moment. They count only where everything that they were
mined from is the same: the bytes of all runs, their names and order, the policy, what other tools' runs are said to
change, and the program itself, of which every module is looked at. What was decided since is for core.live.again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from core.live import keeping
from core.live.again import Before, again
from core.live.keeping import Keeping, key_of
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

_LEVEL = 1
"""Of compression: what is written is a list of much that is alike."""


class Earlier(Keeping):
    """What was mined before, and what is to be kept for later."""

    def __init__(self, cache: Cache | None) -> None:
        super().__init__(cache, _row)
        self._asked: set[Cohort] = set()

    def proposed(self, ground: Ground, parts: NoRuns | ColumnParts) -> Proposed | None:
        """What was mined of the same runs; None where it is not known. It is looked for once for each cohort.

        Raises VanishedError.
        """
        if self.cache is None or ground.cohort in self._asked:
            return None
        self._asked.add(ground.cohort)
        row = self.cache.mined(key_of(ground.cohort), _about(ground))
        try:
            before = None if row is None else _read(row, ground)
        except (zlib.error, JsonError, DecodeError, LookupError, TypeError, ValueError, AttributeError, OverflowError):
            return None
        if before is None or (proposals := again(before, ground, parts)) is None:
            return None
        if before.decided == ground.decided and all(ground.rules(one) == rules for one, rules in before.rules.items()):
            self.holds(ground.cohort, proposals)
        return Proposed(proposals)


def _about(ground: Ground) -> bytes:
    """Tells what candidates are mined from."""
    told = sha256(keeping.program())
    told.update(canonical([ground.cohort, ground.policy]))
    for runs in (ground.members, ground.shadow):
        named = "\0".join(text for run in runs for text in run)
        told.update(sha256(named.encode("utf-8", "surrogatepass")).digest())
    return told.digest()


def _row(cohort: Cohort, mined: Mined) -> MinedRow | None:
    if (ground := mined.ground) is None:
        return None
    found = [
        [one.lineage, one.witness.backwards, one.witness.unresolved, ground.rules(one.lineage)]
        for one in mined.proposals
    ]
    records = written([one.candidate for one in mined.proposals])
    body = compact({"decided": sorted(ground.decided), "found": found, "records": records})
    return MinedRow(key_of(cohort), _about(ground), zlib.compress(body, _LEVEL))


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
