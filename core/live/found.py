"""Where the known sequences of a cohort stand after a change, found by looking only at the runs that came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from core.columns.begun import Begun
from core.columns.candidate import Windows
from core.columns.library import Flags, Indexes, Library
from core.columns.shadow import Line, places
from core.live.members import Members, common
from core.mining.lines import Places, occurring

Numbers = npt.NDArray[np.uint32]
Standing = tuple[Indexes, Indexes]
"""Runs, and where in each."""
Compared = tuple[Members, Members]
"""The runs that are mined and those that are only compared; together they are the line."""

MOST = 1_000
"""Runs that came or went above which everything is looked at again."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where a sequence stands: in its examples, and wherever else it is compared."""

    library: Library
    codes: tuple[int, ...]
    runs: Numbers
    """The library's numbers: the examples, then every other run in which it occurs, both in the line's order."""
    starts: Numbers
    examples: int
    """How many of these runs are examples."""
    begun: Begun = field(default_factory=Begun)
    """What is known of the digest over the examples."""

    @property
    def windows(self) -> Windows:
        """The examples."""
        return Windows(self.library, self.codes, self.runs[: self.examples], self.starts[: self.examples], self.begun)

    def is_at(self, other: Found | None) -> bool:
        """Whether it stands in the same runs as another one of the same sequence, at the same places."""
        return (
            other is not None
            and self.examples == other.examples
            and np.array_equal(self.runs, other.runs)
            and np.array_equal(self.starts, other.starts)
            and int(self.runs.max(initial=0)) < common(self.library, other.library)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """Where a sequence stands now."""

    found: Found
    change: bytes | None = None
    """Tells the change since it was found before from other changes; empty where nothing did change."""


def found_at(where: Places, members: Members, line: Line) -> Found:
    """A sequence that was mined at some places, and where else it occurs on the line."""
    windows = Windows(members.library, where.codes, members.runs[where.runs], where.starts)
    runs, starts = places(windows, line)
    small = runs.astype(np.uint32), starts.astype(np.uint32)
    return Found(members.library, where.codes, *small, len(where.runs))


def gone_on(found: Found, before: Found | None) -> Found:
    """What was found, with what is known already of the digest over as many examples as are still the same."""
    if before is None:
        return found
    count, limit = min(found.examples, before.examples), common(before.library, found.library)
    same = (found.runs[:count] == before.runs[:count]) & (found.runs[:count] < limit)
    return replace(found, begun=before.begun.until(count if same.all() else int(same.argmin())))


def found_again(known: Sequence[Found], before: Compared, now: Compared, min_examples: int) -> list[Moved] | None:
    """Where known sequences stand now; the same `Found` where nothing came or went.

    Equals what looking at everything finds: where a sequence stands in a run depends on nothing but that run and the
    sequences before it. None when that cannot be told so: when one of them is in too few runs now, or after a big
    change.
    """
    if (differs := _difference(before, now)) is None:
        return None
    members, compared = now
    library = members.library
    came = members.runs[differs.came[members.runs]]
    names = library.names.signatures
    new = {one.codes: one for one in occurring(*library.actions_of(came), names, [one.codes for one in known], 1)}
    line = Line(library, np.concatenate([came, compared.runs[differs.came[compared.runs]]]))
    made = []
    for one in known:
        where = new.get(one.codes)
        here = came[where.runs] if where else came[:0]
        starts = where.starts if where else here
        others, begin = line.occurrences(one.codes)
        apart = ~np.isin(others, here)
        moved = _merged(one, library, differs, (here, starts), (others[apart], begin[apart]))
        if moved.found.examples < max(min_examples, 1):
            return None
        made.append(moved)
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Difference:
    """Tables by the library's number."""

    gone: Flags
    """Of the library before: runs that are not there any more, or play another part."""
    came: Flags
    """Of the library now."""
    rank: Numbers
    """The place on the line now."""


def _difference(before: Compared, now: Compared) -> _Difference | None:
    """What is different between two lines; None when that is much."""
    old, new = before[0].library, now[0].library
    if old.names is not new.names:
        return None
    size = max(int(old.base[-1]), int(new.base[-1]))
    parts = np.zeros((2, size), np.uint8)
    rank = np.zeros(size, np.uint32)
    for table, line in zip(parts, (before, now), strict=True):
        for part, members in enumerate(line, 1):
            table[members.runs] = part
    rank[now[0].runs] = np.arange(len(now[0]))
    rank[now[1].runs] = np.arange(len(now[1])) + len(now[0])
    others = parts[0] != parts[1]
    others[common(old, new) :] = True  # the same numbers stand for other runs there
    gone, came = others & (parts[0] > 0), others & (parts[1] > 0)
    if max(np.count_nonzero(gone), np.count_nonzero(came)) > MOST:
        return None
    return _Difference(gone, came, rank)


def _merged(known: Found, library: Library, differs: _Difference, here: Standing, others: Standing) -> Moved:
    """Known places without what is gone and with what came, each of both parts in the line's order."""
    stays = ~differs.gone[known.runs]
    if stays.all() and not len(here[0]) and not len(others[0]):
        return Moved(known, b"")
    parts = slice(known.examples), slice(known.examples, None)
    first, second = (
        _inserted((known.runs[part], known.starts[part]), stays[part], differs.rank, new)
        for part, new in zip(parts, (here, others), strict=True)
    )
    runs, starts = (np.concatenate(both) for both in zip(first[0], second[0], strict=True))
    gone = np.flatnonzero(~stays)
    same = min([*gone[:1].tolist(), *first[1][:1].tolist(), known.examples])
    found = Found(library, known.codes, runs, starts, len(first[0][0]), known.begun.until(same))
    at = np.concatenate([first[1], second[1] + found.examples])
    return Moved(found, _change(known, gone, found, at))


def _inserted(
    known: tuple[Numbers, Numbers], stays: Flags, rank: Numbers, new: Standing
) -> tuple[tuple[Numbers, Numbers], Indexes]:
    """The places that stay and the new ones in order, and at which indexes the new ones are now."""
    runs, starts = known[0][stays], known[1][stays]
    at = np.searchsorted(rank[runs], rank[new[0]])
    made = (np.insert(runs, at, new[0].astype(np.uint32)), np.insert(starts, at, new[1].astype(np.uint32)))
    return made, at + np.arange(len(at))


def _change(before: Found, gone: Indexes, now: Found, came: Indexes) -> bytes:
    """Tells a change from others: what stood where and is gone, what stands where now; empty when that is alike."""
    sides = [(found.library.keys(found.runs[at]), found.starts[at], at) for found, at in ((before, gone), (now, came))]
    if before.examples == now.examples and all(map(np.array_equal, *sides)):
        return b""
    digest = blake2b(now.examples.to_bytes(8, "little"), digest_size=16)
    for side in sides:
        digest.update(len(side[2]).to_bytes(8, "little"))
        for part in side:
            digest.update(part.astype(np.uint64).tobytes())
    return digest.digest()
