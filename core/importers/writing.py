"""Runs into a folder, one file each: whole or not at all, the same run under the same name, nothing twice.

A kill at any moment leaves whole files only; the next import writes what is missing. No flush is asked of the disk for
each file, since an import can be repeated: a file that a power failure emptied differs from its run and is written
again.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import filelock
import msgspec

from core.importers.convert import format_of, found, why_unknown
from core.importers.naming import file_name
from core.importers.origins import Origins, grew_from, hashed, path_hashed
from core.importers.texts import Source
from core.importers.values import Format, Left, Options, Run, TraceJson
from core.model.errors import InputError, reason_of
from core.model.jsontext import compact, sha256_hex
from core.model.text import visible

LOCK = ".assay-import.lock"
"""In the folder: one import at a time writes there."""

_UNFINISHED = ".part"

Fate = Literal["new", "updated", "unchanged"]


@dataclass(slots=True)
class Tally:
    """What became of one source."""

    source: str
    format: str = ""
    """Empty when none is known."""
    fates: Counter[Fate] = field(default_factory=Counter)
    left: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """How often something was left out, by reason and whether that is a fault."""
    first: dict[tuple[str, bool], str] = field(default_factory=dict)
    """Where each reason was met first."""

    @property
    def runs(self) -> int:
        """Runs that are in the folder now."""
        return self.fates.total()

    @property
    def faults(self) -> int:
        """How often something could not be mapped."""
        return sum(times for (_, fault), times in self.left.items() if fault)

    def note(self, left: Left) -> None:
        """Count what was left out."""
        key = (left.reason, left.fault)
        self.left[key] += left.times
        self.first.setdefault(key, left.place)


Told = Callable[[str, Left], None]
"""Told of every single fault, with the source's name, as it is met."""


class Folder:
    """A folder that takes in runs; held by one import at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._origins = Origins(path)
        self._taken: dict[str, tuple[str, str]] = {}
        """By file name, the file that this import took the run from, and the digest of what was written."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder where it is missing and keep other imports out. Raises InputError."""
        shown = visible(str(self.path))
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.path / LOCK, timeout=0)
            lock.acquire()
        except filelock.Timeout:
            raise InputError(f"another import is writing into {shown}; wait until it is done") from None
        except OSError as error:
            raise InputError(f"cannot write into {shown}: {reason_of(error)}") from None
        try:
            for leftover in self.path.glob(f".*{_UNFINISHED}"):
                leftover.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    def put(self, trace: TraceJson, origin: str, stays: str = "") -> Fate | Left:
        """Write a run, unless it is there already; `origin` is the file it comes from. Raises InputError.

        `stays` is what stays of its id while it grows, where not all of it does.
        """
        try:
            name, digest = file_name(trace["id"]), _digest(trace)
            data = compact(trace)  # after the digest: a run may be so long that it is not to be held twice
        except TypeError as error:
            return Left("", f"it cannot be written: {error}")
        shown = visible(trace["id"])[:80]
        before = self._taken.get(name)
        if before is not None:
            if before[1] == digest:
                return "unchanged"
            return Left("", f"its id {shown} is that of another run of {before[0]}")
        fate = self._written(_Found(name, data, trace, digest, path_hashed(origin), stays and hashed(stays)))
        if not isinstance(fate, Left):
            self._taken[name] = (visible(origin), digest)
        return fate

    @property
    def count(self) -> int:
        """How many different runs this import wrote or found written."""
        return len(self._taken)

    def forget(self, origin: str) -> None:
        """Take another version of the runs of a file, when it is imported again while the folder is held."""
        shown = visible(origin)
        self._taken = {name: taken for name, taken in self._taken.items() if taken[0] != shown}

    def _written(self, found: _Found) -> Fate | Left:
        path = self.path / found.name
        try:
            there = path.read_bytes() if path.is_file() and not path.is_symlink() else None
            if there == found.data:
                return "unchanged"
            if there and (known := _run_in(there)):
                alike, origin = known.source == found.trace["source"], self._origins.of(found.name)
                same = alike if origin is None else origin == found.origin
                if not (alike and same) and known.digest() == found.digest:
                    return "unchanged"
                if not same:
                    other = f"{'another file named ' if alike else ''}{visible(known.source)[:200]}"
                    return Left("", f"its id {visible(found.trace['id'])[:80]} is that of a run from {other}")
            shorter = self._shorter(found) if there is None else None
            self._origins.add(found.name, found.origin, found.stays)
            unfinished = self.path / f".{found.name}{_UNFINISHED}"
            unfinished.unlink(missing_ok=True)
            with unfinished.open("xb") as file:
                file.write(found.data)
            if shorter is not None:
                shorter.replace(path)
            unfinished.replace(path)
        except OSError as error:
            raise InputError(f"cannot write {visible(str(path))}: {reason_of(error)}") from None
        return "new" if there is None and shorter is None else "updated"

    def _shorter(self, found: _Found) -> Path | None:
        """Where the run lies as it was before it grew, when it had another id then. Raises OSError."""
        if found.stays:
            for name in self._origins.earlier(found.origin, found.stays):
                path = self.path / name
                if name == found.name or name in self._taken or path.is_symlink() or not path.is_file():
                    continue
                if grew_from(path.read_bytes(), found.trace):
                    return path
        return None


