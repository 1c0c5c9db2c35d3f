"""Reading files as what the engine keeps of runs, instead of as whole runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.columns.facts import RunFacts
from core.columns.of_bytes import FastFacts, Unusual, taken
from core.columns.of_trace import facts_of
from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns
from core.live.read import FileBytes, Opening, read_file, reading_of

_AT_ONCE, _ROOM = 32, 400_000
"""Files that are fetched at a time, and how many bytes."""


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

    def all_of(self, opening: Opening, units: Iterable[str], max_size: int) -> Iterator[tuple[str, FileReading]]:
        """The same for many files, one after the other.

        A few are fetched before they are looked at, for what does one thing often finds all of it at hand.
        """
        some: list[tuple[str, FileBytes | BrokenFile]] = []
        size = 0
        for unit in units:
            found = opening.bytes_of(unit, max_size)
            some.append((unit, found))
            size += 0 if isinstance(found, BrokenFile) else len(found.data)
            if len(some) == _AT_ONCE or size > _ROOM:
                yield from self._looked_at(some)
                some, size = [], 0
        yield from self._looked_at(some)

    def _looked_at(self, some: Sequence[tuple[str, FileBytes | BrokenFile]]) -> list[tuple[str, FileReading]]:
        quick, effects = self.quick, self.effects
        return [
            (unit, found)
            if isinstance(found, BrokenFile)
            else (unit, lean(reading_of(found.data, unit, found.stamp, found.sha256, quick, effects)))
            for unit, found in some
        ]

    def quick(self, data: bytes, sha256: str) -> RunFacts | None:
        """The facts of a run straight from the bytes of its file; None for what only the slow way can tell."""
        try:
            return self._fast.of(data, sha256)
        except Unusual:
            return None


def lean(reading: FileReading) -> FileReading:
    """A reading with facts instead of whole runs."""
    if isinstance(reading, LoadedFile):
        return reading if reading.trace is None else _lean(reading)
    if isinstance(reading, ManyRuns):
        return replace(reading, files=tuple(map(_lean, reading.files)))
    return reading


def opening(folder: Path) -> Opening:
    """Opens files below a folder that were seen to be regular ones a moment ago, as quickly as can be."""
    return Opening(folder, taken)


def _lean(file: LoadedFile) -> LoadedFile:
    return file if file.trace is None else file._replace(trace=None, facts=facts_of(file.trace))
