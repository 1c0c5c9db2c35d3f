"""Mining in a process of its own finds what mining here finds, whatever happens to the files or to that process."""

from __future__ import annotations

import os
import pickle
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.columns.again import VanishedError
from core.live import miner, process, proposing, whole
from core.live.apart import Apart
from core.live.changes import ChangeSet
from core.live.engine import Change, State, step
from core.live.feed import read_all
from core.live.folded import Name
from core.live.messages import send
from core.live.proposing import Ground, Proposed
from core.live.read import read_file
from core.live.snapshot import JournalView
from core.live.whole import Source, WholeRuns
from core.model.jsontext import compact
from core.model.trace import Trace
from tests.importers.importing import lines
from tests.importers.test_stated import STATED, job
from tests.live.test_engine_generalised import POLICY, decided
from tests.mining_generalised.noise import applying, closing

MAX = 1_000_000


def runs(seed: int, count: int, workflow: str = "a") -> list[Trace]:
    made = (closing if workflow == "a" else applying)(random.Random(seed), count)
    return [run.replace(id=f"{workflow}{seed} {run.id}", workflow_id=workflow) for run in made]


def write(folder: Path, *traces: Trace) -> None:
    for trace in traces:
        (folder / f"{trace.id}.json").write_bytes(compact(trace))


