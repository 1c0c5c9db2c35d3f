"""What a file's bytes mean depends on its extension, too, so a renamed file may hold another run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.live.snapshot import Snapshot
from core.session import Session
from core.store.policy import Mode
from tests.live.feeding import wait_until
from tests.review.making import run


def unit_of(trace_id: str, snapshot: Snapshot) -> str:
    """Where a run stands; empty while it is not there."""
    found = snapshot.runs.get(trace_id)
    return found.unit if found else ""


@pytest.mark.parametrize("mode", ["exact", "generalised"])
def test_a_run_that_is_read_otherwise_under_another_extension_is_another_run(tmp_path: Path, mode: Mode) -> None:
    (traces := tmp_path / "runs").mkdir()
    for number in range(6):
        (traces / f"run-{number}.json").write_text(json.dumps(run(f"run-{number}", f"1.{number}")) + "\n")
    with Session.open(traces, mode=mode) as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 6 and not session.snapshot.unranked)
        (traces / "run-3.json").rename(traces / "run-3.ndjson")
        wait_until(lambda: unit_of("run-3", session.snapshot) == "run-3.ndjson" and not session.snapshot.unranked)
        (view,) = session.snapshot.candidates
        hashes = {example.trace_id: example.source_hash for example in view.candidate.examples}
        assert hashes["run-3"] == session.snapshot.runs["run-3"].source_hash
