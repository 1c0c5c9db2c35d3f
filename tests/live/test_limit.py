"""How large a file may be is changed while the folder is watched, and holds for everything that is read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.model.jsontext import compact
from core.session import Session
from core.store.policy import Mode
from tests.live.feeding import wait_until
from tests.mining_generalised.noise import closing
from tests.review.making import releases


def put(path: Path, text: str) -> None:
    """At once: half a policy would be another one."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("mode", ["exact", "generalised"])
def test_runs_that_become_small_enough_can_be_read_again_with_their_payloads(tmp_path: Path, mode: Mode) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    for run in closing(random.Random(1), 4):
        (folder / f"{run.id}.json").write_bytes(compact(run))
    small = min(path.stat().st_size for path in folder.iterdir()) - 1
    with Session.open(folder, mode=mode, cohort="none") as session:
        policy = session.workspace / "assay.toml"
    text = policy.read_text()
    put(policy, text.replace('"64 MiB"', str(small)))
    with Session.open(folder) as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.quarantined == 4)
        put(policy, text)
        wait_until(lambda: session.snapshot.loaded == 4)
        for run in session.snapshot.runs.values():
            assert session._supply.again.run(run.unit, session._state.files[run.unit].sha256).id == run.trace_id


def test_a_limit_that_a_decision_takes_in_holds_for_everything(tmp_path: Path) -> None:
    with Session.open(releases(tmp_path / "runs"), mode="exact", actor="ann@example.com") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 4)
        policy = session.workspace / "assay.toml"
        with session._lock:  # before the thread that watches looks at the policy
            put(policy, policy.read_text().replace('"64 MiB"', "9"))
            session.recheck("")
        wait_until(lambda: session.snapshot.quarantined == 4)
