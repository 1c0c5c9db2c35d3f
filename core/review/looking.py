"""What a session looks at besides runs: files that other processes change, and the journal as it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from core.artifacts.redact import Redactor
from core.live.engine import Change, State
from core.live.snapshot import JournalView
from core.model.decision import Decision
from core.model.errors import WorkspaceError
from core.model.text import visible
from core.review.archive import load_archive
from core.review.journal_reader import JournalReader
from core.store.journal import Journal
from core.store.policy import Policy
from core.store.workspace import Workspace
from core.traces.times import moment


def stamp_of(path: Path) -> tuple[int, int, int, int] | None:
    """How a file looks from outside, its rights included; None when it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns


class Looked(NamedTuple):
    """What was found in the workspace."""

    change: Change
    journal: Journal
    trouble: str
    """Why the policy cannot be used as it is now; empty when it can."""


def looked(store: Workspace, reader: JournalReader, state: State) -> Looked:
    """The journal, what it decided on, and the policy. Raises WorkspaceError when the journal cannot be read."""
    policy, redactor, trouble = policy_and_redactor(store, state.policy)
    journal = reader.read(policy)
    archive = load_archive(store, journal.trusted, state.archive)
    change = Change(journal=journal_view(journal), archive=archive, policy=policy, redactor=redactor)
    return Looked(change, journal, trouble)


def policy_and_redactor(store: Workspace, before: Policy) -> tuple[Policy, Redactor | None, str]:
    """The policy on disk and what redacts by it, as far as they can be read, else the one before, and why not."""
    policy = before
    try:
        policy = store.load_policy()
        return policy, store.redactor(policy), ""
    except WorkspaceError as error:
        return policy, None, str(error)


def journal_view(journal: Journal) -> JournalView:
    """The part of a journal that is relied on."""
    torn = f"{len(journal.torn_tail)} bytes of a last line that was never acknowledged" if journal.torn_tail else ""
    return JournalView(decisions=journal.trusted, faults=journal.told, torn_tail=torn, head=str(journal.head))


def backwards(decisions: Sequence[Decision]) -> Iterator[str]:
    """A sentence for every decision that claims a time before that of the one in front of it."""
    for before, after in pairwise(decisions):
        earlier, later = moment(before.time), moment(after.time)
        if earlier is not None and later is not None and later < earlier:
            yield (
                f"decision {after.seq} claims to be of {visible(after.time)}, before decision {before.seq} "
                f"({visible(before.time)}); a clock was set back, the order is that of the journal"
            )
