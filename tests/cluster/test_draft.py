"""A result is written part by part, and all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from core.cluster.draft import draft
from core.cluster.job import AHEAD, Job
from core.model.errors import InputError
from core.store.policy import Policy
from tests.cluster.local import on_cluster, write
from tests.cluster.runs import varied
from tests.cluster.serial import Serial, Task


class Counted(Serial):
    """Tells how much was made and not taken yet."""

    def __init__(self) -> None:
        self.waiting, self.most = 0, 0

    def submit(self, work: Callable[..., Any], *given: Any, weight: int = 1) -> Task:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        return super().submit(work, *given, weight=weight)

    def results(self, tasks: Any, *told: object) -> list[Any]:
        self.waiting -= len(tasks)
        return super().results(tasks, *told)


def test_only_some_parts_are_made_before_they_are_taken() -> None:
    cluster = Counted()
    seen: list[tuple[object, ...]] = []
    made = Job(cluster, lambda *told: seen.append(told)).streamed(divmod, "dividing", range(50), [7] * 50)
    assert list(made) == [divmod(number, 7) for number in range(50)]
    assert cluster.most == AHEAD * cluster.threads
    assert seen[0] == ("dividing", "parts", 0, 50)
    assert seen[-1] == ("dividing", "parts", 50, 50)


def test_a_name_that_the_system_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the name is too long"), draft(tmp_path / ("n" * 300), "a"):
        pass


def interrupted(folder: Path) -> None:
    """Begin a result and be interrupted."""
    with draft(folder, "a") as begun:
        begun.add(zstandard.compress(b"some runs"))
        assert begun.begun.read_bytes() == b"some runs"
        raise KeyboardInterrupt


def test_nothing_is_left_of_a_result_that_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "deep/result")
    assert not (tmp_path / "deep/result").exists()


def test_a_result_that_is_given_up_leaves_the_one_before(tmp_path: Path) -> None:
    write(tmp_path / "runs", varied(12))
    on_cluster(tmp_path / "runs", Policy(mode="exact"), tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()}
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "result")
    assert {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()} == before


def test_two_write_one_after_the_other(tmp_path: Path) -> None:
    with (
        draft(tmp_path / "result", "a"),
        pytest.raises(InputError, match="another process writes to"),
        draft(tmp_path / "result", "b"),
    ):
        pass


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "runs", varied(12))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.store.disk.Disk.append", full)
    with pytest.raises(InputError, match="the disk is full"):
        on_cluster(tmp_path / "runs", Policy(mode="exact"), tmp_path)
    assert not (tmp_path / "result").exists()
