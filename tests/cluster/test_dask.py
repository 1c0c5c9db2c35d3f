"""The same candidates with real workers, also when one of them dies in the middle of mining."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from logging import CRITICAL
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from distributed import LocalCluster

from core.cluster import counting, running, sift
from core.cluster.running import DaskCluster
from core.model.errors import InputError
from core.store.policy import Mode, Policy
from tests.cluster.local import locally, on_cluster, told, write
from tests.cluster.runs import varied


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("runs")
    write(made, varied(36))
    return made


@pytest.mark.parametrize(("mode", "part_files"), [("exact", 9), ("generalised", 15)])
def test_workers_find_the_same(cluster: DaskCluster, folder: Path, tmp_path: Path, mode: Mode, part_files: int) -> None:
    policy = Policy(mode=mode, max_candidates=2)
    local = told(locally(folder, policy))
    assert local[0], "there are candidates to compare"
    assert told(on_cluster(folder, policy, tmp_path, part_files=part_files, cluster=cluster)) == local


class Killing:
    """A cluster one of whose workers dies before the first work of some kinds is given out."""

    def __init__(self, cluster: DaskCluster, *before: Callable[..., Any]) -> None:
        self._cluster, self._before, self.threads = cluster, list(before), cluster.threads
        self.killed: list[int] = []

    def submit(self, work: Callable[..., Any], *given: Any, weight: int = 1) -> Any:
        if work in self._before:
            self._before.remove(work)
            # What the work needs lies on both workers by now, and half of it goes.
            self.killed.append(min(self._cluster.client.run(os.getpid).values()))
            os.kill(self.killed[-1], signal.SIGKILL)
        return self._cluster.submit(work, *given, weight=weight)

    def results(self, *given: Any) -> list[Any]:
        return self._cluster.results(*given)

    def close(self) -> None:
        pass


def test_workers_that_die_in_the_middle_of_mining_change_nothing(
    cluster: DaskCluster, folder: Path, tmp_path: Path
) -> None:
    policy = Policy(mode="exact", max_candidates=2)
    killing = Killing(cluster, counting.masked, sift.sifted)
    found = on_cluster(folder, policy, tmp_path, part_files=9, cluster=killing)
    assert len(set(killing.killed)) == 2
    assert told(found) == told(locally(folder, policy))


@pytest.fixture
def there() -> Iterator[LocalCluster]:
    """A cluster of somebody's own."""
    quiet = {"dashboard_address": None, "scheduler_kwargs": {"dashboard_address": ":0"}, "silence_logs": CRITICAL}
    threads = {"n_workers": 1, "threads_per_worker": 1, "processes": False}
    with LocalCluster(protocol="tcp", host="127.0.0.1", **threads, **quiet) as made:
        yield made


def test_other_versions_on_the_workers_are_told(there: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with DaskCluster(there.scheduler_address) as same:
        assert same.threads
    asked: list[str] = []

    def ours_first(name: str) -> str:
        asked.append(name)
        return "0.0.1" if asked == ["assay"] else version(name)

    monkeypatch.setattr(running, "version", ours_first)
    with pytest.raises(InputError, match=r"runs other versions: assay .* there, 0\.0\.1 here; install the same"):
        DaskCluster(there.scheduler_address)


def test_a_scheduler_without_workers_is_told(there: LocalCluster) -> None:
    there.scale(0)
    there.sync(there._correct_state)
    with pytest.raises(InputError, match="has no workers"):
        DaskCluster(there.scheduler_address)


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:1", "127.0.0.1:1", "nonsense://x", "tcp://127.0.0.1", "tcp://127.0.0.1:x", "tcp://::1:2"],
)
def test_a_scheduler_that_cannot_be_reached_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CONNECT", "0.3s")
    with pytest.raises(InputError, match=rf"cannot reach a Dask scheduler at {address}: "):
        DaskCluster(address)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9, (1).to_bytes(8, "little") * 9])
def test_what_is_no_scheduler_is_told_before_long(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "ANSWER", 1.0)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []  # open as long as the server is

        def answers() -> None:
            with suppress(OSError):
                while True:
                    held.append(server.accept()[0])
                    held[-1].sendall(answer)

        Thread(target=answers, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InputError, match=rf"cannot reach a Dask scheduler at {address}: (no answer|what answers)"):
            DaskCluster(address)
        for one in held:
            one.close()
    assert time.monotonic() - began < 8


def test_tls_without_certificates_is_told() -> None:
    with pytest.raises(InputError, match="names no certificates for TLS"):
        DaskCluster("tls://127.0.0.1:1")


def test_a_worker_is_no_scheduler(there: LocalCluster) -> None:
    (worker,) = there.workers.values()
    with pytest.raises(InputError, match="what answers there is none"):
        DaskCluster(worker.address)


def test_work_that_the_scheduler_lost_is_told(cluster: DaskCluster) -> None:
    tasks = [cluster.submit(time.sleep, 2)]
    with pytest.raises(InputError, match="the Dask scheduler was lost in the middle"):
        cluster.results(tasks, "", "", lambda *_: cluster.client.cancel(tasks, force=True))


def is_deaf() -> bool:
    """Whether this process does not hear Ctrl+C."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_workers_of_our_own_do_not_hear_ctrl_c_and_print_nothing_then(cluster: DaskCluster) -> None:
    assert set(cluster.client.run(is_deaf).values()) == {True}
    assert not is_deaf()


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
