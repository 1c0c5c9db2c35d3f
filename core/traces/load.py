"""Trace files from disk (spec/traces.md, Loading)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath

from core.model.errors import InputError, reason_of
from core.model.jsontext import Json
from core.model.trace import Trace
from core.traces.decode import decode_trace, parse_file
from core.traces.errors import TRACE, TraceError

Identity = tuple[int, int]
"""Device and inode of a folder."""


def read_trace_file(path: str, *, what: str = TRACE) -> bytes:
    """The bytes of a regular file. Raises TraceError; a pipe or device is refused, not waited for."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise TraceError(path, "read", "not a regular file", what=what)
        return Path(path).read_bytes()
    except OSError as error:
        raise TraceError(path, "read", reason_of(error), what=what) from None
    except MemoryError:
        raise TraceError(path, "read", "too large for this machine's memory", what=what) from None


def load_trace(path: str) -> Trace:
    """The normalised run of one file. Raises TraceError."""
    return decode_trace(read_trace_file(path), path)


def load_json(path: str, *, what: str) -> Json:
    """The JSON value of a file that goes with traces; `what` names it in errors. Raises TraceError."""
    return parse_file(read_trace_file(path, what=what), path, what=what)


def load_folder(folder: str) -> tuple[Trace, ...]:
    """The normalised runs of all files below a folder, in path order.

    Raises TraceError for the first bad file, InputError when the folder cannot be read or holds none.
    """
    return tuple(map(load_trace, trace_files(folder)))


def trace_files(folder: str) -> tuple[str, ...]:
    """The paths of all `.json` files below a folder, each beginning with `folder` as given, by path component.

    Links are followed, but no folder is entered twice. Raises InputError.
    """
    # A path's parts compare as bytes, not as text: os.fsencode gives what is on disk.
    found = sorted(_walk(folder, set()), key=lambda path: [os.fsencode(part) for part in PurePath(path).parts])
    if not found:
        raise InputError(f"no .json trace files found under {folder}")
    return tuple(found)


def _walk(folder: str, entered: set[Identity]) -> Iterator[str]:
    try:
        status = Path(folder).stat()
        if (identity := (status.st_dev, status.st_ino)) in entered:
            return
        entered.add(identity)
        names = sorted((entry.name for entry in Path(folder).iterdir()), key=os.fsencode)
    except OSError as error:
        raise InputError(f"failed to read crystallization trace dir {folder}: {reason_of(error)}") from None
    for name in names:
        path = os.path.join(folder, name)  # noqa: PTH118 - keeps `./in/` as it was typed
        if os.path.isdir(path):  # noqa: PTH112
            yield from _walk(path, entered)
        elif PurePath(name).suffix == ".json":
            yield path
