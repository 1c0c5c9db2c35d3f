"""Which file every run of a folder was taken from: what tells a run that grew from another run with its id.

A line a run, which is added before the run is written, so that a kill leaves no run without one. Paths are kept as
hashes: nothing in the folder tells of the machine. Runs without a line were written by an earlier version.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.importers.values import TraceJson
from core.model.jsontext import JsonError, compact, parse, sha256_hex

FILE = ".assay-import.origins"
"""In the folder."""

_ADD = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_DIGITS = 16


class _Line(NamedTuple):
    name: str
    origin: str
    stays: str


class Origins:
    """The files that the runs of a folder were taken from, by the hashes of their paths."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lines: dict[str, _Line] | None = None
        self._names: dict[tuple[str, str], list[str]] = {}

    def of(self, name: str) -> str | None:
        """What the run with this file name was taken from; None when that is not known. Raises OSError."""
        line = self._known().get(name)
        return line.origin if line else None

    def earlier(self, origin: str, stays: str) -> Iterator[str]:
        """The file names of runs that may have grown into one of the same origin, the last first. Raises OSError."""
        self._known()
        yield from reversed(self._names.get((origin, stays), []))

    def add(self, name: str, origin: str, stays: str) -> None:
        """Keep where a run that is about to be written comes from. Raises OSError."""
        if self._known().get(name) == (line := _Line(name, origin, stays)):
            return
        file = os.open(self._path, _ADD, 0o666)
        try:
            os.write(file, b"\n" + compact(list(line)))  # in front: half a line must not spoil the next one
        finally:
            os.close(file)
        self._take(line)

    def _known(self) -> dict[str, _Line]:
        if self._lines is None:
            self._lines = {}
            with suppress(FileNotFoundError):
                for text in self._path.read_bytes().splitlines():
                    with suppress(msgspec.DecodeError):
                        self._take(msgspec.json.decode(text, type=_Line))
        return self._lines

    def _take(self, line: _Line) -> None:
        assert self._lines is not None
        self._lines[line.name] = line
        if line.stays:
            names = self._names.setdefault((line.origin, line.stays), [])
            if line.name in names:
                names.remove(line.name)
            names.append(line.name)


def hashed(text: str) -> str:
    """What stands for a path, or for what stays of a run."""
    return sha256_hex(text.encode(errors="surrogatepass"))[:_DIGITS]


@lru_cache(maxsize=1)
def path_hashed(path: str) -> str:
    """What stands for a file, whatever name it is given by."""
    return hashed(os.path.realpath(path))


def grew_from(data: bytes, trace: TraceJson) -> bool:
    """Whether a written run holds only what a run begins with: its first steps, the last of them perhaps unanswered.

    What is stated about tools may have changed since, and does not count.
    """
    now = trace["actions"]
    try:
        before = parse(data)["actions"]
        last = len(before) - 1
        return 0 <= last < len(now) and all(
            old[key] == new[key] or (key == "observed_output" and number == last and old[key] is None)
            for number, (old, new) in enumerate(zip(before, now, strict=False))
            for key in ("name", "inputs", "observed_output")
        )
    except (JsonError, KeyError, TypeError):
        return False
