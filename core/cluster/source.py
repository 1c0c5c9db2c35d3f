"""Where raw runs are: a traces folder, or the like below an fsspec URL."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from core.cluster.place import FAULTS, is_local, joined, opened
from core.live.changes import BrokenFile, FileReading, Stamp
from core.live.foreign import run_of
from core.live.names import file_of, is_trace_name, path_of, unit_of
from core.live.read import MISSING, bytes_of, reading_of, too_large
from core.live.rows import RowReader, lean
from core.live.scan import UNREADABLE, Entry, scan
from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.model.text import visible
from core.model.trace import Trace

_CHANGED = "has changed since it was read into the dataset; ingest and mine again"


class ChangedError(InputError):
    """A raw run is no longer what was read into the dataset."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or URL below which runs lie; means the same to every process that can reach it."""

    url: str

    def listed(self) -> Mapping[str, Entry]:
        """Every file to read with its stamp, and what stands in the way, by unit. Raises InputError."""
        if is_local(self.url):
            found = scan(self._folder)
            if found.state != "present":
                raise InputError(found.trouble)
            return found.entries
        system, root = opened(self.url)
        try:
            system.invalidate_cache()
            every = system.find(root, detail=True)
        except FAULTS as error:
            raise InputError(f"cannot list {visible(self.url)}: {visible(str(error))}") from None
        below = {path[len(root) :].lstrip("/"): info for path, info in every.items()}
        return {unit_of(p): _stamp(info) for p, info in below.items() if is_trace_name(p.rpartition("/")[2])}

    def read(self, unit: str, stamp: Stamp, max_size: int, reader: RowReader) -> FileReading:
        """What a file holds, as the live workspace reads it; never raises for what is there."""
        if is_local(self.url):
            return reader(self._folder, unit, max_size)
        if stamp.size > max_size:
            return too_large(unit, stamp, stamp.size, max_size)
        try:
            data = self._fetched(unit)
        except FileNotFoundError:
            return BrokenFile(unit, None, MISSING, "it is no longer there")
        except FAULTS as error:
            return BrokenFile(unit, stamp, UNREADABLE, f"it cannot be read: {error}", advice="Ingest it again.")
        return lean(reading_of(data, unit, stamp, sha256_hex(data), reader.quick))

    def data(self, unit: str, sha256: str) -> bytes:
        """The bytes of a run's file. Raises ChangedError when they are not those of the sha256 (hex), or not there."""
        try:
            found = bytes_of(self._folder, unit) if is_local(self.url) else self._fetched(unit)
        except FAULTS:
            raise ChangedError(f"{visible(self._told(unit))} can no longer be read; ingest and mine again") from None
        if sha256_hex(found) != sha256:
            raise ChangedError(f"{visible(self._told(unit))} {_CHANGED}")
        return found

    def trace(self, unit: str, sha256: str) -> Trace:
        """A run with its payloads. Raises ChangedError."""
        return decoded(self.data(unit, sha256), unit)

    def digest(self, unit: str) -> str:
        """The sha256 (hex) of a file's present bytes; empty when it cannot be read."""
        try:
            return sha256_hex(bytes_of(self._folder, unit) if is_local(self.url) else self._fetched(unit))
        except FAULTS:
            return ""

    @property
    def _folder(self) -> Path:
        return Path(opened(self.url)[1])

    def _fetched(self, unit: str) -> bytes:
        system, root = opened(self.url)
        data: bytes = system.cat_file(joined(root, path_of(unit)))
        return data

    def _told(self, unit: str) -> str:
        return f"{self.url}/{file_of(unit)}"


def decoded(data: bytes, unit: str) -> Trace:
    """A run from the bytes of its file."""
    return run_of(data, unit, path_of(unit))


def _stamp(info: Mapping[str, Any]) -> Stamp:
    """How a file looks from outside, as far as the file system tells: times, size, ETag or the like."""
    when = next((info[key] for key in ("mtime", "LastModified", "last_modified", "updated") if info.get(key)), 0)
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            when = 0
    seconds = when.timestamp() if isinstance(when, datetime) else float(when)
    tags = [info[key] for key in ("ETag", "etag", "md5Hash", "generation", "ino", "CRC") if info.get(key)]
    mark = int.from_bytes(blake2b(repr(tags).encode(), digest_size=7).digest(), "big")
    return Stamp(int(seconds * 1e9), int(info.get("size") or 0), mark, 0)


def young(stamp: Stamp, settled: float) -> bool:
    """Whether a file was changed so short a time ago that its stamp alone does not tell its bytes."""
    return time.time() - stamp.touched <= settled


def as_of(reading: BrokenFile, stamp: Stamp) -> BrokenFile:
    """A broken file with the stamp that it was listed with, where it has none of its own."""
    return reading if reading.stamp is not None else replace(reading, stamp=stamp)
