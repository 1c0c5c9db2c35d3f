"""Decisions and journals for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.model.decision import CrashpackRef, Decision
from core.store.disk import DISK, Disk
from core.store.journal import Journal, next_line, read_journal
from core.store.staging import Build, build_aside


def draft(actor: str = "ana@example.org", **changes: Any) -> Decision:
    """A decision without its place in the journal."""
    fields: dict[str, Any] = {
        "time": "2026-01-02T03:04:05Z",
        "actor": actor,
        "kind": "approve",
        "reason": "looks right",
        "lineage": "lineage_0123456789abcdef",
        "candidate_id": "workflow_candidate_1",
        "behaviour_digest": "sha256:" + "a" * 64,
        "evidence_digest": "sha256:" + "b" * 64,
        "crashpack": CrashpackRef(name="workflow_candidate_1-001", digest="sha256:" + "c" * 64),
        "policy_digest": "sha256:" + "d" * 64,
        "host": "desk",
        "program": "assay 0.1.0",
        "detail": {"label": "Posts \u202e a comment", "counts": [1, 1.0, True, None]},
    }
    return Decision(**{**fields, **changes})


def lines(count: int) -> list[bytes]:
    """The lines of a sound journal, each with its newline."""
    journal, found = Journal(), []
    for number in range(count):
        _, line = next_line(journal, draft(f"reviewer-{number % 3}@example.org", reason=f"reason {number}"))
        found.append(line)
        journal = read_journal(b"".join(found))
    return found


def build_folder_aside(
    final: Path,
    files: Mapping[str, bytes],
    within: Path | None = None,
    modes: Mapping[str, int] = {},
    disk: Disk = DISK,
) -> Path:
    """One folder, built aside."""
    return build_aside([Build(final, files, modes)], within or final.parent, disk=disk)[0]
