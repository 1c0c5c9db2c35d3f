"""What the live workspace makes of a folder, and what a cluster makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.cluster.ingest import ingest
from core.cluster.mine import mine
from core.cluster.mining import Rules
from core.cluster.running import Cluster
from core.live.engine import Change, State, step
from core.live.snapshot import Snapshot
from core.live.supply import Supply
from core.model.jsontext import pretty
from core.store.policy import Policy
from tests.cluster.serial import Serial, silent

NOW = "2026-01-01T00:00:00Z"
MAX = 1_000_000


def write(folder: Path, runs: dict[str, Any]) -> None:
    for unit, run in runs.items():
        path = folder / unit
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(run if isinstance(run, bytes) else pretty(run))


def locally(folder: Path, policy: Policy) -> Snapshot:
    supply = Supply(folder, None)
    state = State(read=supply.again, policy=policy, created_at=NOW)
    return step(state, Change(files=supply.read_all(policy))).snapshot


def on_cluster(
    folder: Path,
    policy: Policy,
    tmp: Path,
    *,
    part_files: int | None = None,
    cluster: Cluster | None = None,
    share: float = 0.0,
    dataset: str = "",
) -> Snapshot:
    work, dataset = cluster or Serial(), dataset or str(tmp / "dataset")
    ingest(str(folder), dataset, MAX, lambda: work, silent, part_files)
    return mine(dataset, Rules(policy, share), tmp / "result", work, silent, NOW)[1]


def told(snapshot: Snapshot) -> list[object]:
    """Everything of a snapshot that has to be the same."""
    return [
        [
            (
                view.lineage,
                view.label,
                view.status,
                view.reasons,
                view.behaviour_digest,
                view.evidence_digest,
                view.cohort_runs,
                view.warnings,
                view.approvable,
                pretty(view.candidate.wire()),
            )
            for view in snapshot.candidates
        ],
        [(one.unit, one.state, one.rule, one.reason, one.place) for one in snapshot.problems],
        (snapshot.loaded, snapshot.excluded, snapshot.quarantined),
    ]
