"""Makes the shipped sample traces; `python -m tests.samples_source` writes them below tui/samples.

The otel runs are somebody else's recordings, kept as they are (tui/samples/otel/LICENSE), and not made here.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from core.model.jsontext import pretty
from tests.samples.arrivals import arrival_files
from tests.samples.building import at
from tests.samples.desks import support_files, triage_files
from tests.samples.releases import release_clean_files, release_files, sdk

SAMPLES = Path(__file__).parent.parent / "tui" / "samples"
MADE = ("release", "release-clean", "triage", "support", "shadow", "incoming")
"""The folders that are made here and nowhere else."""
BROKEN = "release/11-18-v2.8.1.json"
"""The file that was cut short."""


def runs() -> dict[str, dict[str, Any]]:
    """Path → run, for every whole sample written for this project."""
    return release_files() | release_clean_files() | triage_files() | support_files() | arrival_files()


def files() -> dict[str, bytes]:
    """Path → bytes of every sample written for this project, the broken one included."""
    made = {path: pretty(value) + b"\n" for path, value in runs().items()}
    whole = pretty(sdk("2.8.1", at(11, 18, 9, 54)))
    return made | {BROKEN: whole[: len(whole) * 3 // 5]}


def main() -> None:
    """Write the samples anew."""
    for folder in MADE:
        shutil.rmtree(SAMPLES / folder, ignore_errors=True)
    for path, data in files().items():
        target = SAMPLES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


if __name__ == "__main__":
    main()
