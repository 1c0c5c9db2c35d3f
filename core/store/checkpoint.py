"""How far the journal was verified before, so that opening a workspace verifies only the new lines.

Disposable: without it everything is verified. It says nothing by itself: the bytes it speaks of are hashed again, and
it carries a code made with the workspace's own key, which only the owner of the files can read, so that whoever
changes the journal cannot make a checkpoint that hides it. `assay verify` never looks at it.
"""

from __future__ import annotations

import hmac
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from core.model.errors import WorkspaceError
from core.model.jsontext import JsonError, canonical, parse
from core.model.record import U64, DecodeError, Record, Text
from core.store.disk import DISK, Disk
from core.store.files import write_file
from core.store.journal import Head, Journal, Sound
from core.store.trouble import at_once, read_regular

EVERY = 256
"""Lines that are verified anew before another checkpoint is written."""

_PURPOSE = b"assay journal checkpoint 1\n"


class _Checkpoint(Record):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    count: U64
    """Lines."""
    size: U64
    """Bytes of those lines."""
    sha256: Text
    """Of those bytes."""
    head: Text
    """The sha256 of the last of those lines."""
    code: Text = ""
    """HMAC-SHA256 over the rest with the workspace's key."""

    def coded(self, key: bytes) -> _Checkpoint:
        """The same with its code."""
        text = _PURPOSE + canonical({name: value for name, value in self.wire().items() if name != "code"})
        return self.replace(code=hmac.new(key, text, "sha256").hexdigest())


def read_checkpoint(path: Path, key: bytes | None) -> Sound | None:
    """What was verified before; None when there is no checkpoint, or none that can be believed."""
    if key is None:
        return None
    try:
        found = _Checkpoint.decode(parse(read_regular(path)))
    except (OSError, WorkspaceError, JsonError, DecodeError):
        return None
    if not hmac.compare_digest(found.code.encode(), found.coded(key).code.encode()):
        return None
    return Sound(found.size, found.sha256, Head(found.count, found.head))


def write_checkpoint(path: Path, key: bytes | None, journal: Journal, *, disk: Disk = DISK) -> None:
    """Note how far a journal was verified, unless something is wrong with it; a disk that refuses does no harm."""
    sound = journal.sound
    if key is None or sound is None or (path.exists() and not path.is_file()):
        return
    made = _Checkpoint(count=sound.head.seq, size=sound.size, sha256=sound.sha256, head=sound.head.digest)
    with suppress(WorkspaceError):
        write_file(path, canonical(made.coded(key)) + b"\n", mode=0o600, disk=disk)


def private_key(path: Path) -> bytes | None:
    """The bytes of a key file that the present user owns and nobody else can read; None of any other."""
    try:
        with open(path, "rb", opener=at_once) as file:
            status = os.fstat(file.fileno())
            data = file.read(1024)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077 or len(data) < 32:
        return None
    return data
