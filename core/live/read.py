"""One file of the traces folder as a run, or as the reason why it is none.

Only regular files below the folder are opened and no link is followed on the way; bytes are read up to a limit; no
content makes it raise or wait (design: hostile files).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TypeAlias

from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns, SameFile, Stamp
from core.live.foreign import foreign, is_foreign_name, not_known, one_after_the_other
from core.live.links import special_problem
from core.live.names import file_of, path_of
from core.live.scan import RIGHTS, UNREADABLE, stamp_of
from core.model.errors import reason_of
from core.model.jsontext import JsonError, parse, sha256_hex
from core.traces.bounds import LARGE, allowed, check_utf8, weight
from core.traces.decode import TOO_DENSE, decode_trace
from core.traces.errors import TraceError
from core.traces.sparing import is_too_much

if TYPE_CHECKING:
    from core.columns.facts import RunFacts

Quick: TypeAlias = "Callable[[bytes, str], RunFacts | None]"
"""The facts of a run from the bytes of its file and their sha256; None for what it cannot tell."""

Taken: TypeAlias = Callable[[int, str, int], tuple[tuple[int, int, int, int], bytes] | None]
"""The stamp and the bytes of a plain file by the descriptor of its folder, its name and the most bytes of it.

None for what is not plain. Raises ValueError for what cannot be a name.
"""

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
_SPLIT = "If it is a run, write it as several, each in a file of its own."
_WRITER = "If nothing writes it any more, write it anew; best under another name, renamed when whole."


def read_file(
    folder: Path, unit: str, max_size: int, known: str = "", quick: Quick | None = None, effects: str = ""
) -> FileReading:
    """Read and decode one file of a traces folder; never raises for what is on disk.

    `max_size` is in bytes. `known` is the sha256 of bytes that the caller has decoded before under this unit: the
    same bytes are not decoded again but answered with SameFile. A run without a source is given the path below the
    folder: what is handed on tells nothing of the machine. A file of another tool may hold several runs; the unit of
    one of these is answered with that run. `quick` may tell the facts of a run straight from the bytes of its file.
    `effects` is the text of an effects.toml that was checked: what other tools' runs change.
    """
    with Opening(folder) as opening:
        return read_in(opening, unit, max_size, known, quick, effects)


def read_in(
    opening: Opening, unit: str, max_size: int, known: str = "", quick: Quick | None = None, effects: str = ""
) -> FileReading:
    """The same where the folder is open already, for one file after the other."""
    found = opening.bytes_of(unit, max_size)
    if isinstance(found, BrokenFile):
        return found
    if found.sha256 == known:
        return SameFile(unit, found.stamp, found.sha256, len(found.data))
    return reading_of(found.data, unit, found.stamp, found.sha256, quick, effects)


def reading_of(
    data: bytes, unit: str, stamp: Stamp, sha256: str, quick: Quick | None = None, effects: str = ""
) -> FileReading:
    """What the bytes of a file mean, wherever they come from; `quick` and `effects` are those of `read_file`."""
    if quick is not None and is_own(unit) and (facts := quick(data, sha256)) is not None:
        return LoadedFile(unit, stamp, sha256, len(data), None, facts)
    return readings_of(FileBytes(stamp, data, sha256), [unit], effects)[0]


def is_own(unit: str) -> bool:
    """Whether a unit's file may hold a run of our own format, as far as its name tells."""
    return unit.endswith(".json") or not is_foreign_name(path_of(unit))


def readings_of(found: FileBytes, units: Sequence[str], effects: str = "") -> list[FileReading]:
    """What the bytes of a file say of some of its units: its own, which stands for all that it holds, or its runs'.

    `effects` is that of `read_file`.
    """
    file = file_of(units[0])
    held = _decoded(found, file, effects)
    runs = {run.unit: run for run in held.files} if isinstance(held, ManyRuns) else {held.unit: held}
    gone = BrokenFile(file, found.stamp, MISSING, "its file no longer holds this run")
    if isinstance(held, BrokenFile):
        return [held for _ in units]
    return [held if unit == held.unit else runs.get(unit) or replace(gone, unit=unit) for unit in units]


class FileBytes(NamedTuple):
    """The bytes of a file."""

    stamp: Stamp
    """Taken before they were read."""
    data: bytes
    sha256: str
    """64 hex digits."""


