"""Going through a folder and its sub-folders. What is found is judged elsewhere (core.live.scan).

Needs nothing but the standard library, so that a process of its own is ready in some hundredths of a second: that is
given the folder, and writes what it found to its standard output.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from array import array
from typing import IO

EXTENSIONS = (".json", ".jsonl", ".ndjson", ".traj")

WIDTH = 4
"""Numbers of a file: time of change, size, inode and ctime; times in nanoseconds since 1970, size in bytes."""

MUCH = 5_000
"""Files from which on it is worth a copy of the process."""

_HEAD = 8


def is_trace_name(name: str) -> bool:
    """Whether a file is read, by its extension: exactly `json`, or one that only other tools' files have.

    `.json` alone is a name without extension.
    """
    return name.endswith(EXTENSIONS) and name not in EXTENSIONS


class Walk:
    """What lies below a folder, by path as `os` gives it. No link is followed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.files: list[str] = []
        """Regular files whose names are those of runs."""
        self.numbers = array("q")
        """How each of these looks, one after another (`WIDTH`)."""
        self.folders: list[str] = []
        """Sub-folders that were entered."""
        self.others: list[str] = []
        """What has to be looked at more closely: links, special files, what could not be looked at."""
        self.locked: list[tuple[str, str]] = []
        """Folders that could not be listed, and why."""

    def descend(self, *paths: str) -> None:
        """Look at everything below some folders."""
        todo = [*paths]
        while todo:
            todo += self._enter(todo.pop())

    def descend_together(self, path: str) -> None:
        """The same by a copy of this process as well, which runs in a single thread, once much was found."""
        todo = [path]
        while todo and (len(self.files) < MUCH or len(todo) < 2):
            todo += self._enter(todo.pop())
        if not todo:
            return
        theirs = _Copy(self.root, todo[1::2])
        self.descend(*todo[::2])
        if (found := theirs.found()) is None:
            self.descend(*todo[1::2])
        else:
            self._take(found)

    def _take(self, other: Walk) -> None:
        self.files += other.files
        self.numbers += other.numbers
        self.folders += other.folders
        self.others += other.others
        self.locked += other.locked

    def _enter(self, path: str) -> list[str]:
        """Look at what a folder holds; its sub-folders are returned."""
        inner: list[str] = []
        try:
            with os.scandir(f"{self.root}/{path}") as listing:
                begin = f"{path}/" if path else ""
                for entry in listing:
                    name = entry.name
                    if entry.is_file(follow_symlinks=False):
                        if is_trace_name(name):
                            self._file(begin + name, entry)
                    elif entry.is_dir(follow_symlinks=False):
                        inner.append(begin + name)
                    else:
                        self.others.append(begin + name)
        except FileNotFoundError:
            return []
        except OSError as error:
            self.locked.append((path, _reason_of(error)))
        if path:
            self.folders.append(path)
        return inner

    def _file(self, path: str, entry: os.DirEntry[str]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                self.numbers.extend((status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns))
                self.files.append(path)
                return
        except OverflowError:  # an inode of more than 63 bits, or a time far off
            del self.numbers[WIDTH * len(self.files) :]
        except OSError:
            pass
        self.others.append(path)


class _Copy:
    """A copy of this process that looks at what is below some folders."""

    def __init__(self, root: str, paths: list[str]) -> None:
        self._root = root
        self._answer, to = os.pipe()
        try:
            self._id = os.fork()
        except OSError:  # no memory, or too many processes
            self._id = -1
        if not self._id:
            self._be(paths, to)
        os.close(to)

    def _be(self, paths: list[str], to: int) -> None:
        status = 1
        try:
            walk = Walk(self._root)
            walk.descend(*paths)
            with os.fdopen(to, "wb") as stream:
                write(walk, stream)
            status = 0
        finally:
            os._exit(status)

    def found(self) -> Walk | None:
        """What it found; None when it failed."""
        with os.fdopen(self._answer, "rb") as stream:
            data = stream.read()
        if self._id < 0 or os.waitpid(self._id, 0)[1]:
            return None
        try:
            return read(self._root, data)
        except ValueError:
            return None


def _reason_of(error: OSError) -> str:
    """As core.model.errors says it, which the process of its own cannot import."""
    return (error.strerror or str(error)).lower()


def write(walk: Walk, stream: IO[bytes]) -> None:
    """Write what was found."""
    files = "\0".join(walk.files).encode("utf-8", "surrogateescape")
    numbers = walk.numbers.tobytes()
    rest = json.dumps((len(files), len(numbers), walk.folders, walk.others, walk.locked)).encode()
    stream.write(len(rest).to_bytes(_HEAD, "little"))
    for part in (rest, files, numbers):
        stream.write(part)
    stream.flush()


def read(root: str, data: bytes) -> Walk:
    """What was written of a folder. Raises ValueError for what is not whole."""
    length = int.from_bytes(data[:_HEAD], "little")
    place = _HEAD + length
    files, numbers, folders, others, locked = json.loads(data[_HEAD:place])
    if len(data) != place + files + numbers:
        raise ValueError("it ended in the middle")
    made = Walk(root)
    if files:
        made.files = data[place : place + files].decode("utf-8", "surrogateescape").split("\0")
    made.numbers.frombytes(data[place + files :])
    made.folders, made.others = folders, others
    made.locked = [(path, why) for path, why in locked]
    return made


if __name__ == "__main__":
    found = Walk(sys.argv[1])
    if hasattr(os, "fork") and (os.cpu_count() or 1) > 1:
        found.descend_together("")
    else:
        found.descend("")
    write(found, sys.stdout.buffer)
