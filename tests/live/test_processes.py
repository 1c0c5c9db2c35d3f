"""Reading in processes, copies of this one or new ones, says what reading here says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from core.live import process
from core.live.pool import Pool
from core.live.rows import RowReader
from tests.bench.runs import write_runs

COUNT = 12
SCRIPT = """
import sys
from pathlib import Path
from typing import IO
from core.live import process
from core.live.pool import Pool

folder, units = Path(sys.argv[1]), sys.argv[2:]
pool = Pool(2)
made = pool.read(folder, units, 10**6, lambda: False, lambda done: None)
kinds = {type(worker._process).__name__ for worker in pool._workers}
first = pool._workers[0]._process
print(*sorted(kinds), first.is_alive(), end=" ")
pool.close()
print(first.is_alive(), *sorted(f"{unit}={one.sha256}" for unit, one in made.items()))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("runs")
    write_runs(place, COUNT, 3)
    (place / "broken.json").write_text('{"actions": [}')
    return place


def units(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.json"))]


def alone(folder: Path) -> list[str]:
    reader = RowReader()
    read = {unit: reader(folder, unit, 10**6) for unit in units(folder)}
    return sorted(f"{unit}={getattr(one, 'sha256', None)}" for unit, one in read.items() if unit != "broken.json")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how many threads there are")
def test_a_program_of_one_thread_reads_in_copies_of_itself(folder: Path) -> None:
    whole = [unit for unit in units(folder) if unit != "broken.json"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), *whole],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["Copy", "True", "False", *alone(folder)]


def test_a_program_of_several_threads_reads_in_new_processes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "can_be_copied", lambda: False)
    pool = Pool(2)
    made = pool.read(folder, units(folder), 10**6, lambda: False, lambda done: None)
    assert {type(worker._process) for worker in pool._workers} == {process.New}
    pool.close()
    broken = made.pop("broken.json")
    assert getattr(broken, "rule", "") == "invalid JSON"
    assert sorted(f"{unit}={getattr(one, 'sha256', None)}" for unit, one in made.items()) == alone(folder)


def test_a_process_that_died_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "can_be_copied", lambda: False)
    pool = Pool(1)
    pool.read(folder, units(folder)[:1], 10**6, lambda: False, lambda done: None)
    pool._workers[0]._process.end()
    made = pool.read(folder, units(folder), 10**6, lambda: False, lambda done: None)
    pool.close()
    assert set(made) == set(units(folder))


def as_it_is(_: IO[bytes], answers: IO[bytes]) -> None:
    """Tells how nice its process is, and its session."""
    session = process._AUTOGROUP.read_text("ascii") if process._AUTOGROUP.exists() else ""
    answers.write(f"{os.nice(0)} {[10, *session.split()][-1]}\n".encode())
    answers.flush()


def test_what_works_in_the_background_lets_the_screens_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "can_be_copied", lambda: False)
    asked = process.started(as_it_is, gives_way=True), process.started(as_it_is)
    try:
        (gives_way, session), (usual, _) = (one.answers.readline().split() for one in asked)
    finally:
        for one in asked:
            one.end()
    assert int(gives_way) == min(os.nice(0) + 10, 19)
    assert int(usual) == os.nice(0)
    assert session == b"10"


def test_readers_beside_the_screens_give_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    real = process.started

    def started(serve: process.Serve, *, gives_way: bool = False) -> process.Process:
        asked.append(gives_way)
        return real(serve, gives_way=gives_way)

    monkeypatch.setattr("core.live.pool.started", started)
    pool = Pool(1)
    pool.read(folder, units(folder), 10**6, lambda: False, lambda done: None)
    pool.close()
    assert asked == [True]


def test_where_nobody_can_be_nicer_it_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "nice")
    process.give_way()
    monkeypatch.setattr(os, "nice", lambda by: by, raising=False)
    monkeypatch.setattr(process, "_AUTOGROUP", tmp_path / "missing" / "autogroup")
    process.give_way()
