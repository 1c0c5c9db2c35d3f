"""Journals: verifying all of one, verifying from a checkpoint, and adding a decision."""

from __future__ import annotations

from pathlib import Path

from core.model.decision import CrashpackRef, Decision
from core.model.jsontext import sha256_hex
from core.store.journal import GENESIS, Head, Journal, next_line
from core.store.signing.ed25519 import Ed25519Signer
from core.store.signing.signer import Signer
from core.store.workspace import Workspace
from tests.bench.measure import Benchmark, Clock

COUNT = 10_000
DIGESTS = {name: f"sha256:{sha256_hex(name.encode())}" for name in ("behaviour_digest", "evidence_digest")}


def draft(number: int) -> Decision:
    """A decision such as reviewers make."""
    return Decision(
        time="2026-10-01T10:00:00.000Z",
        actor=f"reviewer-{number % 7}@example.org",
        kind="approve" if number % 3 else "reject",
        reason="read the divergences, all of them are expected",
        lineage=f"lineage_{number % 500:016x}",
        candidate_id=f"candidate_{number:016x}",
        crashpack=CrashpackRef(name=f"candidate_{number:016x}-001", digest=DIGESTS["behaviour_digest"]),
        policy_digest=DIGESTS["evidence_digest"],
        host="desk",
        program="assay 0.1.0",
        detail={"cohort": "release", "label": "build → test → publish", "examples": 9, "compared_traces": 12},
        **DIGESTS,
    )


def workspace(folder: Path, signer: Signer | None = None) -> Workspace:
    """A workspace with a journal of so many decisions."""
    (folder / "traces").mkdir()
    store = Workspace.open(folder / "traces")
    lines, prev = [], GENESIS
    for number in range(COUNT):
        _, line = next_line(Journal(head=Head(number, prev)), draft(number), signer)
        lines.append(line)
        prev = sha256_hex(line[:-1])
    store.journal_file.write_bytes(b"".join(lines))
    return store


def whole(clock: Clock, folder: Path, signer: Signer | None = None) -> None:
    """As `assay verify` reads it."""
    store = workspace(folder, signer)
    with clock("verify"):
        found = store.load_journal(complete=True)
    assert (found.faults, found.notes, len(found.trusted)) == ((), (), COUNT)


def whole_signed(clock: Clock, folder: Path) -> None:
    """The same with an Ed25519 signature under every decision."""
    whole(clock, folder, Ed25519Signer.generate()[0])


def from_checkpoint(clock: Clock, folder: Path) -> None:
    """As it is read whenever a workspace is opened after that."""
    store = workspace(folder, Ed25519Signer.generate()[0])
    store.load_journal()
    with clock("verify"):
        found = store.load_journal()
    assert (found.faults, found.recalled) == ((), COUNT)


def recalling(clock: Clock, folder: Path) -> None:
    """With every decision decoded, as a list of candidates needs them."""
    store = workspace(folder)
    store.load_journal()
    with clock("verify"):
        found = store.load_journal()
    with clock("decode"):
        assert len(found.trusted) == COUNT


def adding(clock: Clock, folder: Path) -> None:
    """One more decision, verified, signed and flushed."""
    signer = Ed25519Signer.generate()[0]
    store = workspace(folder, signer)
    store.load_journal()
    with store.locked(), clock("append"):
        store.append(draft(COUNT), signer)


BENCHMARKS = (
    Benchmark("journal-10k", "verify a journal of 10,000 decisions", whole, 2.0),
    Benchmark("journal-10k-signed", "the same with every decision signed", whole_signed, 2.0),
    Benchmark("journal-10k-again", "verify the signed one from its checkpoint", from_checkpoint, 0.05),
    Benchmark("journal-10k-decode", "the same with every decision decoded", recalling),
    Benchmark("journal-10k-add", "add a signed decision to it", adding, 0.06),
)
