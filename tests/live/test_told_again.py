"""What is taken in past the feed is asked of it once more, so that nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import session as module
from core.live.changes import ChangeSet
from core.live.engine import Change, State, step, without
from core.live.reviewing import Refused
from core.review import runs
from core.review.runs import reread
from core.session import Session
from tests.importers.importing import lines
from tests.importers.test_stated import job
from tests.live.feeding import Bench, wait_until, write
from tests.review.making import releases
from tests.review.test_upkeep import approve, policy

UNIT = "run-1.json"


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Session]:
    with Session.open(releases(tmp_path / "runs"), mode="exact", actor="ann@example.com") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 4)
        yield session


def test_a_run_that_seems_gone_while_the_policy_is_taken_in_comes_back(
    watching: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanishing(state: State, change: Change, **more: Any) -> State:
        if change.policy is None:
            return step(state, change, **more)
        monkeypatch.setattr(module, "step", step)
        return step(without(state, frozenset({UNIT})), change, **more)

    monkeypatch.setattr(module, "step", vanishing)
    policy(watching, min_examples=3)
    wait_until(lambda: watching.snapshot.policy.min_examples == 3 and watching.snapshot.loaded == 4)


@pytest.mark.parametrize("what", ["gone", "other", "cut"])
def test_a_run_that_only_a_decision_found_otherwise_comes_back_as_it_was(
    watching: Session, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    file, before = watching.traces / UNIT, watching._state.files[UNIT].sha256
    data = file.read_bytes()

    def meanwhile(*told: Any, **more: Any) -> ChangeSet:
        if what == "gone":
            file.rename(watching.traces / "away")
        else:
            file.write_bytes(data.replace(b"publish", b"hide") if what == "other" else data[:100])
        try:
            return reread(*told, **more)
        finally:
            if what == "gone":
                (watching.traces / "away").rename(file)
            else:
                file.write_bytes(data)

    monkeypatch.setattr(runs, "reread", meanwhile)
    with pytest.raises(Refused):
        approve(watching)
    wait_until(lambda: watching.snapshot.loaded == 4 and watching._state.files[UNIT].sha256 == before)
    wait_until(lambda: not watching.snapshot.problems)


def test_a_run_of_a_file_that_holds_several_is_told_again(tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", lines(*map(job, range(3))), age=9)
    bench = Bench(tmp_path)
    bench.drain()
    units = set(bench.got.loaded)
    assert len(units) == 3
    bench.feed.doubt(["many.jsonl#2"])
    bench.drain()
    assert bench.got.sets[-1].loaded.keys() == units, "they are read together"
    bench.drain()
    assert len(bench.got.sets) == 2
