"""Some runs of a library, told from others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import takewhile

import numpy as np

from core.columns import rows
from core.columns.library import Indexes, Library
from core.live.folded import Name

FEW = 64
"""Runs that are looked for one by one."""


@dataclass(frozen=True, eq=False)
class Members:
    """Some runs in the order of their paths; equal to others of the same bytes in the same order."""

    library: Library
    runs: Indexes

    def __len__(self) -> int:
        return len(self.runs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Members) or len(self) != len(other):
            return False
        return self is other or self._is_of_same_volumes(other) or self.key == other.key

    def _is_of_same_volumes(self, other: Members) -> bool:
        """Whether they are the same runs by number, and the numbers mean the same."""
        if not np.array_equal(self.runs, other.runs):
            return False
        last = int(np.searchsorted(self.library.base, self.runs.max(initial=0), "right"))
        pairs = zip(self.library.volumes[:last], other.library.volumes[:last], strict=False)
        return all(mine is theirs for mine, theirs in pairs)

    def __hash__(self) -> int:
        return hash(self.key)

    @cached_property
    def key(self) -> bytes:
        """Tells these runs from others."""
        return blake2b(self.library.keys(self.runs).data, digest_size=16).digest()

    def named(self) -> list[Name]:
        """Each by its unit and the sha256 of its file."""
        return list(zip(rows.units(self.library, self.runs), rows.digests(self.library, self.runs), strict=True))

    def since(self, before: Members) -> tuple[list[Name], list[str]]:
        """The runs that are here and were not among others, and the ids of those that were and are not any more."""
        limit = common(self.library, before.library)
        came, went = _apart(self.runs, before.runs, limit), _apart(before.runs, self.runs, limit)
        new, old = Members(self.library, came), Members(before.library, went)
        # A run may also have come to stand in another volume.
        same = set(new.named()) & set(old.named()) if len(came) and len(went) else set()
        ids = rows.trace_ids(before.library, went)
        return (
            [name for name in new.named() if name not in same],
            [trace_id for trace_id, name in zip(ids, old.named(), strict=True) if name not in same],
        )

    def unlike(self, other: Members) -> int:
        """How many of these runs are not among others."""
        limit = common(self.library, other.library)
        there = np.zeros(limit, np.bool_)
        there[other.runs[other.runs < limit]] = True
        # What stands in the same volume needs no closer look; a run may also have come to stand in another one.
        rest = self.runs[~np.append(there, False)[np.minimum(self.runs, limit)]]
        if not len(rest):
            return 0
        # One half of the key: what is counted is only shown.
        mine, theirs = self.library.keys(rest)[:, 1], other.library.keys(other.runs)[:, 1]
        if len(mine) <= FEW:
            return sum(not (theirs == one).any() for one in mine)
        return int(np.count_nonzero(~np.isin(mine, theirs)))


def _apart(some: Indexes, others: Indexes, limit: int) -> Indexes:
    """Of some runs those that are not among others, where numbers below a limit stand for the same runs."""
    there = np.zeros(limit + 1, np.bool_)
    there[others[others < limit]] = True
    return some[~there[np.minimum(some, limit)]]


def common(one: Library, two: Library) -> int:
    """The number below which the same numbers stand for the same runs in two libraries."""
    alike = takewhile(lambda pair: pair[0] is pair[1], zip(one.volumes, two.volumes, strict=False))
    return int(one.base[sum(1 for _ in alike)])
