"""What a worker makes of a part of the dataset before and after counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.cluster.counting import Line as Counted
from core.cluster.counting import Numbers, Symbol, line_of
from core.cluster.dataset import runs_of
from core.cluster.draft import packed
from core.cluster.place import Place
from core.cluster.select import select
from core.columns import rows
from core.columns.library import Library
from core.columns.names import Names
from core.columns.segment import Segment, to_bytes
from core.live.globs import matches
from core.live.names import order_of
from core.model.signature import Signature
from core.store.policy import Policy

Cohort = str | None

ACTIONS = ("act_form", "run_workflow_id", "run_goal", "run_success_criteria", "run_exclusion", "run_receipts")
"""What a library looks at when it takes runs in."""


class Claim(NamedTuple):
    """A run that others may share their id with."""

    trace_id: str
    unit: str
    row: int


def id_hashes(place: Place, name: str) -> Numbers:
    """By what the ids of a part's runs are told apart, nearly; ascending."""
    return np.sort(runs_of(place, name, ["run_idhash"]).run_idhash.view(np.int64))


def split_hashes(hashes: Numbers, ranges: int) -> list[Numbers]:
    """Hashes by range."""
    which = (hashes.view(np.uint64) % np.uint64(ranges)).astype(np.int64)
    return [hashes[which == one] for one in range(ranges)]


def repeated(parts: Sequence[Numbers]) -> Numbers:
    """The hashes of one range that occur more than once in all parts."""
    none = np.zeros(0, np.int64)  # what a dataset without runs comes to
    every, counts = np.unique(np.concatenate([none, *parts]), return_counts=True)
    made: Numbers = every[counts > 1]
    return made


def claims(place: Place, name: str, hashes: Numbers) -> list[Claim]:
    """The runs of a part whose ids have one of some hashes."""
    segment = runs_of(place, name, ["run_idhash", "run_id", "run_unit"])
    found = np.flatnonzero(np.isin(segment.run_idhash.view(np.int64), hashes)).tolist()
    return [Claim(segment.note("run_id", row) or "", segment.note("run_unit", row) or "", row) for row in found]


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """A part's runs by the part they play."""

    cohorts: tuple[Cohort, ...]
    """Those that have runs here to be mined."""
    cohort_of: Numbers
    """Of every run the index of its cohort; -1 for what is not mined."""
    shadow: Numbers
    """Runs that are only compared."""
    left_out: Numbers
    """Runs that take no part, and those whose id they share."""
    order: Numbers
    """All runs in the order of their paths."""
    actions: int

    def sizes(self) -> tuple[dict[Cohort, int], int]:
        """How many runs of each cohort are to be mined, and how many actions the part has."""
        return self.counts(), self.actions

    def counts(self) -> dict[Cohort, int]:
        """How many runs of each cohort are to be mined."""
        sizes = np.bincount(self.cohort_of[self.cohort_of >= 0], minlength=len(self.cohorts))
        return dict(zip(self.cohorts, sizes.tolist(), strict=True))


def members(place: Place, name: str, policy: Policy, duplicates: Mapping[str, bool]) -> Members:
    """The runs of a part by the part they play.

    `duplicates` are the runs of shared ids by unit, and whether each is the first one by path, which counts.
    """
    segment = runs_of(place, name, [*ACTIONS, "run_unit"])
    library = Library(Names()).adding(segment)
    (volume,) = library.volumes
    texts = _cohort_texts(library, policy)
    units = segment.column("run_unit")
    keys = [order_of(unit or "") for unit in units]
    shadow = np.array([matches(unit or "", policy.shadow_paths) for unit in units], np.bool_)
    listed: dict[Cohort, int] = {}
    cohort_of, left_out = np.full(segment.runs, -1, np.int64), []
    for row, unit in enumerate(units):
        first = duplicates.get(unit or "")
        if first is not None or volume.excluded[row]:
            left_out.append(row)
        if first is False or volume.excluded[row]:
            shadow[row] = False
        elif not shadow[row]:
            cohort_of[row] = listed.setdefault(texts[row], len(listed))
    return Members(
        tuple(listed),
        cohort_of,
        np.flatnonzero(shadow),
        np.array(left_out, np.int64),
        np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64),
        int(segment.run_begin[-1]),
    )


