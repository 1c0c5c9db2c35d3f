"""Crashpacks and events for these tests."""

from __future__ import annotations

from collections.abc import Mapping

from core.crashpack.composite import Counts, composite_evidence
from core.crashpack.events import TraceEvent
from core.crashpack.oracles import OracleRun, RecordedState, TransferState
from core.crashpack.pack import emit
from core.crashpack.proof import ProofCommand, proof_bundle
from core.crashpack.recording import EventLog
from core.model.jsontext import pretty

BAD = TransferState(
    manifest_hash="sha256:0b",
    expected_manifest_hash="sha256:0a",
    journal_gaps=2,
    pending_operations=3,
    leaked_obligations=4,
    path_outcomes_consistent=False,
)
CLEAN = TransferState(manifest_hash="sha256:0a", expected_manifest_hash="sha256:0a")


def message(text: str, seq: int = 0, kind: str = "user_trace") -> TraceEvent:
    return TraceEvent(seq=seq, kind=kind, data={"Message": text})


def recorded(run: OracleRun) -> list[TraceEvent]:
    """A little of everything, with a witness for each violation."""
    log = EventLog()
    log.region_opened(1)
    log.message("route chosen over udp, then repaired", 1_500)
    log.obligation(1, "Reserved", 2_000_000, task=1, region=1)
    for violation in run.run().violations:
        log.witness(run.oracle_name, violation, 3_000_000)
    log.checkpoint(1, 2, 3, 1_500_000_000)
    log.region_closed(1, 2_000_000_000)
    return log.events


def plain_pack(state: TransferState = BAD) -> dict[str, bytes]:
    """A crashpack without anything of ours."""
    run = OracleRun(oracle_name="transfer check", state=state)
    return emit(
        [run.run()],
        recorded(run),
        seeds={"lab": 42, "net seed": 2**64 - 1},
        artifact_paths=["b", "a"],
        metadata={"transfer_id": "tx", "B": "2"},
        timestamp=1_700_000_000,
    )


def decision_pack(state: TransferState = BAD, more: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """A crashpack as a decision leaves it: with what the oracles saw, a proof, composite evidence and digests."""
    run = OracleRun(oracle_name="promotion", state=state)
    proof = proof_bundle(
        "Promote w as ops@example.com",
        "ops@example.com",
        commands=[ProofCommand(command=("assay", "approve", "a b"), exit_status=0)],
        touched_paths=["candidates/x/report.json"],
    )
    composite = composite_evidence(state, Counts(comparisons_passed=12, journal_entries=3), proof)
    return emit(
        [run.run()],
        recorded(run),
        metadata={"candidate": "c1"},
        timestamp=1_700_000_000,
        extra={
            "state.json": pretty(RecordedState(oracles=(run,))),
            "agent_proof_bundle.json": pretty(proof),
            "composite-evidence.json": pretty(composite),
            "fixtures/run-1.json": b'{"id": "r1"}\n',
            **(more or {}),
        },
    )
