"""The journal's file: read with the head noted beside it, appended to under the lock (design/trust.md).

Appending is the commit point of every decision: before its flush returns nothing is decided, after it everything is.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core.model.decision import Decision
from core.model.errors import InputError, WorkspaceError
from core.model.jsontext import sha256_hex
from core.store.disk import DISK, Disk
from core.store.files import write_file
from core.store.journal import NO_HEAD, TRUST_NOBODY, Check, Head, Journal, Sound, next_line, read_journal
from core.store.signing.signer import Signer
from core.store.trouble import explained, is_there, read_if_there, shown, why


class Unsettled(WorkspaceError):  # noqa: N818 - a state, not a fault
    """The disk failed in the middle and then again: the decision is recorded or not, as the next reading tells."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append left behind."""

    decision: Decision
    """The decision with its `seq` and `prev`."""
    head: Head
    """The journal's new end."""


def head_path(journal: Path) -> Path:
    """The file beside a journal that notes its head, so that lost or changed last lines are noticed."""
    return journal.with_suffix(".head")


def load_journal(
    path: Path, *, known: Sequence[Head] = (), check: Check = TRUST_NOBODY, sound: Sound | None = None
) -> Journal:
    """The journal on disk; a missing file is an empty one. Raises WorkspaceError when it cannot be read.

    `known`, `check` and `sound` are those of read_journal. Without the lock, a torn tail may be a line that is being
    written at this moment.
    """
    # The note first: it never runs ahead of the journal, so a decision recorded in between does no harm.
    noted, fault = _noted_head(path)
    journal = read_journal(read_if_there(path) or b"", known=(*noted, *known), check=check, sound=sound)
    if not fault:
        return journal
    return replace(journal, faults=(*journal.faults, fault))


def append(
    path: Path,
    draft: Decision,
    *,
    signer: Signer | None = None,
    sound: Sound | None = None,
    despite_faults: bool = False,
    disk: Disk = DISK,
) -> Appended:
    """Record a decision; its `seq` and `prev` are set here, and it is signed where there is a signer. The lock is held.

    Verifies the journal (but for `sound`, a beginning that was verified before), moves a torn tail to `journal.torn-N`
    or ends a line that lost its newline, adds the line in one write and flushes it. Raises WorkspaceError when the
    chain is broken (unless `despite_faults`), it cannot be signed or the disk refuses, and InputError for text that
    cannot be written; nothing is recorded then.
    Only Unsettled leaves that open.
    """
    journal = load_journal(path, sound=sound)
    if journal.faults and not despite_faults:
        raise WorkspaceError(
            f"{shown(path)} is damaged ({journal.faults[0]}); nothing was recorded; put back an undamaged copy"
        )
    decision, line = next_line(journal, draft, signer)
    set_aside_torn_tail(path, journal, disk=disk)
    size = journal.size + end_last_line(path, journal, disk=disk)
    try:
        _commit(path, line, disk)
    except BaseException as error:
        _undo(path, size, error, disk)
        raise
    head = Head(decision.seq, sha256_hex(line[:-1]))
    if not journal.faults:
        # The decision stands already; a note that cannot be written is caught up with by the next one. One that proves
        # a fault stays as it is.
        with suppress(WorkspaceError):
            write_file(head_path(path), f"{head}\n".encode(), disk=disk)
    return Appended(decision, head)


def set_aside_torn_tail(path: Path, journal: Journal, *, disk: Disk = DISK) -> Path | None:
    """Move what a crash left of a last line to `journal.torn-N` beside it, and say where; the lock must be held.

    Raises WorkspaceError; the journal is cut only when the copy is safe.
    """
    if not journal.torn_tail:
        return None
    copy = _torn_path(path, journal.torn_tail)
    if not is_there(copy):
        write_file(copy, journal.torn_tail, disk=disk)
    with explained("repair", path):
        disk.truncate(path, journal.size)
        disk.flush_file(path)
    return copy


def end_last_line(path: Path, journal: Journal, *, disk: Disk = DISK) -> int:
    """Put back the newline that an acknowledged last line has lost; how many bytes were added. The lock must be held.

    Raises WorkspaceError.
    """
    if not journal.lacks_end:
        return 0
    with explained("repair", path):
        disk.append(path, b"\n")
        disk.flush_file(path)
    return 1


def _torn_path(path: Path, tail: bytes) -> Path:
    """The first free `journal.torn-N`, or the one that holds these bytes since a crash in the middle of this.

    Raises WorkspaceError.
    """
    number = 1
    while read_if_there(copy := path.with_suffix(f".torn-{number}")) not in (None, tail):
        number += 1
    return copy


def _commit(path: Path, line: bytes, disk: Disk) -> None:
    is_new = not path.exists()
    disk.append(path, line)
    disk.flush_file(path)
    if is_new:
        disk.flush_folder(path.parent)


def _undo(path: Path, size: int, error: BaseException, disk: Disk) -> None:
    """Take back a line that may be there in part or whole, and tell a disk error as what it left behind."""
    told = f"cannot write {shown(path)}: {why(error) if isinstance(error, OSError) else error}"
    try:
        if path.exists():
            disk.truncate(path, size)
            disk.flush_file(path)
    except OSError:
        raise Unsettled(
            f"{told}; whether the decision was recorded shows when the workspace is opened again"
        ) from error
    if isinstance(error, OSError):
        raise WorkspaceError(f"{told}; nothing was recorded") from error


def _noted_head(path: Path) -> tuple[tuple[Head, ...], str]:
    """The noted head, if there is one, and what is wrong with the note."""
    note = head_path(path)
    if (data := read_if_there(note)) is None:
        return (), ""
    try:
        return (Head.parse(data.decode(errors="replace")),), ""
    except InputError:
        return (), f"{note.name} was changed: {NO_HEAD}"
