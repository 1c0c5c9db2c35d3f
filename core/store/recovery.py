"""What the next start does about a crash: leftovers are completed or removed, and the user is told.

Source: spec/review.md, What approving does. A decision is complete once the journal has it, wherever its crashpack and
its promotion files are; what the journal does not name was never acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.artifacts.manifest import MANIFEST
from core.model.decision import Decision
from core.store.files import remove_tree
from core.store.journal import Journal
from core.store.journal_file import end_last_line, set_aside_torn_tail
from core.store.lock import LockHeld
from core.store.staging import move_files, publish_folder, sums_of
from core.store.trouble import explained, is_there, names_in, shown
from core.store.workspace import Workspace

BUNDLE_DIGEST = "bundle_digest"
"""The key of a decision's detail under which stands what its bundle's list of sums must have as its digest."""

PRUNED = ".pruned"
"""What the name of a crashpack ends in that was put aside to be removed."""


def recover(workspace: Workspace) -> tuple[str, ...]:
    """Clear up after a crash and say what was done, a sentence each; nothing when there was nothing to do.

    Does nothing while somebody else holds the lock, for then the leftovers are work in progress, and nothing where it
    cannot write. Raises WorkspaceError when the disk refuses.
    """
    if not workspace.exists or not workspace.writable:
        return ()
    try:
        with workspace.locked("recovery", timeout=0):
            return recover_locked(workspace)
    except LockHeld:
        return ()


def recover_locked(workspace: Workspace) -> tuple[str, ...]:
    """`recover` for one who holds the lock."""
    journal = workspace.load_journal()
    told = (*_torn_tail(workspace, journal), *_lost_end(workspace, journal))
    return (*told, *_leftovers(workspace, journal), *_half_written(workspace))


def _torn_tail(workspace: Workspace, journal: Journal) -> Iterator[str]:
    copy = set_aside_torn_tail(workspace.journal_file, journal, disk=workspace.disk)
    if copy is not None:
        yield (
            "A crash cut short the journal's last line, which was never acknowledged; "
            f"it was set aside as {shown(copy.name)}. All earlier decisions are there."
        )


def leftovers(workspace: Workspace) -> list[Path]:
    """What was built aside and is not in place. Raises WorkspaceError."""
    return [workspace.tmp / name for name in names_in(workspace.tmp)]


def _lost_end(workspace: Workspace, journal: Journal) -> Iterator[str]:
    if end_last_line(workspace.journal_file, journal, disk=workspace.disk):
        yield (
            f"The journal's last line had lost its end, as when an editor saves it; decision {journal.head.seq} was "
            "acknowledged and stands, and the end was put back."
        )


def _leftovers(workspace: Workspace, journal: Journal) -> Iterator[str]:
    """Put in place what was decided, remove the rest."""
    found = leftovers(workspace)
    if found and journal.size:
        # A line that was written and not flushed would be relied on from here.
        with explained("flush", workspace.journal_file):
            workspace.disk.flush_together([workspace.journal_file], [workspace.folder])
    packs = {d.crashpack.name: d for d in journal.decisions if d.crashpack is not None}
    latest = {d.lineage: d for d in journal.decisions}
    bundles = {str(d.detail.get(BUNDLE_DIGEST)) for d in journal.decisions}
    for aside in found:
        name, sums = aside.name.rpartition(".")[0], sums_of(aside)
        if aside.suffix == PRUNED:
            with explained("tidy", aside):
                remove_tree(aside, disk=workspace.disk)
            yield f"A crash interrupted a pruning; what was left of crashpack {shown(name)} has been removed."
        elif sums and name in packs and _is_pack(packs[name], sums) and not is_there(workspace.crashpack(name)):
            publish_folder(aside, workspace.crashpack(name), disk=workspace.disk)
            yield f"A crash interrupted decision {packs[name].seq}; its crashpack {shown(name)} was put in place."
        elif sums and name in latest and latest[name].detail.get(BUNDLE_DIGEST) == sums:
            move_files(aside, workspace.bundle(name), last=MANIFEST, disk=workspace.disk)
            yield f"A crash interrupted decision {latest[name].seq}; its promotion files of {shown(name)} are complete."
        elif journal.faults:
            yield f"{shown(aside)} was left by a crash; it stays until the journal is in order."
        else:
            with explained("tidy", aside):
                is_empty = aside.is_dir() and not any(aside.iterdir())
                remove_tree(aside, disk=workspace.disk)
            if is_empty:
                continue  # all that it held is in place
            why = "a later decision replaced it" if sums in bundles else "it was never recorded"
            # By a crash, or by a disk that refused a decision a moment ago.
            yield f"{shown(aside.name)} was left half done; {why}, so it has been removed."


def _is_pack(decision: Decision, sums: str) -> bool:
    """Whether a list of sums is that of the crashpack which a decision names."""
    return decision.crashpack is not None and decision.crashpack.digest == sums


def _half_written(workspace: Workspace) -> Iterator[str]:
    """Remove temporary files that were never renamed (core.store.files)."""
    found = [*workspace.folder.glob(".assay-*.tmp"), *workspace.candidates.rglob(".assay-*.tmp")]
    for file in found:
        with explained("tidy", file):
            remove_tree(file, disk=workspace.disk)
    if found:
        yield f"A crash left {len(found)} half-written file{'s' * (len(found) > 1)}; the old contents stay in force."
