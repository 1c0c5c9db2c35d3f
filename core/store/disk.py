"""The one seam for every effect on disk, so that tests can record, fail and lose each of them (design/trust.md)."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path

_NO_FLUSH_HERE = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY})
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
_AT_ONCE = 16


class Disk:
    """The real disk. Every method is one effect and raises OSError; nothing lasts before its flush returns."""

    def write(self, path: Path, data: bytes, mode: int = 0o644, exact: bool = False) -> None:
        """Make a new file with these bytes and this mode, less the umask unless it is `exact`.

        An existing file is an error.
        """
        descriptor = os.open(path, _CREATE, mode)
        try:
            if exact:
                os.fchmod(descriptor, mode)
            _write_all(descriptor, data)
        finally:
            os.close(descriptor)

    def append(self, path: Path, data: bytes) -> None:
        """Add bytes to the end of a file, in one write where the system takes them; the file is made when missing."""
        descriptor = os.open(path, _APPEND, 0o666)
        try:
            _write_all(descriptor, data)
        finally:
            os.close(descriptor)

    def truncate(self, path: Path, size: int) -> None:
        """Cut a file off after so many bytes."""
        os.truncate(path, size)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file or folder its new name at one stroke; a file of that name is replaced."""
        source.rename(target)

    def mkdir(self, path: Path) -> None:
        """Make a folder; an existing one is an error."""
        path.mkdir()

    def remove(self, path: Path) -> None:
        """Remove a file or link."""
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def flush_file(self, path: Path) -> None:
        """Return once a file's bytes would survive a power loss."""
        _flush(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)

    def flush_folder(self, path: Path) -> None:
        """Return once a folder's names would survive a power loss, where the file system can promise it."""
        try:
            _flush(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        except OSError as error:
            # Some network and user-space file systems have no such promise to give; there is nothing else to try.
            if error.errno not in _NO_FLUSH_HERE:
                raise

    def flush_together(self, files: Iterable[Path], folders: Iterable[Path] = ()) -> None:
        """Flush many files and folders, in any order; the device takes that many times faster at once."""
        jobs = [*((self.flush_file, path) for path in files), *((self.flush_folder, path) for path in folders)]
        done = [_pool().submit(flush, path) for flush, path in jobs]
        wait(done)
        for one in done:
            one.result()


@cache
def _pool() -> ThreadPoolExecutor:
    """The threads that flush; they are made when first needed and stay."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="flush")


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        if sys.platform == "darwin" and _full_flush(descriptor):
            return
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _full_flush(descriptor: int) -> bool:
    """Flush through the drive's own cache, which fsync leaves out on macOS; whether the file system knows how."""
    import fcntl

    try:
        fcntl.fcntl(descriptor, getattr(fcntl, "F_FULLFSYNC", 51))
    except OSError as error:
        if error.errno in _NO_FLUSH_HERE:
            return False
        raise
    return True


DISK = Disk()
"""The real disk, the default of every function that writes."""
