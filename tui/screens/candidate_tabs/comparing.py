"""Reading a run and comparing it, for the divergences tab; nothing here touches a widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.model.candidate import Candidate
from core.model.errors import NothingFound
from core.model.signature import occurrence, signatures
from core.model.trace import Trace
from core.shadow.differences import differences
from tui.views.diff import Section, sections_rows
from tui.views.groups import Places, places
from tui.views.json_rows import Row
from tui.views.sections import sections

Reader = Callable[[str], Trace]
"""Reads a run by its id."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one run differs: where, and the compared lines."""

    trace_id: str
    places: Places
    compared: tuple[tuple[Section, tuple[Row, ...]], ...]
    count: int
    """How many differences there are."""
    steps: tuple[int, ...]
    """The indexes (from 1) of the steps of each section; 0 for the run as a whole."""


def window_start(candidate: Candidate, trace: Trace) -> int:
    """Where the candidate's window begins in a run (from 0). Raises NothingFound when it is not there any more."""
    for example in candidate.examples:
        if example.trace_id == trace.id:
            return example.start_index
    start = occurrence(candidate.sequence_signature, signatures(trace))
    if start is None:
        raise NothingFound("the workflow's actions are not in this run any more; its file has changed")
    return start


def read_places(read: Reader, candidate: Candidate, trace_id: str) -> Places:
    """Where a run differs. Raises AssayError, OSError or ValueError when it cannot be read."""
    trace = read(trace_id)
    return places(differences(candidate, trace, window_start(candidate, trace)))


def compare(read: Reader, candidate: Candidate, trace_id: str) -> Comparison:
    """How a run differs, in full. Raises AssayError, OSError or ValueError when it cannot be read."""
    trace = read(trace_id)
    start = window_start(candidate, trace)
    found = differences(candidate, trace, start)
    made = sections(candidate, trace, start, found)
    steps = tuple(dict.fromkeys((d.step or 0, d.kind) for d in found))
    return Comparison(trace_id, places(found), sections_rows(made), len(found), tuple(step for step, _ in steps))
