"""Whole runs of a folder, read when they are asked for; those of a file that holds several all at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.columns.again import VanishedError
from core.live.changes import FileReading, LoadedFile, ManyRuns
from core.live.names import file_of
from core.live.read import read_file
from core.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Source:
    """Where runs are read from."""

    folder: Path
    max_size: int
    """Bytes of a file, at the most."""
    effects: str
    """That of core.live.read.read_file."""

    def reading(self, file: str) -> FileReading:
        """What a file holds now."""
        return read_file(self.folder, file, self.max_size, effects=self.effects)


class WholeRuns:
    """The runs of a source, for as long as they are mined."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._several: dict[str, dict[str, LoadedFile]] = {}
        """By file the runs of those that hold several, by unit."""

    def __call__(self, unit: str, sha256: str) -> Trace:
        """The run of a unit whose file's bytes have a sha256 (hex). Raises VanishedError when they have another now."""
        found = self._of_several(unit) if unit != file_of(unit) else self._source.reading(unit)
        if isinstance(found, LoadedFile) and found.sha256 == sha256 and found.trace is not None:
            return found.trace
        raise VanishedError(unit)

    def _of_several(self, unit: str) -> LoadedFile | None:
        file = file_of(unit)
        if file not in self._several:
            reading = self._source.reading(file)
            runs = reading.files if isinstance(reading, ManyRuns) else ()
            self._several[file] = {run.unit: run for run in runs}
        return self._several[file].get(unit)
