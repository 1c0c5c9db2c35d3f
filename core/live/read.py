"""One file of the traces folder as a run, or as the reason why it is none.

Only regular files below the folder are opened and no link is followed on the way; bytes are read up to a limit; no
content makes it raise or wait (design: hostile files).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns, SameFile, Stamp
from core.live.foreign import foreign, is_foreign_name
from core.live.links import special_problem
from core.live.names import file_of, path_of
from core.live.scan import RIGHTS, UNREADABLE, stamp_of, words
from core.model.jsontext import JsonError, parse, sha256_hex
from core.traces.decode import decode_trace
from core.traces.errors import TraceError

if TYPE_CHECKING:
    from core.columns.facts import RunFacts

Quick: TypeAlias = "Callable[[bytes, str], RunFacts | None]"
"""The facts of a run from the bytes of its file and their sha256; None for what it cannot tell."""

MISSING = "missing file"
"""The rule of a file that went away before it was read."""

TOO_LARGE = "too large"
"""The rule of a file beyond the policy's max_file_size."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_INNER_FOLDER = _FOLDER | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_CUT = ("unexpected end of data", "Input is a zero-length")
_RULES = {"read": "not UTF-8", "parse": "invalid JSON", "decode": "wrong form", "recognise": "not a run"}
_ADVICE = {
    "read": "Write the file as UTF-8.",
    "parse": "Write the file as strict JSON (RFC 8259).",
    "decode": "Correct the field, or leave it out.",
    "recognise": "Move it out of the traces folder, or give it an `actions` list.",
}
_WRITER = "If nothing writes it any more, write it anew; best under another name, renamed when whole."


def read_file(folder: Path, unit: str, max_size: int, known: str = "", quick: Quick | None = None) -> FileReading:
    """Read and decode one file of a traces folder; never raises for what is on disk.

    `max_size` is in bytes. `known` is the sha256 of bytes that the caller has decoded before under this unit: the
    same bytes are not decoded again but answered with SameFile. A run without a source is given the path below the
    folder: what is handed on tells nothing of the machine. A file of another tool may hold several runs; the unit of
    one of these is answered with that run. `quick` may tell the facts of a run straight from the bytes of its file.
    """
    path = path_of(unit)
    try:
        with _opened(folder, path) as (file, status):
            if not stat.S_ISREG(status.st_mode):
                return special_problem(unit, status.st_mode)
            stamp = stamp_of(status)
            data = b"" if status.st_size > max_size else _bytes(file, status.st_size, max_size)
    except (OSError, ValueError) as error:
        return _unreadable(unit, error)
    size = max(status.st_size, len(data))
    if size > max_size:
        return too_large(unit, stamp, size, max_size)
    sha256 = sha256_hex(data)
    if sha256 == known:
        return SameFile(unit, stamp, sha256, len(data))
    return reading_of(data, unit, stamp, sha256, quick)


def reading_of(data: bytes, unit: str, stamp: Stamp, sha256: str, quick: Quick | None = None) -> FileReading:
    """What the bytes of a file mean, wherever they come from; `quick` is that of `read_file`."""
    path = path_of(unit)
    if quick is not None and not is_foreign_name(path) and (facts := quick(data, sha256)) is not None:
        return LoadedFile(unit, stamp, sha256, len(data), facts=facts)
    return _run_in(_decoded(data, path, file_of(unit), stamp, sha256), unit)


def bytes_of(folder: Path, unit: str) -> bytes:
    """The bytes of a unit's file, which is opened as `read_file` does it. Raises OSError or ValueError."""
    with _opened(folder, path_of(unit)) as (file, status):
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return _bytes(file, status.st_size, status.st_size)


@contextmanager
def _opened(folder: Path, path: str) -> Iterator[tuple[int, os.stat_result]]:
    """The descriptor and status of a path below a folder, reached without following a link; only files are opened."""
    *parents, name = path.split("/")
    inside = os.open(folder, _FOLDER)
    try:
        for parent in parents:
            deeper = os.open(parent, _INNER_FOLDER, dir_fd=inside)
            os.close(inside)
            inside = deeper
        status = os.stat(name, dir_fd=inside, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):  # opening a device can already do something
            yield -1, status
            return
        file = os.open(name, _FILE, dir_fd=inside)
    finally:
        os.close(inside)
    try:
        yield file, os.fstat(file)
    finally:
        os.close(file)


