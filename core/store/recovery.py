"""What the next start does about a crash: leftovers are completed or removed, and the user is told.

Source: spec/review.md, What approving does. A crashpack is complete once the journal names it, whatever its folder is
called; one that the journal does not name was never acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.model.decision import Decision
from core.model.jsontext import sha256_hex
from core.store.files import publish_folder, remove_tree
from core.store.journal import Journal
from core.store.journal_file import set_aside_torn_tail
from core.store.lock import LockHeld
from core.store.trouble import explained, shown
from core.store.workspace import Workspace

SUMS = "files.sha256"
"""The file of a crashpack whose sha256 the journal records."""


def recover(workspace: Workspace) -> tuple[str, ...]:
    """Clear up after a crash and say what was done, a sentence each; nothing when there was nothing to do.

    Does nothing while somebody else holds the lock, for then the leftovers are work in progress, and nothing where it
    cannot write. Raises WorkspaceError when the disk refuses. Candidates' bundles are rewritten by core.review.
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
    return (*_torn_tail(workspace, journal), *_crashpacks(workspace, journal), *_half_written(workspace))


def _torn_tail(workspace: Workspace, journal: Journal) -> Iterator[str]:
    copy = set_aside_torn_tail(workspace.journal_file, journal, disk=workspace.disk)
    if copy is not None:
        yield (
            "A crash cut short the journal's last line, which was never acknowledged; "
            f"it was set aside as {shown(copy.name)}. All earlier decisions are there."
        )


def _crashpacks(workspace: Workspace, journal: Journal) -> Iterator[str]:
    """Give crashpacks that were decided on their names, remove the others."""
    if not workspace.tmp.is_dir():
        return
    named = {d.crashpack.name: d for d in journal.decisions if d.crashpack is not None}
    with explained("tidy", workspace.tmp):
        leftovers = sorted(workspace.tmp.iterdir())
    for aside in leftovers:
        name = aside.name.rpartition(".")[0]
        decision = named.get(name)
        if decision is not None and _is_that_of(aside, decision) and not workspace.crashpack(name).exists():
            publish_folder(aside, workspace.crashpack(name), disk=workspace.disk)
            yield f"A crash interrupted decision {decision.seq}; its crashpack {shown(name)} was put in place."
        elif journal.faults:
            yield f"{shown(aside)} was left by a crash; it stays until the journal is in order."
        else:
            with explained("tidy", aside):
                remove_tree(aside, disk=workspace.disk)
            yield f"A crash left {shown(aside.name)} half done; it was never recorded and has been removed."


def _is_that_of(aside: Path, decision: Decision) -> bool:
    """Whether a folder is the crashpack that a decision names, byte for byte as its list of sums says."""
    assert decision.crashpack is not None
    try:
        sums = (aside / SUMS).read_bytes()
    except OSError:
        return False
    return sha256_hex(sums) == decision.crashpack.digest.removeprefix("sha256:")


def _half_written(workspace: Workspace) -> Iterator[str]:
    """Remove temporary files that were never renamed (core.store.files)."""
    found = [*workspace.folder.glob(".assay-*.tmp"), *workspace.candidates.rglob(".assay-*.tmp")]
    for file in found:
        with explained("tidy", file):
            remove_tree(file, disk=workspace.disk)
    if found:
        yield f"A crash left {len(found)} half-written file{'s' * (len(found) > 1)}; the old contents stay in force."