class Watched:
    """A folder as two engines see it, of which one mines here and one elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.apart = folder, Apart()
        self.effects = ""
        self.holds = True
        self.answered = 0
        policy = Change(policy=POLICY.replace(cohort="workflow_id", shadow_paths=("held*",)))
        self.here, self.there = step(State(), policy), step(State(apart=self.mine), policy)

    @property
    def source(self) -> Source:
        return Source(self.folder, MAX, self.effects)

    def mine(self, state: State, grounds: list[Ground]) -> list[Proposed]:
        self.apart.ask(grounds, frozenset(state.parts.cohorts), self.source, holds=self.holds)
        found = self.apart.taken()
        self.answered += found is not None
        return proposing.proposals_of(grounds, WholeRuns(self.source)) if found is None else found

    def look(self) -> ChangeSet:
        """Have both take in what is on disk now."""
        found = read_all(self.folder, MAX, read=lambda *told: read_file(*told[:3], effects=self.effects))
        gone = frozenset(self.here.files).difference(found.loaded)
        changes = replace(found, gone=gone)
        self.take(changes)
        return changes

    def take(self, changes: ChangeSet) -> None:
        self.here, self.there = step(self.here, Change(files=changes)), step(self.there, Change(files=changes))
        assert self.there.snapshot == self.here.snapshot


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 12), *runs(2, 12, "b"))
    made = Watched(folder)
    yield made
    made.apart.close()


def test_it_finds_the_same_through_a_series_of_changes(watched: Watched) -> None:
    watched.apart.begin()
    watched.look()
    assert len(watched.here.snapshot.candidates) == 2
    write(watched.folder, *runs(3, 3))
    watched.look()
    (watched.folder / "b2 applying 0.json").write_bytes(compact(runs(4, 1, "b")[0]))
    (watched.folder / "b2 applying 1.json").unlink()
    (watched.folder / "a1 closing 3.json").rename(watched.folder / "held.json")
    watched.look()
    for gone in watched.folder.glob("a*.json"):
        gone.unlink()
    watched.look()
    assert {view.cohort for view in watched.here.snapshot.candidates} == {"b"}
    assert watched.answered == 3  # nothing was left to mine of the cohort that is gone


def test_it_hears_of_names_and_decisions(watched: Watched) -> None:
    watched.apart.begin()
    watched.look()
    (view, other) = watched.here.snapshot.candidates
    (approval,) = decided(view).decisions
    renaming = approval.replace(
        seq=2, kind="rename", lineage=other.lineage, detail={"name": "put_away", "cohort": other.cohort}
    )
    change = Change(journal=JournalView(decisions=(approval, renaming)))
    watched.here, watched.there = step(watched.here, change), step(watched.there, change)
    assert watched.there.snapshot == watched.here.snapshot
    assert {v.label for v in watched.there.snapshot.candidates if v.lineage == other.lineage} == {"put_away"}
    assert watched.answered == 1  # for that nothing is mined
    write(watched.folder, *runs(5, 1), *runs(6, 1, "b"))
    watched.look()
    assert {v.candidate.name for v in watched.there.snapshot.candidates} > {"put_away"}
    assert watched.answered == 2


@pytest.mark.parametrize("begun", [True, False])
def test_runs_that_are_no_longer_on_disk_count_as_gone(watched: Watched, *, begun: bool) -> None:
    if begun:
        watched.apart.begin()
    found = read_all(watched.folder, MAX)
    changed = [f"{trace.id}.json" for trace in runs(1, 2)]
    for name in changed:
        (watched.folder / name).write_bytes(b"{}")
    (watched.folder / "a1 closing 5.json").unlink()
    vanished = {*changed, "a1 closing 5.json"}
    watched.there = step(watched.there, Change(files=found))
    assert watched.there.vanished == vanished
    assert watched.answered == begun
    left = {unit: file for unit, file in found.loaded.items() if unit not in vanished}
    assert watched.there.snapshot == step(watched.here, Change(files=ChangeSet(left))).snapshot
    assert watched.there.snapshot.candidates


def test_of_a_file_with_many_runs_it_reads_all_at_once(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    (watched.folder / "many.jsonl").write_bytes(lines(*map(job, range(30))))
    read = []
    real = whole.read_file
    monkeypatch.setattr(whole, "read_file", lambda *told, **more: read.append(told[1]) or real(*told, **more))
    found = read_all(watched.folder, MAX)
    many = [file for unit, file in found.loaded.items() if unit.startswith("many")]
    wholes = WholeRuns(watched.source)
    assert [wholes(file.unit, file.sha256) for file in many] == [file.trace for file in many]
    assert read == ["many.jsonl"]
    assert len(many) == 30
    with pytest.raises(VanishedError):
        wholes(many[0].unit, "0" * 64)
    with pytest.raises(VanishedError):
        wholes("many.jsonl#99", many[0].sha256)
    watched.apart.begin()
    watched.look()
    watched.effects = STATED
    watched.here, watched.there = (
        replace(state, mined={}, files={}, shelf=None) for state in (watched.here, watched.there)
    )
    watched.look()
    effects = {e.kind for view in watched.there.snapshot.candidates for e in view.candidate.side_effects}
    assert "db_write" in effects
    assert watched.answered == 2


def test_one_that_holds_nothing_ends_with_its_answer(watched: Watched) -> None:
    watched.holds = False
    for number in range(3):
        watched.apart.begin()
        running = watched.apart._process
        assert running is not None
        write(watched.folder, *runs(10 + number, 1))
        watched.look()
        assert (watched.apart.is_begun, running.is_alive()) == (False, False)
    assert watched.answered == 3


def test_without_a_need_for_it_nothing_is_held(watched: Watched) -> None:
    names = [(unit, file.sha256) for unit, file in read_all(watched.folder, MAX).loaded.items()]
    ground = Ground("x", names[:12], (), POLICY, {}, (), "")
    mine = miner.Miner()
    mine.mine(miner.Task(watched.source, (ground,), frozenset("x"), holds=False))
    assert mine._known == {}
    read = WholeRuns(watched.source)
    (held,), (lean,) = (proposing.proposals_of([ground], read, holds=holds) for holds in (True, False))
    assert held.folds
    assert held.worked
    assert (lean.folds, lean.worked) == ({}, None)
    assert repr(lean.proposals) == repr(held.proposals)


def test_it_keeps_only_what_is_still_asked_for(watched: Watched) -> None:
    names = [(unit, file.sha256) for unit, file in read_all(watched.folder, MAX).loaded.items()]

    def kept() -> dict[str | None, list[Name]]:
        return {cohort: sorted(known.folds) for cohort, known in mine._known.items()}

    x, y = (Ground(key, some, (), POLICY, {}, (), "") for key, some in (("x", names[:12]), ("y", names[12:])))
    mine = miner.Miner()
    mine.mine(miner.Task(watched.source, (x, y), frozenset("xy")))
    assert kept() == {"x": sorted(names[:12]), "y": sorted(names[12:])}
    mine.mine(miner.Task(watched.source, (replace(y, members=names[12:20]),), frozenset("y")))
    assert kept() == {"y": sorted(names[12:20])}
    mine.mine(miner.Task(replace(watched.source, effects=STATED), (), frozenset("y")))
    assert kept() == {}


def test_when_it_dies_mining_goes_on_here(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "can_be_copied", lambda: False)
    watched.apart.begin()
    watched.look()
    made = watched.apart._process
    assert isinstance(made, process.New)
    os.kill(made._process.pid, signal.SIGKILL)
    write(watched.folder, *runs(3, 3))
    watched.look()
    assert watched.answered == 1


def test_without_a_process_nothing_is_said_and_a_closed_one_starts_none(watched: Watched) -> None:
    watched.look()
    assert not watched.answered
    watched.apart.close()
    watched.apart.begin()
    assert not watched.apart.is_begun


class Endless:
    """A task that takes for ever to be done."""

    def __reduce__(self) -> tuple[Callable[[float], None], tuple[float]]:
        return time.sleep, (600.0,)


def test_it_ends_in_the_midst_of_its_work_when_nobody_asks_any_more() -> None:
    other = process.New(miner.serve)
    send(other.tasks, miner.MINE, pickle.dumps(Endless()))
    assert other.is_alive()
    other.tasks.close()  # as when who asked was killed
    assert not other.answers.read(), "it has ended"
    other.end()
