"""The workspace's one exclusive lock: held by the system, so that a dead holder never blocks anybody."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.model.errors import WorkspaceError
from core.model.jsontext import JsonError, canonical, parse
from core.model.record import I64, DecodeError, Record, Text
from core.model.text import visible
from core.store.trouble import read_regular, shown, why

PATIENCE = 10.0
"""Seconds that a decision waits for another one to finish."""

_UNSUPPORTED = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL})


class LockHeld(WorkspaceError):  # noqa: N818 - a state, not a fault
    """Somebody else holds the lock and did not let go in time; the message says who."""


class Holder(Record):
    """Who holds the lock, as written into its file; only told to people, never relied on."""

    pid: I64 = 0
    host: Text = ""
    actor: Text = ""


@contextmanager
def locked(path: Path, *, actor: str = "", timeout: float = PATIENCE) -> Iterator[None]:
    """Hold the exclusive lock on a file, which is made when missing and never deleted.

    Waits up to `timeout` seconds, negative for ever. Not reentrant. Raises LockHeld, or WorkspaceError when the file
    cannot be opened or the file system has no locks.
    """
    holder = Holder(pid=os.getpid(), host=socket.gethostname(), actor=actor)

    def sign(descriptor: int) -> None:
        # Only a courtesy to those who wait: a full disk is no reason not to lock.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, canonical(holder) + b"\n", 0)

    lock = FileLock(path, fallback_to_soft=False, preserve_lock_file=True, thread_local=False, on_acquired=sign)
    try:
        lock.acquire(timeout=timeout)
    except Timeout:
        raise LockHeld(
            f"the workspace is in use by {_told(path)}; nothing was written, try again when that has finished"
        ) from None
    except OSError as error:
        raise WorkspaceError(_trouble(path, error)) from error
    try:
        yield
    finally:
        with suppress(OSError):
            os.truncate(path, 0)
        lock.release()


def holder_of(path: Path) -> Holder | None:
    """Who wrote itself into a lock file last and has not let go; None when nobody or when it cannot be read."""
    try:
        return Holder.decode(parse(read_regular(path)))
    except (OSError, WorkspaceError, JsonError, DecodeError):
        return None


def _told(path: Path) -> str:
    holder = holder_of(path)
    if holder is None:
        return "another process"
    return visible(f"{holder.actor or 'somebody'} (process {holder.pid} on {holder.host})")


def _trouble(path: Path, error: OSError) -> str:
    if error.errno in _UNSUPPORTED:
        return (
            f"the file system of {shown(path)} has no locks, so that decisions could be lost; "
            "name a workspace on a local disk with --workspace"
        )
    return f"cannot lock {shown(path)}: {why(error)}"
