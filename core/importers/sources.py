"""The files that are imported: those named, and those below named folders that other tools write."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from core.model.errors import InputError
from core.model.text import visible

EXTENSIONS = frozenset({".json", ".jsonl", ".ndjson", ".traj"})
"""Of files that are looked at below a folder."""


class Origin(NamedTuple):
    """A file to import."""

    path: Path
    label: str
    """Its path below the folder that was named, or its name: nothing of the machine."""
    stamp: tuple[int, int, int]
    """Size in bytes, last change in nanoseconds, inode."""


def origins(named: Iterable[Path], skip: Path) -> tuple[Origin, ...]:
    """All files to import, each once, in path order below each name; nothing below `skip` but the names themselves.

    Links are followed for the names only. Raises InputError when a name does not exist or is neither file nor folder.
    """
    held: dict[tuple[int, int], Origin] = {}
    for path in named:
        try:
            status = path.stat()
        except OSError as error:
            raise InputError(f"cannot read {visible(str(path))}: {(error.strerror or str(error)).lower()}") from None
        if stat.S_ISDIR(status.st_mode):
            for one, found in _below(path, path, skip.resolve()):
                held.setdefault((found.st_dev, found.st_ino), _origin(one, one.relative_to(path).as_posix(), found))
        elif stat.S_ISREG(status.st_mode):
            held.setdefault((status.st_dev, status.st_ino), _origin(path, path.name, status))
        else:
            raise InputError(f"{visible(str(path))} is neither a file nor a folder")
    return tuple(held.values())


def _origin(path: Path, label: str, status: os.stat_result) -> Origin:
    return Origin(path, label, (status.st_size, status.st_mtime_ns, status.st_ino))


def _below(path: Path, root: Path, skip: Path) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        entries = sorted(os.scandir(path), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        if path == root:
            raise InputError(f"cannot list {visible(str(path))}: {(error.strerror or str(error)).lower()}") from None
        return
    for entry in entries:
        here = path / entry.name
        if entry.is_dir(follow_symlinks=False):
            if here.resolve() != skip:
                yield from _below(here, root, skip)
        elif entry.is_file(follow_symlinks=False) and here.suffix in EXTENSIONS and not entry.name.startswith("."):
            yield here, entry.stat(follow_symlinks=False)