def _bytes(file: int, size: int, max_size: int) -> bytes:
    """All bytes of a file, or one more than `max_size` when it grew beyond that."""
    parts: list[bytes] = []
    left = max_size + 1
    while left and (part := os.read(file, min(left, max(size, 65536) + 1))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _decoded(data: bytes, label: str, unit: str, stamp: Stamp, sha256: str) -> LoadedFile | ManyRuns | BrokenFile:
    try:
        return _held(data, label, unit, stamp, sha256)
    except TraceError as error:
        return _wrong(unit, stamp, data, error)
    except Exception as error:  # noqa: BLE001 - whatever one hostile file causes must not end the reading of the others
        reason = f"it cannot be decoded ({type(error).__name__})"
        return BrokenFile(unit, stamp, _RULES["decode"], reason, advice=_ADVICE["parse"], size=len(data))


def _held(data: bytes, label: str, unit: str, stamp: Stamp, sha256: str) -> LoadedFile | ManyRuns:
    """What a file holds: a run of our own format, or those of another tool's. Raises TraceError."""
    if is_foreign_name(label):
        if (found := foreign(data, unit, stamp, sha256)) is None:
            raise TraceError(label, "recognise", "none of its records has a known format")
        return found
    try:
        return LoadedFile(unit, stamp, sha256, len(data), decode_trace(data, label))
    except TraceError as error:
        if error.stage == "recognise" and (found := foreign(data, unit, stamp, sha256)) is not None:
            return found
        raise


def _run_in(reading: LoadedFile | ManyRuns | BrokenFile, unit: str) -> FileReading:
    """Of all that a file holds, the run of one unit."""
    if isinstance(reading, BrokenFile) or reading.unit == unit:
        return reading
    files = (reading,) if isinstance(reading, LoadedFile) else reading.files
    gone = BrokenFile(unit, reading.stamp, MISSING, "its file no longer holds this run")
    return next((file for file in files if file.unit == unit), gone)


def _wrong(unit: str, stamp: Stamp, data: bytes, error: TraceError) -> BrokenFile:
    size = len(data)
    if not data.strip():
        return BrokenFile(unit, stamp, "empty file", "it holds nothing", "", _WRITER, size, unfinished=True)
    if error.stage != "decode" and looks_cut(data):
        reason = "the JSON ends in the middle"
        return BrokenFile(unit, stamp, "unfinished JSON", reason, error.place, _WRITER, size, unfinished=True)
    return BrokenFile(unit, stamp, _RULES[error.stage], error.reason, error.place, _ADVICE[error.stage], size)


def looks_cut(data: bytes) -> bool:
    """Whether some bytes are the beginning of a JSON text whose rest is missing."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if error.end < len(data) or error.reason != _CUT[0]:
            return False
        data = data[: error.start]
    try:
        parse(data)
    except JsonError as error:
        return error.reason.startswith(_CUT)
    return False


def too_large(unit: str, stamp: Stamp, size: int, max_size: int) -> BrokenFile:
    """The problem of a file beyond the policy's max_file_size; both sizes in bytes."""
    reason = f"{size:,} bytes are more than the {max_size:,} that are read (max_file_size)"
    advice = "Raise max_file_size in the workspace's assay.toml, or move the file away."
    return BrokenFile(unit, stamp, TOO_LARGE, reason, advice=advice, size=size)


def _unreadable(unit: str, error: OSError | ValueError) -> BrokenFile:
    if not isinstance(error, OSError) or error.errno in _GONE:
        return BrokenFile(unit, None, MISSING, "it is no longer there")
    return BrokenFile(unit, None, UNREADABLE, f"it cannot be read: {words(error)}", advice=RIGHTS)
