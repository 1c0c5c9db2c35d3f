"""Where raw runs are: a traces folder, or the like below an fsspec URL."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.asyn import AsyncFileSystem

from core.cluster.place import FAULTS, Place, is_local, joined, opened
from core.live.changes import BrokenFile, Stamp, signed
from core.live.foreign import run_of
from core.live.names import file_of, path_of, unit_of
from core.live.raw import bytes_of
from core.live.read import MISSING, FileBytes, too_large
from core.live.rows import Held, fetched, opening
from core.live.scan import UNREADABLE, Entry, folder_state, scan
from core.live.walk import is_trace_name
from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.model.text import visible
from core.model.trace import Trace

AT_ONCE = 16
"""Files that are looked at or fetched at a time."""

_CHANGED = "has changed since it was read into the dataset; ingest and mine again"


class ChangedError(InputError):
    """A raw run is no longer what was read into the dataset."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or URL below which runs lie; means the same to every process that can reach it."""

    url: str
    effects: str = ""
    """The text of an effects.toml that was checked: what other tools' runs change."""

    def check(self) -> None:
        """See that a folder of this machine can be listed at all. Raises InputError."""
        if is_local(self.url):
            state, trouble = folder_state(self._folder)
            if state != "present":
                raise InputError(trouble)

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
            every = _found(system, root)
        except FAULTS as error:
            raise InputError(f"cannot list {visible(self.url)}: {visible(str(error))}") from None
        runs = {path: info for path, info in every.items() if is_trace_name(path.rpartition("/")[2])}
        if not runs and not Place(self.url).has(""):
            raise InputError(f"the traces folder {visible(self.url)} does not exist")
        told = _looked_at(system, runs)
        return {unit_of(path[len(root) :].lstrip("/")): _stamp(info) for path, info in told.items()}

    def files(self, stamps: Mapping[str, Stamp], max_size: int) -> Iterator[tuple[str, Held]]:
        """What files hold, one after the other; never raises for what is there. From afar some are fetched ahead."""
        if is_local(self.url):
            with opening(self._folder) as files:
                yield from fetched(files, stamps, max_size)
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ahead: deque[tuple[str, Future[bytes | BrokenFile]]] = deque()
            waiting = iter(stamps.items())
            while True:
                for unit, stamp in islice(waiting, AT_ONCE - len(ahead)):
                    ahead.append((unit, pool.submit(self._whole, unit, stamp, max_size)))
                if not ahead:
                    return
                unit, task = ahead.popleft()
                found = task.result()
                yield unit, FileBytes(stamps[unit], found, sha256_hex(found)) if isinstance(found, bytes) else found

    def _whole(self, unit: str, stamp: Stamp, max_size: int) -> bytes | BrokenFile:
        """The bytes of a file from afar, or why there are none."""
        if stamp.size > max_size:
            return too_large(unit, stamp, stamp.size, max_size)
        try:
            return self._fetched(unit)
        except FileNotFoundError:
            return BrokenFile(unit, None, MISSING, "it is no longer there")
        except FAULTS as error:
            return BrokenFile(unit, stamp, UNREADABLE, f"it cannot be read: {error}", advice="Ingest it again.")

    def data(self, unit: str, sha256: str) -> bytes:
        """The bytes of a run's file. Raises ChangedError when they are not those of the sha256 (hex), or not there."""
        found = self.fetched(unit)
        if sha256_hex(found) != sha256:
            raise ChangedError(f"{visible(self._told(unit))} {_CHANGED}")
        return found

    def fetched(self, unit: str) -> bytes:
        """The present bytes of a file, whatever they were. Raises ChangedError when it cannot be read."""
        try:
            return bytes_of(self._folder, unit) if is_local(self.url) else self._fetched(unit)
        except FAULTS:
            raise ChangedError(f"{visible(self._told(unit))} can no longer be read; ingest and mine again") from None

    def trace(self, unit: str, sha256: str) -> Trace:
        """A run with its payloads. Raises ChangedError."""
        return self.decoded(self.data(unit, sha256), unit)

    def decoded(self, data: bytes, unit: str) -> Trace:
        """A run from the bytes of its file."""
        return run_of(data, unit, path_of(unit), self.effects)

    def digest(self, unit: str) -> str:
        """The sha256 (hex) of a file's present bytes; empty when it cannot be read."""
        try:
            return sha256_hex(bytes_of(self._folder, unit) if is_local(self.url) else self._fetched(unit))
        except FAULTS:
            return ""

    def digests(self, units: Iterable[str]) -> dict[str, str]:
        """The same of several files, by unit."""
        listed = list(units)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(listed, pool.map(self.digest, listed), strict=True))

    @property
    def _folder(self) -> Path:
        return Path(opened(self.url)[1])

    def _fetched(self, unit: str) -> bytes:
        system, root = opened(self.url)
        data: bytes = system.cat_file(joined(root, path_of(unit)))
        return data

    def _told(self, unit: str) -> str:
        return f"{self.url}/{file_of(unit)}"


def _found(system: Any, root: str) -> dict[str, Mapping[str, Any]]:
    """Every file below a path and what the listing tells of it; raises when some of it cannot be listed."""
    generic = (AbstractFileSystem.find, AsyncFileSystem._find)
    # The generic way leaves out what it cannot list, unless it is told otherwise.
    walks = getattr(type(system), "_find", None) in generic or type(system).find in generic
    found: dict[str, Mapping[str, Any]] = system.find(root, detail=True, **({"on_error": "raise"} if walks else {}))
    return found


def _looked_at(system: Any, listed: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """What is told of files; where a listing tells only their names, each is asked for."""

    def told(path: str) -> Mapping[str, Any]:
        if listed[path].get("size") is None:
            with suppress(*FAULTS):
                info: Mapping[str, Any] = system.info(path)
                return info
        return listed[path]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(listed, pool.map(told, listed), strict=True))


_TIMES = ("mtime", "LastModified", "last_modified", "Last-Modified", "updated", "modified", "modify", "created")
_TAGS = ("ETag", "etag", "md5Hash", "Content-MD5", "Digest", "checksum", "sha", "generation", "ino", "CRC")


def _stamp(info: Mapping[str, Any]) -> Stamp:
    """How a file looks from outside, as far as the file system tells: times, size, ETag or the like."""
    when = _seconds(next((info[key] for key in _TIMES if info.get(key)), 0))
    tags = [info[key] for key in _TAGS if info.get(key)]
    mark = int.from_bytes(blake2b(repr(tags).encode(), digest_size=7).digest(), "big") if tags else 0
    return Stamp(signed(int(when * 1e9)), int(info.get("size") or 0), mark, 0)


def _seconds(when: Any) -> float:
    """A time as file systems tell it, in Unix seconds; 0 for what is none."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        if isinstance(when, str):
            with suppress(ValueError):
                when = read(when)
    if isinstance(when, datetime):
        return when.timestamp()
    return float(when) if isinstance(when, int | float) else 0.0


def as_of(reading: BrokenFile, stamp: Stamp) -> BrokenFile:
    """A broken file with the stamp that it was listed with, where it has none of its own."""
    return reading if reading.stamp is not None else replace(reading, stamp=stamp)