class _Found(NamedTuple):
    """A run that is to be written."""

    name: str
    data: bytes
    trace: TraceJson
    digest: str
    origin: str
    """The hash of the real path of the file that it comes from."""
    stays: str
    """The hash of what stays of its id while it grows; empty where all of it does."""


def _digest(trace: TraceJson) -> str:
    """The digest of a run but for where it was found, which tells copies from other runs."""
    return sha256_hex(compact(trace | {"source": None, "source_hash": None}))


class _Written(NamedTuple):
    """A run as it was written; it may be large, so that it is not parsed."""

    source: str
    members: dict[str, msgspec.Raw]

    def digest(self) -> str:
        """That of `_digest`."""
        made, before = hashlib.sha256(), b"{"
        for name, held in self.members.items():
            made.update(before + compact(name) + b":")
            made.update(b"null" if name in ("source", "source_hash") else memoryview(held))
            before = b","
        made.update(b"}")
        return made.hexdigest()


def _run_in(data: bytes) -> _Written | None:
    """A written run that names its source; None for what is no whole run."""
    with suppress(msgspec.DecodeError, KeyError, RecursionError, UnicodeDecodeError):
        members = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        return _Written(msgspec.json.decode(members["source"], type=str), members)
    return None


def import_file(
    path: Path,
    label: str,
    folder: Folder,
    options: Options,
    made: Format | None = None,
    *,
    told: Told | None = None,
    passed: Callable[[int], None] | None = None,
) -> Tally:
    """Take the runs of one file into a folder; `label` is what they name as their source.

    Raises InputError when the folder cannot be written; what is wrong with the file is in the tally.
    """
    tally = Tally(label)

    def left(one: Left) -> None:
        tally.note(one)
        if one.fault and told is not None:
            told(label, one)

    try:
        source = Source(label, os.stat(path).st_size, lambda: path.open("rb"), passed)  # noqa: PTH116
        made = made or format_of(source, options)
        if made is None:
            left(why_unknown(source, options))
            return tally
        tally.format = made.name
        for one in found(source, made, options):
            if isinstance(one, Run):
                fate = folder.put(one.trace, str(path), made.stays(one.trace) if made.stays else "")
                if isinstance(fate, Left):
                    left(fate._replace(place=one.place))
                else:
                    tally.fates[fate] += 1
            else:
                left(one)
    except OSError as error:
        left(Left("", f"it cannot be read: {reason_of(error)}"))
    except MemoryError:
        left(Left("", "it is too large for this machine's memory"))
    return tally
