"""Reading files as what the engine keeps of runs, instead of as whole runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.columns.facts import RunFacts
from core.columns.of_bytes import FastFacts, Unusual, taken
from core.columns.of_trace import facts_of
from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns
from core.live.read import Opening, read_file, reading_of


class RowReader:
    """Reads single files (core.live.intake.FileReader). For one thread at a time."""

    def __init__(self, effects: str = "") -> None:
        """`effects` is that of core.live.read.read_file."""
        self.effects = effects
        self._fast = FastFacts()

    def __call__(self, folder: Path, unit: str, max_size: int, known: str = "") -> FileReading:
        """As core.live.read.read_file, with facts instead of whole runs."""
        reading = read_file(folder, unit, max_size, known, self.quick, self.effects)
        return lean(reading)

    def one_of(self, opening: Opening, unit: str, max_size: int) -> FileReading:
        """The same for one of many files that are read one after the other."""
        found = opening.bytes_of(unit, max_size)
        if isinstance(found, BrokenFile):
            return found
        return lean(reading_of(found.data, unit, found.stamp, found.sha256, self.quick, self.effects))

    def quick(self, data: bytes, sha256: str) -> RunFacts | None:
        """The facts of a run straight from the bytes of its file; None for what only the slow way can tell."""
        try:
            return self._fast.of(data, sha256)
        except Unusual:
            return None


def lean(reading: FileReading) -> FileReading:
    """A reading with facts instead of whole runs."""
    if isinstance(reading, LoadedFile):
        return _lean(reading)
    if isinstance(reading, ManyRuns):
        return replace(reading, files=tuple(map(_lean, reading.files)))
    return reading


def opening(folder: Path) -> Opening:
    """Opens files below a folder that were seen to be regular ones a moment ago, as quickly as can be."""
    return Opening(folder, taken)


def _lean(file: LoadedFile) -> LoadedFile:
    return file if file.trace is None else file._replace(trace=None, facts=facts_of(file.trace))