def _cohort_texts(library: Library, policy: Policy) -> list[Cohort]:
    """The cohort key of every run of the only volume."""
    (volume,) = library.volumes
    if policy.cohort == "none":
        return [None] * volume.segment.runs
    numbers = volume.workflow if policy.cohort == "workflow_id" else volume.goal
    return [None if number < 0 else library.names.texts[number] for number in numbers.tolist()]


def symbols(
    place: Place, name: str, known: Members, least: Mapping[Cohort, int]
) -> dict[tuple[Cohort, Signature], int]:
    """In how many runs of this part each signature is, by cohort; those in fewer than wanted are left out."""
    library, codes, ends = _signatures(place, name)
    run_of = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    cohort = known.cohort_of[run_of]
    kept = cohort >= 0
    kinds = len(library.names.signatures) + 1
    keys = np.unique(run_of[kept] * kinds + codes[kept])
    pairs = Counter(zip(known.cohort_of[keys // kinds].tolist(), (keys % kinds).tolist(), strict=True))
    made = {}
    for (number, code), support in pairs.items():
        key = known.cohorts[number]
        if support >= least[key]:
            made[key, library.names.signatures[code]] = support
    return made


def symbol_counts(
    place: Place, name: str, known: Members, wanted: frozenset[tuple[Cohort, Signature]]
) -> dict[tuple[Cohort, Signature], int]:
    """In how many runs of this part each of some signatures is."""
    every = symbols(place, name, known, dict.fromkeys(known.cohorts, 0))
    return {key: support for key, support in every.items() if key in wanted}


def coded(
    place: Place, name: str, known: Members, numbers: Mapping[Symbol, int], cohorts: Mapping[Cohort, int]
) -> Counted:
    """A part's mined runs as one line of codes; -1 stands for what is in too few runs to be of any sequence."""
    library, codes, ends = _signatures(place, name)
    signatures = library.names.signatures
    table = np.full((len(known.cohorts) + 1, len(signatures) + 1), -1, np.int64)
    for index, cohort in enumerate(known.cohorts):
        number = cohorts.get(cohort, -1)
        for code, signature in enumerate(signatures):
            table[index, code] = numbers.get((number, signature), -1)
    run_of = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    made = table[known.cohort_of[run_of], codes]
    return line_of(made, ends, max(len(numbers), 1))


def _signatures(place: Place, name: str) -> tuple[Library, Numbers, Numbers]:
    library = Library(Names()).adding(runs_of(place, name, ACTIONS))
    return (library, *library.actions_of(np.arange(library.base[-1])))


def picked(segment: Segment, wanted: Numbers) -> bytes | None:
    """Some runs of a segment as they travel; None for none."""
    if not len(wanted):
        return None
    chosen = select(segment, wanted)
    return packed(to_bytes(chosen.header, chosen.arrays))


def listed(place: Place, name: str, known: Members) -> list[tuple[str, str, str, Cohort, bool]]:
    """The runs of a part that take part: unit, sha256, id, cohort, and whether they are only compared."""
    read = runs_of(place, name, [*ACTIONS, "run_unit", "run_id", "run_sha"])
    (volume,) = Library(Names()).adding(read).volumes

    def one(row: int, cohort: Cohort, *, shadow: bool) -> tuple[str, str, str, Cohort, bool]:
        return rows.unit(volume, row), rows.sha256(volume, row), rows.trace_id(volume, row), cohort, shadow

    mined = np.flatnonzero(known.cohort_of >= 0).tolist()
    made = [one(row, known.cohorts[int(known.cohort_of[row])], shadow=False) for row in mined]
    return made + [one(row, None, shadow=True) for row in known.shadow.tolist()]


def of_units(place: Place, name: str, known: Members, units: frozenset[str]) -> bytes | None:
    """Some runs of a part, and those that are left out, as they travel; None when there is none."""
    segment = runs_of(place, name)
    wanted = [row for row, unit in enumerate(segment.column("run_unit")) if unit in units]
    return picked(segment, np.union1d(np.array(wanted, np.int64), known.left_out))
