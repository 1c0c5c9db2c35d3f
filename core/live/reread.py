"""Reading some files of the traces folder again, at the moment of confirming a decision."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.live.changes import BrokenFile, ChangeSet, LoadedFile, problem_of
from core.live.names import path_of
from core.live.read import read_file


def reread(folder: Path, units: Iterable[str], known: Mapping[str, LoadedFile], max_size: int) -> ChangeSet:
    """What changed in some files since they were absorbed, by their bytes; `max_size` is in bytes."""
    loaded, problems, gone = {}, {}, set()
    for unit in units:
        file = known.get(unit)
        reading = read_file(folder, unit, max_size, file.sha256 if file else "")
        if isinstance(reading, LoadedFile):
            loaded[unit] = reading
        elif isinstance(reading, BrokenFile):
            if os.path.lexists(folder / path_of(unit)):
                problems[unit] = problem_of(reading)
            else:
                gone.add(unit)
    return ChangeSet(loaded, problems, frozenset(gone))
