"""A file of another tool in the traces folder, as the runs that it holds (spec/review.md: the unit `PATH#N`)."""

from __future__ import annotations

from typing import NamedTuple

from core.importers.convert import format_of, found
from core.importers.dense import RUN
from core.importers.records import source_of_bytes
from core.importers.values import USUAL, Left, Options
from core.model.jsontext import JsonError, canonical, parse
from core.model.record import DecodeError
from core.model.trace import Trace
from core.traces.bounds import ACTION, allowed
from core.traces.normalise import normalise

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
    room = allowed(len(data)) // (1 if made.hints is None else 2)  # the other half is for what is under way
    for one in found(source, made, options):
        if isinstance(one, Left):
            room -= _LEFT
            left.append(one if room > 0 else Left(one.place, FULL))
        else:
            try:
                text = canonical(one.trace)
                room -= RUN + len(one.trace["actions"]) * ACTION + 2 * len(text)
                if room > 0:
                    runs.append((one.number, normalise(Trace.decode(parse(text)))))
                else:
                    left.append(Left(one.place, FULL))
            except (DecodeError, JsonError, TypeError) as error:
                left.append(Left(one.place, f"it is no trace: {error}", number=one.number))
        if room <= 0:
            break
    # A file with a fault has a unit for that, apart from its only run's.
    several = len(runs) > 1 or any(one.fault or one.number > 1 for one in left)
    return Direct(
        made.name, tuple((f"#{number}" if several else "", trace) for number, trace in _numbered(runs)), tuple(left)
    )  # fmt: skip


def _numbered(runs: list[tuple[int, Trace]]) -> list[tuple[int, Trace]]:
    """Runs with numbers of their own, also where one record holds several."""
    numbers = [number for number, _ in runs]
    if len(set(numbers)) == len(numbers):
        return runs
    return list(enumerate((trace for _, trace in runs), 1))
