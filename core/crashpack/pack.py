"""Building a crashpack's files from what was found and what happened (spec/crashpack.md, Crashpack)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.crashpack import integrity, replay_script
from core.crashpack.event_text import project
from core.crashpack.events import TraceEvent, dump_events
from core.crashpack.journal import digest_text, journal_digest, journal_text
from core.crashpack.ledger import EvidenceLedger, entry_for
from core.crashpack.manifest import manifest_text
from core.crashpack.oracles import OracleResult
from core.model.jsontext import pretty
from core.model.text import quoted

NAMES = (
    "transfer.atp-trace",
    "manifest",
    "journal",
    "journal.digest",
    "evidence-ledger.json",
    "pathlog",
    "quiclog",
    "repairlog",
    "replay_command.sh",
)
"""The nine files of every crashpack, in the ledger's order."""

STATE = "state.json"
"""What the oracles saw; a pack that has it also has `files.sha256`."""

MODES: Mapping[str, int] = {replay_script.NAME: 0o755}
"""Modes of files that are not 0644."""


def emit(
    results: Sequence[OracleResult],
    events: Sequence[TraceEvent],
    *,
    seeds: Mapping[str, int] | None = None,
    artifact_paths: Iterable[str] = (),
    metadata: Mapping[str, str] | None = None,
    timestamp: int = 0,
    extra: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """A crashpack's files by name, in byte order of the names; equal input gives equal bytes.

    `timestamp` is the Unix second that the ledger records. `extra` are further files (`state.json`, fixtures, …);
    with `state.json` among them `files.sha256` is added. Raises ValueError for a name that is taken or not usable.
    """
    seeds, metadata, extra = dict(sorted((seeds or {}).items())), dict(sorted((metadata or {}).items())), extra or {}
    given = tuple(dict.fromkeys(artifact_paths))
    ledger = EvidenceLedger(
        entries=tuple(entry_for(result, timestamp) for result in results),
        seeds=seeds,
        artifact_paths=tuple(dict.fromkeys((*NAMES, *given))),
        metadata=metadata,
    )
    journal = journal_text(results).encode()
    manifest = manifest_text(
        violations=sum(len(result.violations) for result in results),
        journal_digest=journal_digest(journal),
        metadata=metadata,
        seeds=seeds,
        artifact_paths=given,
    )
    files = {
        "transfer.atp-trace": dump_events(events),
        "manifest": manifest.encode(),
        "journal": journal,
        "journal.digest": digest_text(journal).encode(),
        "evidence-ledger.json": pretty(ledger),
        replay_script.NAME: replay_script.replay_script(seeds, [r.oracle_name for r in results]).encode(),
        **project(events),
    }
    for name, data in extra.items():
        _check_name(name, files)
        files[name] = data
    if STATE in files:
        files[integrity.NAME] = integrity.files_sha256(files)
    return dict(sorted(files.items()))


def _check_name(name: str, files: Mapping[str, bytes]) -> None:
    if name in files or name == integrity.NAME:
        raise ValueError(f"the file name {quoted(name)} is taken")
    if any(part in ("", ".", "..") for part in name.split("/")):
        raise ValueError(f"{quoted(name)} is not the name of a file inside the crashpack")
