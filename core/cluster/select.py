"""Some runs of a segment as a segment of their own, with nothing of the others in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.columns.encode import NOTES
from core.columns.segment import NONE, Array, Segment

Rows = npt.NDArray[np.int64]


def select(segment: Segment, rows: Rows) -> Segment:
    """The segment of some rows, in the given order."""
    old = segment.arrays
    begin = old["run_begin"].astype(np.int64)
    lengths = np.diff(begin)[rows]
    actions = ranges(begin[rows], lengths)
    places = old["act_values"].astype(np.int64)
    sizes = np.diff(places)[actions]
    arrays: dict[str, Array] = {}
    for name, array in old.items():
        if name == "run_begin":
            arrays[name] = _ends(lengths)
        elif name == "act_values":
            arrays[name] = _ends(sizes)
        elif name.startswith("run_"):
            arrays[name] = array[rows]
        elif name.startswith("act_"):
            arrays[name] = array[actions]
        elif name == "values":
            arrays[name] = array[ranges(places[actions], sizes)]
        else:
            arrays[name] = array
    _prune(arrays, "note", [f"run_{name}" for name in NOTES])
    _prune(arrays, "word", ["values", "run_allowed"])
    _prune_rows(arrays, "digests", ["act_effects", "act_output"])
    _prune_rows(arrays, "kinds", ["run_kind"])
    return Segment(segment.header, arrays, b"")


def ranges(starts: Rows, lengths: Rows) -> Rows:
    """The numbers of several ranges, one after the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(int(ends[-1]) if len(ends) else 0)


def _ends(lengths: Rows) -> Array:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)


def _renumbered(arrays: dict[str, Array], columns: list[str], size: int, *, first: bool = False) -> Rows:
    """Give the numbers below `size` in some columns anew, without gaps and in their order; the old ones that are left.

    `first` keeps number 0, which stands for nothing.
    """
    found = np.zeros(size, np.bool_)
    found[:1] = first
    for name in columns:
        found[arrays[name][arrays[name] != NONE]] = True
    anew = np.append(np.cumsum(found, dtype=np.int64) - 1, NONE)  # of NONE: NONE
    for name in columns:
        arrays[name] = anew[np.minimum(arrays[name].astype(np.int64), size)].astype(np.uint32)
    return np.flatnonzero(found)


def _prune(arrays: dict[str, Array], table: str, columns: list[str]) -> None:
    """Leave out texts that nothing refers to."""
    ends, data = arrays[f"{table}_ends"].astype(np.int64), arrays[f"{table}_bytes"]
    used = _renumbered(arrays, columns, len(ends) - 1)
    if len(used) == len(ends) - 1:
        return
    sizes = np.diff(ends)
    wanted = np.zeros(len(sizes), np.bool_)
    wanted[used] = True
    arrays[f"{table}_bytes"] = data[np.repeat(wanted, sizes)]
    arrays[f"{table}_ends"] = _ends(sizes[used])


def _prune_rows(arrays: dict[str, Array], table: str, columns: list[str]) -> None:
    used = _renumbered(arrays, columns, len(arrays[table]), first=table == "digests")
    arrays[table] = arrays[table][used]
