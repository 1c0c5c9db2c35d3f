"""A file of another tool in the traces folder, as the runs that it holds (spec/review.md: the unit `PATH#N`)."""

from __future__ import annotations

from typing import NamedTuple

from core.importers.convert import format_of, found
from core.importers.records import source_of_bytes
from core.importers.values import USUAL, Left, Options, Run
from core.model.jsontext import sort_keys
from core.model.record import DecodeError
from core.model.trace import Trace
from core.traces.normalise import normalise

EXTENSIONS = (".jsonl", ".ndjson", ".traj")
"""Of files that only other tools write; `.json` is read as theirs when it holds neither a trace nor a run record."""


class Direct(NamedTuple):
    """What a file holds."""

    format: str
    runs: tuple[tuple[str, Trace], ...]
    """Runs, normalised, each with what its unit has after the file's: nothing for the only one, else `#N`."""
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
    for one in found(source, made, options):
        if isinstance(one, Left):
            left.append(one)
            continue
        try:
            runs.append((one.number, _normalised(one)))
        except (DecodeError, TypeError) as error:
            left.append(Left(one.place, f"it is no trace: {error}", number=one.number))
    several = len(runs) > 1 or any(one.number > 1 for one in left)
    return Direct(
        made.name, tuple((f"#{number}" if several else "", trace) for number, trace in _numbered(runs)), tuple(left)
    )  # fmt: skip


def _normalised(run: Run) -> Trace:
    return normalise(Trace.decode(sort_keys(run.trace)))


def _numbered(runs: list[tuple[int, Trace]]) -> list[tuple[int, Trace]]:
    """Runs with numbers of their own, also where one record holds several."""
    numbers = [number for number, _ in runs]
    if len(set(numbers)) == len(numbers):
        return runs
    return list(enumerate((trace for _, trace in runs), 1))
