"""Disk errors told as sentences: which path, what went wrong, what to do; and files read so that none keeps waiting."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.model.errors import AssayError, InputError, WorkspaceError
from core.model.text import visible

_TOLD = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "your disk quota is used up; free some space and try again",
    errno.EROFS: "the file system is read-only; choose a place that can be written",
    errno.EACCES: "permission denied; change who may use it, or a folder on the way to it, or choose another place",
    errno.EPERM: "the system does not permit it; change who may use it or choose another place",
    errno.ENOENT: "a folder on the way to it does not exist; make it first",
    errno.ENOTDIR: "a part of the path is a file where a folder is needed; choose another place",
    errno.EISDIR: "there is a folder of that name; choose another name",
    errno.ENOTEMPTY: "a folder of that name exists and is not empty; choose another name",
    errno.EEXIST: "something of that name exists already; choose another name",
    errno.ENAMETOOLONG: "the name is too long for this file system; choose a shorter one",
    errno.ELOOP: "a symbolic link on the way leads back to itself or is not followed here; use the real path",
    errno.EMFILE: "too many files are open; close other programs or raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine; close other programs",
    errno.EIO: "the device reports an error; check the disk before you go on",
    errno.ESTALE: "the network folder has gone away; mount it again",
    errno.EFBIG: "the file would grow larger than the file system or a limit on files allows; raise it (ulimit -f) or "
    "choose another place",
}


NOWHERE = (FileNotFoundError, NotADirectoryError)
"""What the system says where nothing lies at a path. Anything else does not mean that: `Path.exists` raises some of
it, and where it raises nothing takes a place that cannot be looked at for an empty one.
"""


def why(error: OSError) -> str:
    """What a disk error means and what to do about it, as the second half of a sentence."""
    told = _TOLD.get(error.errno or 0)
    return told or f"{error.strerror or type(error).__name__}; check the disk and try again"


def shown(path: str | os.PathLike[str]) -> str:
    """A path for messages, with everything that must not reach a terminal spelled out."""
    return visible(os.fspath(path))


def is_there(path: Path) -> bool:
    """Whether something lies at a path. Raises WorkspaceError where the system does not let anybody tell."""
    with explained("look at", path):
        try:
            path.stat()
        except NOWHERE:
            return False
    return True


@contextmanager
def explained(doing: str, path: Path, kind: type[AssayError] = WorkspaceError) -> Iterator[None]:
    """Turn an OSError inside the block into an error of that kind: `cannot DOING PATH: WHY`."""
    try:
        yield
    except OSError as error:
        raise kind(f"cannot {doing} {shown(path)}: {why(error)}") from error


def names_in(folder: Path) -> list[str]:
    """What lies in a folder, in order; nothing where there is none. Raises WorkspaceError where nobody can tell."""
    with explained("read", folder), suppress(*NOWHERE):
        return sorted(os.listdir(folder))  # noqa: PTH208 - only the names
    return []


def with_home(given: Path) -> Path:
    """A path with the home folder that `~` or `~USER` stands for. Raises InputError when there is none."""
    try:
        return given.expanduser()
    except RuntimeError:
        told = f"nobody here has the home folder {shown(given.parts[0])}; write the whole path"
        raise InputError(f"cannot use {shown(given)}: {told}") from None


def at_once(path: str, flags: int) -> int:
    """Open a file without waiting for anybody, as an opener for `open`."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def read_regular(path: Path) -> bytes:
    """The bytes of a file, or of the one that a link names. Raises OSError, and WorkspaceError for what is no file.

    A pipe in its place would keep whoever opens it waiting for ever.
    """
    with open(path, "rb", opener=at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise WorkspaceError(f"cannot read {shown(path)}: it is a pipe, a socket or a device; put back a file")
        return file.read()


def read_if_there(path: Path) -> bytes | None:
    """What `read_regular` finds; None where nothing lies at the path. Raises WorkspaceError where nobody can tell."""
    with explained("read", path), suppress(*NOWHERE):
        return read_regular(path)
    return None
