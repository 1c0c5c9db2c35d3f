"""Reading some files of the traces folder again, at the moment of confirming a decision."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.live.changes import BrokenFile, ChangeSet, LoadedFile, problem_of
from core.live.names import file_of, path_of
from core.live.read import FileBytes, Opening, readings_of

Unchanged = Callable[[Sequence[str], FileBytes], None]
"""Is told the units of a file whose bytes are those that were absorbed, and the bytes."""


def reread(
    folder: Path,
    units: Iterable[str],
    known: Mapping[str, LoadedFile],
    max_size: int,
    unchanged: Unchanged = lambda _units, _found: None,
    effects: str = "",
) -> ChangeSet:
    """What changed in some files since they were absorbed, by their bytes; `max_size` is in bytes.

    `effects` is that of core.live.read.read_file.
    """
    loaded, problems, gone = {}, {}, set()
    by_file: dict[str, list[str]] = {}
    for unit in units:
        by_file.setdefault(file_of(unit), []).append(unit)
    with Opening(folder) as opening:
        for file, its_units in by_file.items():
            found = opening.bytes_of(file, max_size)
            if isinstance(found, BrokenFile):
                found = _again(folder, file, max_size)
            if isinstance(found, BrokenFile):
                if os.path.lexists(folder / path_of(file)):
                    problems.update({unit: problem_of(replace(found, unit=unit)) for unit in its_units})
                else:
                    gone.update(its_units)
                continue
            new = [unit for unit in its_units if unit not in known or known[unit].sha256 != found.sha256]
            for unit, reading in zip(new, readings_of(found, new, effects) if new else (), strict=True):
                if isinstance(reading, LoadedFile):
                    loaded[unit] = reading
                elif isinstance(reading, BrokenFile):
                    problems[unit] = problem_of(reading)
            if not new:
                unchanged(its_units, found)
    return ChangeSet(loaded, problems, frozenset(gone))


def _again(folder: Path, file: str, max_size: int) -> FileBytes | BrokenFile:
    """What a file holds on a way of its own: the folder that was kept open may have been put elsewhere."""
    with Opening(folder) as opening:
        return opening.bytes_of(file, max_size)
