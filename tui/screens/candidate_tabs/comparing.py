"""Reading a run and comparing it, for the divergences tab; nothing here touches a widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.live.snapshot import CandidateView, Run
from core.mining.comparing import all_differences, start_in
from core.model.candidate import Candidate, TraceResult
from core.model.errors import NothingFound
from core.model.trace import Trace
from core.shadow.differences import Difference
from core.shadow.waivers import Waiver
from tui.views.diff import Section, sections_rows
from tui.views.groups import Places, places
from tui.views.json_rows import Row
from tui.views.sections import sections

Reader = Callable[[str], Trace]
"""Reads a run by its id."""


About = tuple[str, str, tuple[Waiver, ...]]
"""What runs are compared with: a candidate's id, its behaviour and the rules."""

Held = tuple[TraceResult, str]
"""A run that was compared: its result, and the sha256 of its bytes, which may change under one source hash."""


def about(view: CandidateView) -> About:
    """What the runs of a view are compared with."""
    return view.candidate.id, view.behaviour_digest, view.rules


def held(result: TraceResult, runs: Mapping[str, Run]) -> Held:
    """A run as it is now."""
    run = runs.get(result.trace_id)
    return result, "" if run is None else run.sha256


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one run differs: where, and the compared lines."""

    trace_id: str
    places: Places
    compared: tuple[tuple[Section, tuple[Row, ...]], ...]
    count: int
    """How many differences there are that no rule expects."""
    allowed: int
    """How many there are that a reviewer's rule expects."""
    steps: tuple[int, ...]
    """The indexes (from 1) of the steps of each section; 0 for the run as a whole."""


def window_start(candidate: Candidate, trace: Trace) -> int:
    """Where the candidate begins in a run (from 0). Raises NothingFound when it is not there any more.

    A generalised candidate may be compared with runs that do its job without its steps: these begin at 0.
    """
    start = start_in(candidate, trace)
    if candidate.induction is not None:
        return start or 0
    if start is None:
        raise NothingFound("the workflow's actions are not in this run any more; its file has changed")
    return start


def read_differences(
    read: Reader, candidate: Candidate, trace_id: str, rules: Sequence[Waiver] = ()
) -> tuple[Difference, ...]:
    """How a run differs, what rules expect marked. Raises AssayError, OSError or ValueError when it cannot be read."""
    trace = read(trace_id)
    window_start(candidate, trace)
    return all_differences(candidate, trace, rules)


def read_places(read: Reader, candidate: Candidate, trace_id: str, rules: Sequence[Waiver] = ()) -> Places:
    """Where a run differs unless rules expect it. Raises AssayError, OSError or ValueError when it cannot be read."""
    return places(_counting(read_differences(read, candidate, trace_id, rules)))


def _counting(found: Sequence[Difference]) -> list[Difference]:
    return [difference for difference in found if not difference.allowed]


def compare(read: Reader, candidate: Candidate, trace_id: str, rules: Sequence[Waiver] = ()) -> Comparison:
    """How a run differs, in full, what rules expect marked.

    Raises AssayError, OSError or ValueError when it cannot be read.
    """
    trace = read(trace_id)
    start = window_start(candidate, trace)
    found = all_differences(candidate, trace, rules)
    counting = _counting(found)
    made = sections(candidate, trace, start, found)
    steps = tuple(dict.fromkeys((d.step or 0, d.kind) for d in found))
    return Comparison(
        trace_id,
        places(counting),
        sections_rows(made),
        len(counting),
        len(found) - len(counting),
        tuple(step for step, _ in steps),
    )