class Opening:
    """Opens files below a folder, one after another, without following a link; the folder of the last one is kept."""

    def __init__(self, folder: Path, taken: Taken | None = None) -> None:
        """`taken` is a quick way, for what was seen to be regular files a moment ago."""
        self._folder, self._taken = folder, taken
        self._parent = ""
        self._inside = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def bytes_of(self, unit: str, max_size: int) -> FileBytes | BrokenFile:
        """What a unit's file holds, up to `max_size` bytes; never raises for what is on disk."""
        try:
            if (found := self._at_once(unit, max_size)) is not None:
                return found
            file, status = self.open(path_of(unit))
            if file < 0:
                return special_problem(unit, status.st_mode)
            try:
                data = b"" if status.st_size > max_size else _bytes(file, status.st_size, max_size)
            finally:
                os.close(file)
        except (OSError, ValueError) as error:
            return _unreadable(unit, error)
        size, stamp = max(status.st_size, len(data)), stamp_of(status)
        return too_large(unit, stamp, size, max_size) if size > max_size else FileBytes(stamp, data, sha256_hex(data))

    def _at_once(self, unit: str, max_size: int) -> FileBytes | None:
        """What a plain file holds, the quick way; None where the other way has to look."""
        if self._taken is None or (found := self._taken(*self._place(path_of(unit)), max_size)) is None:
            return None
        stamp, data = found
        return FileBytes(Stamp._make(stamp), data, sha256_hex(data))

    def open(self, path: str) -> tuple[int, os.stat_result]:
        """The descriptor and status of a path below the folder; -1 for what is no file, which is left alone.

        Raises OSError, ValueError.
        """
        inside, name = self._place(path)
        status = os.stat(name, dir_fd=inside, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):  # opening a device can already do something
            return -1, status
        file = os.open(name, _FILE, dir_fd=inside)
        try:
            status = os.fstat(file)
        except OSError:
            os.close(file)
            raise
        if stat.S_ISREG(status.st_mode):
            return file, status
        os.close(file)  # it was put in the place of the file a moment ago
        return -1, status

    def _place(self, path: str) -> tuple[int, str]:
        """The descriptor of the folder that a path lies in, and its name there. Raises OSError, ValueError."""
        parent, _, name = path.rpartition("/")
        if self._inside < 0 or parent != self._parent:
            self._enter(parent)
        return self._inside, name

    def _enter(self, path: str) -> None:
        self._leave()
        self._inside, self._parent = os.open(self._folder, _FOLDER), path
        try:
            for parent in path.split("/") if path else ():
                deeper = os.open(parent, _INNER_FOLDER, dir_fd=self._inside)
                os.close(self._inside)
                self._inside = deeper
        except BaseException:
            self._leave()
            raise

    def _leave(self) -> None:
        if self._inside >= 0:
            os.close(self._inside)
            self._inside = -1


def _bytes(file: int, size: int, max_size: int) -> bytes:
    """All bytes of a file, or one more than `max_size` when it grew beyond that."""
    parts: list[bytes] = []
    left = max_size + 1
    while left and (part := os.read(file, min(left, max(size, 65536) + 1))):
        if len(part) == size and not parts:  # as long as it was a moment ago, and nothing more
            return part
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _decoded(found: FileBytes, unit: str, effects: str) -> LoadedFile | ManyRuns | BrokenFile:
    try:
        return _held(found, unit, effects)
    except TraceError as error:
        return _wrong(unit, found.stamp, found.data, error)
    except Exception as error:  # noqa: BLE001 - whatever one hostile file causes must not end the reading of the others
        reason = f"it cannot be decoded ({type(error).__name__})"
        return BrokenFile(unit, found.stamp, _RULES["decode"], reason, advice=_ADVICE["parse"], size=len(found.data))


def _held(found: FileBytes, unit: str, effects: str) -> LoadedFile | ManyRuns:
    """What a file holds: a run of our own format, or those of another tool's. Raises TraceError."""
    data, stamp, sha256, label = found.data, found.stamp, found.sha256, path_of(unit)
    if is_foreign_name(label):
        if (held := foreign(data, unit, stamp, sha256, effects)) is None:
            raise not_known(data, label)
        return held
    try:
        return LoadedFile(unit, stamp, sha256, len(data), decode_trace(data, label))
    except TraceError as error:
        error.__traceback__ = None  # which holds on to what was parsed
        held = None
        if error.stage == "recognise" or error.reason.startswith(TOO_DENSE):
            held = foreign(data, unit, stamp, sha256, effects)
        elif error.stage == "parse":
            held = one_after_the_other(data, unit, stamp, sha256, effects)
        if held is not None:
            return held
        raise


def _wrong(unit: str, stamp: Stamp, data: bytes, error: TraceError) -> BrokenFile:
    size = len(data)
    if not data.strip():
        return BrokenFile(unit, stamp, "empty file", "it holds nothing", "", _WRITER, size, unfinished=True)
    if error.stage != "decode" and looks_cut(data):
        reason = "the JSON ends in the middle"
        return BrokenFile(unit, stamp, "unfinished JSON", reason, error.place, _WRITER, size, unfinished=True)
    advice = _SPLIT if is_too_much(error.reason) else _ADVICE[error.stage]
    return BrokenFile(unit, stamp, _RULES[error.stage], error.reason, error.place, advice, size)


def looks_cut(data: bytes) -> bool:
    """Whether some bytes are the beginning of a JSON text whose rest is missing."""
    try:
        check_utf8(data)
    except UnicodeDecodeError as error:
        if error.end < len(data) or error.reason != _CUT[0]:
            return False
        data = data[: error.start]
    if len(data) > LARGE and weight(data) > allowed(len(data)):
        return False
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
    return BrokenFile(unit, None, UNREADABLE, f"it cannot be read: {reason_of(error)}", advice=RIGHTS)
