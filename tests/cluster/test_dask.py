"""The same candidates with real workers, also when one of them dies in the middle of mining."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from core.cluster import counting, parts, running
from core.cluster.running import DaskCluster
from core.model.errors import InputError
from core.store.policy import Mode, Policy
from tests.cluster.local import locally, on_cluster, told, write
from tests.cluster.runs import varied


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    with DaskCluster(workers=2) as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("runs")
    write(made, varied(120))
    return made


@pytest.mark.parametrize(("mode", "part_files"), [("exact", 13), ("exact", 50), ("generalised", 40)])
def test_workers_find_the_same(cluster: DaskCluster, folder: Path, tmp_path: Path, mode: Mode, part_files: int) -> None:
    policy = Policy(mode=mode)
    local = told(locally(folder, policy))
    assert local[0], "there are candidates to compare"
    assert told(on_cluster(folder, policy, tmp_path, part_files=part_files, cluster=cluster)) == local


class Killing:
    """A cluster one of whose workers dies before some work is given out."""

    def __init__(self, cluster: DaskCluster, before: Callable[..., Any]) -> None:
        self._cluster, self._before, self.threads = cluster, before, cluster.threads
        self.killed = 0

    def submit(self, work: Callable[..., Any], *given: Any, weight: int = 1) -> Any:
        if work is self._before and not self.killed:
            # What the work needs lies on both workers by now, and half of it goes.
            self.killed = min(self._cluster.client.run(os.getpid).values())
            os.kill(self.killed, signal.SIGKILL)
        return self._cluster.submit(work, *given, weight=weight)

    def results(self, *given: Any) -> list[Any]:
        return self._cluster.results(*given)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("before", [counting.masked, parts.sifted])
def test_a_worker_that_dies_changes_nothing(
    cluster: DaskCluster, folder: Path, tmp_path: Path, before: Callable[..., Any]
) -> None:
    policy = Policy(mode="exact")
    killing = Killing(cluster, before)
    found = on_cluster(folder, policy, tmp_path, part_files=13, cluster=killing)
    assert killing.killed
    assert told(found) == told(locally(folder, policy))


def test_other_versions_on_the_workers_are_told(cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    address = cluster.client.scheduler_info()["address"]
    with DaskCluster(address) as same:
        assert same.threads
    monkeypatch.setattr(running, "version", lambda name: "0.0.1" if name == "assay" else version(name))
    with pytest.raises(InputError, match=r"runs other versions: assay .* there, 0\.0\.1 here; install the same"):
        DaskCluster(address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:1"])
def test_a_scheduler_that_cannot_be_reached_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CONNECT", "0.3s")
    with pytest.raises(InputError, match=rf"cannot reach a Dask scheduler at {address}: "):
        DaskCluster(address)


def fails(sentence: str) -> None:
    raise InputError(sentence)


def test_what_a_worker_says_is_what_the_user_reads(cluster: DaskCluster) -> None:
    with pytest.raises(InputError, match="the disk is full"):
        cluster.results([cluster.submit(fails, "the disk is full")], "", "", lambda *_: None)


def test_progress_counts_what_work_weighs(cluster: DaskCluster) -> None:
    seen: list[tuple[int, int]] = []
    tasks = [cluster.submit(abs, -number, weight=number) for number in (1, 2, 3)]
    assert cluster.results(tasks, "", "", lambda _, __, done, total: seen.append((done, total))) == [1, 2, 3]
    assert seen[0] == (0, 6)
    assert seen[-1] == (6, 6)
    assert sorted(done for done, _ in seen) == [done for done, _ in seen]
