"""Reading files as what the engine keeps of runs, instead of as whole runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from core.columns.encode import Encoder
from core.columns.facts import RunFacts
from core.columns.of_bytes import FastFacts, Unusual, taken
from core.columns.of_trace import facts_of
from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns, SameFile
from core.live.read import FileBytes, Opening, is_own, read_file, reading_of
from core.live.settle import is_young

_AT_ONCE, _ROOM = 32, 400_000
"""Files that are fetched at a time, and how many bytes."""

Held: TypeAlias = FileBytes | BrokenFile
"""What was found in the place of a file."""


def fetched(opening: Opening, units: Iterable[str], max_size: int) -> Iterator[tuple[str, Held]]:
    """What many files hold, one after the other.

    A few are fetched before they are looked at, for what does one thing often finds all of it at hand.
    """
    some: list[tuple[str, Held]] = []
    size = 0
    for unit in units:
        found = opening.bytes_of(unit, max_size)
        some.append((unit, found))
        size += 0 if isinstance(found, BrokenFile) else len(found.data)
        if len(some) == _AT_ONCE or size > _ROOM:
            yield from some
            some, size = [], 0
    yield from some


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

    def add_all(
        self, encoder: Encoder, files: Iterable[tuple[str, Held]], *, settled: int | None = None
    ) -> Iterator[tuple[str, Held | ManyRuns]]:
        """Add the runs of many files to columns; of each file what was found, told once its run was added.

        A file that holds no run, or several, is told as that, and nothing of it is added. `settled` is the time (Unix
        ns) after which a file was changed so lately that its stamp does not tell its bytes; None where nobody asks.
        """
        add = self._fast.add
        for unit, found in files:
            if isinstance(found, BrokenFile):
                yield unit, found
                continue
            stamp, data, sha256 = found
            sure = settled is None or not is_young(stamp, settled)
            if is_own(unit) and add(encoder, unit, stamp, data, sha256, sure=sure):
                yield unit, found
                continue
            reading = lean(reading_of(data, unit, stamp, sha256, None, self.effects))
            if isinstance(reading, LoadedFile):
                assert reading.facts is not None
                encoder.add(reading.unit, stamp, sha256, len(data), reading.facts, sure=sure)
                yield unit, found
            else:
                assert not isinstance(reading, SameFile)
                yield unit, reading

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
