"""The files that are imported: those named, and those below named folders that other tools write."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from core.importers.values import Left
from core.model.errors import InputError, reason_of
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


PassedOver = Callable[[Path, str, Left], None]
"""Told of what is not looked at: its path, its label, and why."""


def _nobody(*_: object) -> None:
    pass


def origins(named: Iterable[Path], passed: PassedOver = _nobody, *, sure: bool = True) -> tuple[Origin, ...]:
    """All files to import, each once, in path order below each name.

    Links are followed for the names only. Raises InputError when a name does not exist or is neither file nor folder;
    where it need not be there, not `sure`, that is passed over as well.
    """
    held: dict[tuple[int, int], Origin] = {}
    for path in named:
        try:
            for one, label, found in _named(path, passed):
                held.setdefault((found.st_dev, found.st_ino), _origin(one, label, found))
        except InputError as error:
            if sure:
                raise
            passed(path, path.name, Left("", str(error)))
    return tuple(held.values())


def _named(path: Path, passed: PassedOver) -> Iterator[tuple[Path, str, os.stat_result]]:
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"cannot read {visible(str(path))}: {reason_of(error)}") from None
    if stat.S_ISDIR(status.st_mode):
        for one, found in _below(path, path, passed):
            yield one, one.relative_to(path).as_posix(), found
    elif stat.S_ISREG(status.st_mode):
        yield path, path.name, status
    else:
        raise InputError(f"{visible(str(path))} is neither a file nor a folder")


def _origin(path: Path, label: str, status: os.stat_result) -> Origin:
    return Origin(path, label, (status.st_size, status.st_mtime_ns, status.st_ino))


def _below(path: Path, root: Path, passed: PassedOver) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        entries = sorted(os.scandir(path), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        if path == root:
            raise InputError(f"cannot list {visible(str(path))}: {reason_of(error)}") from None
        if not isinstance(error, FileNotFoundError):
            why = f"the folder cannot be listed: {reason_of(error)}"
            passed(path, path.relative_to(root).as_posix(), Left("", why))
        return
    for entry in entries:
        here = path / entry.name
        wanted = here.suffix in EXTENSIONS and not entry.name.startswith(".")
        if entry.is_symlink():
            if wanted or os.path.isdir(here):  # noqa: PTH112 - which never raises
                passed(here, here.relative_to(root).as_posix(), Left("", "a link, which is not followed", fault=False))
        elif entry.is_dir(follow_symlinks=False):
            yield from _below(here, root, passed)
        elif wanted and entry.is_file(follow_symlinks=False):
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # it went away a moment ago
            except OSError as error:  # as of a folder that may be listed and not entered
                passed(here, here.relative_to(root).as_posix(), Left("", f"it cannot be read: {reason_of(error)}"))
                continue
            yield here, status
