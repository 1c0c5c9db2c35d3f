"""Where an earlier session found the exact sequences of the very same runs, from the workspace's cache.

To mine them is a quarter of what opening the same runs again takes. Only places are kept: what is shown of a candidate
is made of the columns, as ever. They count only for the same bytes of all runs in the same order, the same rules of
mining, and the same program that mines.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.columns import shadow
from core.columns.segment import MAGIC, DamagedError, from_bytes, to_bytes
from core.live import found
from core.live.found import Found
from core.live.keeping import Keeping, key_of
from core.live.members import common
from core.live.mined import Mined
from core.live.partition import Cohort
from core.mining import exact, lines
from core.model import signature
from core.model.jsontext import canonical
from core.store.cache import Cache, MinedRow

if TYPE_CHECKING:
    from core.live.exact import Cast, Made
    from core.live.found import Compared

WORTH_KEEPING = 5_000
"""Runs of a cohort below which they are mined as quickly as that is looked up."""


class EarlierPlaces(Keeping):
    """What was found before, and what is to be kept for later."""

    def __init__(self, cache: Cache | None) -> None:
        super().__init__(cache, self._row)
        self._asked: set[Cohort] = set()
        self._there: dict[Cohort, bytes] = {}
        """What tells that which is written down."""

    def of(self, cast: Cast) -> list[Found] | None:
        """Where the sequences stand that mining finds; None if nobody knows. It is looked up once for a cohort."""
        if self.cache is None or len(cast.members) < WORTH_KEEPING or cast.cohort in self._asked:
            return None
        self._asked.add(cast.cohort)
        asked = _about(cast.cohort, (cast.members, cast.compared), cast.min_examples, cast.max_candidates)
        row = self.cache.mined(key_of(cast.cohort), asked)
        try:
            found = None if row is None else _read(row, cast)
        except (DamagedError, LookupError, TypeError, ValueError, AttributeError, OverflowError):
            return None
        if found is not None:
            self._there[cast.cohort] = asked
        return found

    def _row(self, cohort: Cohort, mined: Mined) -> MinedRow | None:
        policy = mined.policy
        if mined.line is None or policy is None or len(mined.line[0]) < WORTH_KEEPING:
            return None
        asked = _about(cohort, mined.line, policy.min_examples, policy.max_candidates)
        if self._there.get(cohort) == asked or (data := _written(mined.made.values(), mined.line)) is None:
            return None
        self._there[cohort] = asked
        return MinedRow(key_of(cohort), asked, data)


def _about(cohort: Cohort, runs: Compared, min_examples: int, max_candidates: int) -> bytes:
    """Tells what sequences are found in."""
    told = sha256(_program())
    told.update(canonical([cohort, min_examples, max_candidates]))
    for members in runs:
        told.update(members.key)
    return told.digest()


@cache
def _program() -> bytes:
    """Tells what finds sequences in columns from what did so earlier and will later."""
    told = sha256(MAGIC)
    for module in (__file__, lines.__file__, exact.__file__, signature.__file__, shadow.__file__, found.__file__):
        told.update(sha256(Path(module).read_bytes()).digest())
    return told.digest()


def _written(made: Iterable[Made], line: Compared) -> bytes | None:
    """Where sequences stand, by the places of the runs on the line; None where that cannot be told."""
    every = [one.found for one in made]
    members, compared = line
    if any(int(one.runs.max(initial=0)) >= common(one.library, members.library) for one in every):
        return None  # their numbers are those of other volumes
    runs = np.concatenate([members.runs, compared.runs])
    place = np.zeros(int(members.library.base[-1]), np.uint32)
    place[runs] = np.arange(len(runs))
    names = members.library.names.signatures
    header = {"sequences": [[names[code] for code in one.codes] for one in every]}
    arrays = {
        "places": np.concatenate([place[:0], *(place[one.runs] for one in every)]),
        "starts": np.concatenate([place[:0], *(one.starts for one in every)]),
        "ends": np.cumsum([0, *(len(one.runs) for one in every)]),
        "examples": np.array([one.examples for one in every], np.int64),
    }
    return to_bytes(header, arrays)


def _read(row: bytes, cast: Cast) -> list[Found]:
    told = from_bytes(row)
    library = cast.members.library
    runs = np.concatenate([cast.members.runs, cast.compared.runs]).astype(np.uint32)
    here, starts, ends = runs[told.places], told.starts.astype(np.uint32), told.ends.tolist()
    made = []
    for sequence, begin, end, examples in zip(
        told.header["sequences"], ends[:-1], ends[1:], told.examples.tolist(), strict=True
    ):
        if (codes := library.names.known(sequence)) is None:
            raise ValueError("a sequence that does not occur")
        made.append(Found(library, codes, here[begin:end], starts[begin:end], examples))
    return made
