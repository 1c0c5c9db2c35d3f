"""Many runs read as a whole, one file after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.live.changes import FileReading, Stamp
from core.live.intake import STEP
from core.live.read import Opening, read_in


def read_whole(
    folder: Path,
    units: Sequence[str],
    _: Mapping[str, Stamp],
    max_size: int,
    stopped: Callable[[], bool],
    progress: Callable[[int], None],
    effects: str = "",
) -> dict[str, FileReading]:
    """The readings of many files by unit (core.live.intake.Many); `effects` is that of core.live.read.read_file."""
    made: dict[str, FileReading] = {}
    with Opening(folder) as opening:
        for done, unit in enumerate(units):
            if stopped():
                break
            if not done % STEP:
                progress(done)
            made[unit] = read_in(opening, unit, max_size, effects=effects)
    return made
