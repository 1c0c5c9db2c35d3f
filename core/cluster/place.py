"""Files below a folder or an fsspec URL; a file that is there is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import fsspec
from filelock import FileLock, Timeout

from core.model.errors import InputError, WorkspaceError
from core.model.text import visible
from core.store.files import write_file

FAULTS = (Exception,)
"""What the file systems of fsspec raise: the libraries behind them have errors of every kind."""

LOCK = ".lock"
"""The file by which one process writes at a time."""


@lru_cache(maxsize=64)
def opened(url: str) -> tuple[Any, str]:
    """The file system of a folder or URL, and the path in it. Raises InputError."""
    try:
        system, root = fsspec.core.url_to_fs(url)
    except FAULTS as error:
        raise InputError(f"cannot use {visible(url)}: {visible(str(error))}") from None
    return system, root.rstrip("/") or root[:1]


def joined(root: str, name: str) -> str:
    """The path of a file below a root; the root of an archive is empty."""
    return f"{root.rstrip('/')}/{name}" if root else name


def is_local(url: str) -> bool:
    """Whether it is a folder of this machine's file system."""
    return isinstance(opened(url)[0], fsspec.implementations.local.LocalFileSystem)


def normal(given: str) -> str:
    """What was given as it means the same to every process: a folder's absolute path, or the URL."""
    return opened(given)[1] if is_local(given) else given.rstrip("/")


def lies_in(inner: str, outer: str) -> bool:
    """Whether a folder or URL is another one or lies below it, by whatever name or link it is given."""
    if is_local(inner) and is_local(outer):
        inner, outer = (os.path.realpath(opened(one)[1]) for one in (inner, outer))
    return f"{inner.rstrip('/')}/".startswith(f"{outer.rstrip('/')}/")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, by path or URL. Its methods raise InputError that names the file."""

    url: str

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        system, root = opened(self.url)
        try:
            data: bytes = system.cat_file(joined(root, name))
        except FAULTS as error:
            raise InputError(f"cannot read {self._told(name)}: {visible(str(error))}") from None
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write a file, all of it or nothing: locally by renaming; an object store shows whole objects only."""
        system, root = opened(self.url)
        try:
            if is_local(self.url):
                path = Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, data)
            else:
                system.pipe_file(joined(root, name), data)
        except WorkspaceError as error:  # which names the file and says what to do
            raise InputError(str(error)) from None
        except FAULTS as error:
            raise InputError(f"cannot write {self._told(name)}: {visible(str(error))}") from None

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        system, root = opened(self.url)
        try:
            return bool(system.exists(joined(root, name)))
        except FAULTS as error:
            raise InputError(f"cannot look for {self._told(name)}: {visible(str(error))}") from None

    def names(self, folder: str = "") -> set[str]:
        """The names of the files right in a sub-folder; none when it is not there."""
        return set(self.sizes(folder))

    def sizes(self, folder: str = "") -> dict[str, int | None]:
        """The same with their bytes, as far as the file system tells."""
        system, root = opened(self.url)
        try:
            system.invalidate_cache()
            listed = system.ls(joined(root, folder).rstrip("/"), detail=True)
        except FileNotFoundError:
            return {}
        except FAULTS as error:
            raise InputError(f"cannot list {self._told(folder)}: {visible(str(error))}") from None
        return {info["name"].rstrip("/").rpartition("/")[2]: info.get("size") for info in listed}

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        system, root = opened(self.url)
        try:
            system.rm_file(joined(root, name))
        except FileNotFoundError:
            pass
        except FAULTS as error:
            raise InputError(f"cannot remove {self._told(name)}: {visible(str(error))}") from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process of this machine write here meanwhile; an object store has no such lock."""
        if not is_local(self.url):
            yield
            return
        lock = FileLock(Path(self.url, LOCK), fallback_to_soft=False)
        try:
            Path(self.url).mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(f"another process writes to {visible(self.url)}; wait until it has ended") from None
        except (OSError, NotImplementedError) as error:
            raise InputError(f"cannot write to {visible(self.url)}: {visible(str(error))}") from None
        try:
            yield
        finally:
            lock.release()

    def _told(self, name: str) -> str:
        return visible(f"{self.url}/{name}")
