"""A file of another tool in the traces folder, as the runs that it holds (spec/review.md: the unit `PATH#N`)."""

from __future__ import annotations

from typing import NamedTuple

from core.importers.convert import format_of, found
from core.importers.dense import RUN, Room
from core.importers.texts import source_of_bytes
from core.importers.values import USUAL, Left, Options, TraceJson
from core.model.jsontext import JsonError, canonical, parse
from core.model.trace import Trace
from core.traces.bounds import ACTION, kept, sort_in_place
from core.traces.errors import TraceError
from core.traces.normalise import normalise
from core.traces.sparing import sparingly

EXTENSIONS = (".jsonl", ".ndjson", ".traj")
"""Of files that only other tools write; `.json` is read as theirs when it holds neither a trace nor a run record."""


FULL = (
    "so many runs in so few bytes are not read at once; import the file with `assay import`, which takes one at a time"
)
"""Why the rest of a file is left out."""

_LEFT = 500
"""Bytes that what is left out takes."""


class Direct(NamedTuple):
    """What a file holds."""

    format: str
    runs: tuple[tuple[str, Trace], ...]
    """Runs, normalised, each with what its unit has after the file's: nothing where nothing else is told, else `#N`."""
    left: tuple[Left, ...]
    """What could not be mapped, and what is left out by rule."""


def runs_of(data: bytes, name: str, options: Options = USUAL) -> Direct | None:
    """The runs in a file's bytes; None when its format is not known. `name` is its path, as runs name their source.

    Never raises for what is in the file.
    """
    source = source_of_bytes(data, name)
    made = format_of(source, options)
    if made is None:
        return None
    runs: list[tuple[int, Trace]] = []
    left: list[Left] = []
    room = Room(len(data))
    for one in found(source, made, options, room):
        if isinstance(one, Left):
            room.left -= _LEFT
            left.append(one if room.left > 0 else Left(one.place, FULL))
        else:
            try:
                taken, trace = _held(one.trace)
                room.left -= taken
                if room.left > 0:
                    runs.append((one.number, trace))
                else:
                    left.append(Left(one.place, FULL))
            except (TraceError, JsonError, TypeError, KeyError) as error:
                reason = error.reason if isinstance(error, TraceError) else str(error)
                left.append(Left(one.place, f"it is no trace: {reason}", number=one.number))
        if room.left <= 0:
            break
    # A file with a fault has a unit for that, apart from its only run's.
    several = len(runs) > 1 or any(one.fault or one.number > 1 for one in left)
    return Direct(
        made.name, tuple((f"#{number}" if several else "", trace) for number, trace in _numbered(runs)), tuple(left)
    )  # fmt: skip


def _held(found: TraceJson) -> tuple[int, Trace]:
    """About how many bytes of memory a run takes, and the run, normalised; its values are taken over as they are.

    Raises TraceError, JsonError or TypeError for what is no trace.
    """
    taken, actions = RUN, found["actions"]
    for number, made in enumerate(actions):
        # Texts are most of a run: where nothing is written otherwise than it stands, they are not held twice.
        if (written := parse(canonical(made))) != made:
            actions[number] = made = written
        taken += ACTION + kept(list(sort_in_place(made).values()))
    rest = parse(canonical(found | {"actions": []}))
    return taken, normalise(sparingly(rest | {"actions": actions}, ""))


def _numbered(runs: list[tuple[int, Trace]]) -> list[tuple[int, Trace]]:
    """Runs with numbers of their own, also where one record holds several."""
    numbers = [number for number, _ in runs]
    if len(set(numbers)) == len(numbers):
        return runs
    return list(enumerate((trace for _, trace in runs), 1))
