"""Work that copies of this process share in is as if it had been done here, also where they fail."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from core.live import beside, proposing
from core.live.beside import each, in_parts
from core.live.engine import Change, State, step
from core.live.proposing import Ground
from core.store.policy import NEW_POLICY
from tests.live.test_engine_generalised import POLICY, changes
from tests.mining_generalised.noise import closing

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")

KILLED = """
import os, signal, time
from core.live.beside import each
here, (gate, opened) = os.getpid(), os.pipe()
def work(item):
    if os.getpid() == here:
        os.read(gate, 1)
        os.kill(here, signal.SIGKILL)
    os.write(opened, b"x")
    time.sleep(600)
each(work, lambda made: made, range(2), 1)
"""


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The copies that were made."""
    made: list[int] = []
    fork = os.fork

    def noted() -> int:
        made.append(child := fork())
        return child

    monkeypatch.setattr(os, "fork", noted)
    return made


def unchanged(result):
    return result


def test_every_item_is_done_once_and_the_results_are_in_order() -> None:
    assert each(lambda item: item * item, unchanged, range(40), 2) == [item * item for item in range(40)]
    assert each(lambda item: item, unchanged, [], 2) == []
    assert in_parts(lambda item: item * item, range(77), 2) == [item * item for item in range(77)]


def test_copies_share_in_the_work_and_send_what_is_asked_for(forked: list[int]) -> None:
    here = os.getpid()
    (gate, opened), (other_gate, other_opened) = os.pipe(), os.pipe()

    def work(item):
        # Each goes on once the other one has an item too.
        os.write(other_opened if os.getpid() == here else opened, b"x")
        os.read(gate if os.getpid() == here else other_gate, 1)
        return os.getpid(), item

    found = each(work, lambda result: ("sent", result[1]), range(2), 1)
    assert sorted(found, key=lambda result: result[1]) == found
    assert {result[0] for result in found} == {here, "sent"}
    assert len(forked) == 1
    for end in (gate, opened, other_gate, other_opened):
        os.close(end)


def test_an_error_is_raised_here_wherever_it_came_up() -> None:
    with pytest.raises(ZeroDivisionError):
        each(lambda item: 1 // (item - 3), unchanged, range(8), 2)


def test_what_a_copy_leaves_undone_is_done_here() -> None:
    here = os.getpid()

    def work(item):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    assert each(work, unchanged, range(8), 2) == list(range(8))


def test_without_a_place_for_files_all_is_done_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: list[int]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert each(lambda item: item, unchanged, range(8), 2) == list(range(8))
    assert forked == []


def test_an_interruption_ends_the_copies(forked: list[int]) -> None:
    here = os.getpid()

    def work(_):
        if os.getpid() == here:
            raise KeyboardInterrupt
        signal.pause()

    with pytest.raises(KeyboardInterrupt):
        each(work, unchanged, range(9), 2)
    assert len(forked) == 2
    for child in forked:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_copies_end_with_whom_they_work_for() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, "and nobody holds its output any more"


@pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux only")
def test_cohorts_that_are_mined_side_by_side_are_as_mined_one_by_one(
    monkeypatch: pytest.MonkeyPatch, forked: list[int]
) -> None:
    runs = [
        run.replace(id=f"{key} {run.id}", workflow_id=key) for key in "abc" for run in closing(random.Random(1), 12)
    ]
    change = Change(files=changes(runs), policy=POLICY.replace(cohort="workflow_id"))
    alone = step(State(), change)
    assert not forked
    monkeypatch.setattr(proposing, "MANY", 10)
    monkeypatch.setattr(proposing, "copies", lambda: 1)
    shared = step(State(), change)
    assert forked
    assert shared.snapshot == alone.snapshot
    assert [*shared.mined] == [*alone.mined] == ["a", "b", "c"]
    more = Change(files=changes(run.replace(id=f"new {run.id}") for run in runs[:3]))
    assert step(shared, more).snapshot == step(alone, more).snapshot


def test_with_other_threads_no_copy_is_made() -> None:
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    try:
        assert not beside.can_be_copied()
        assert beside.copies() == 0
    finally:
        waiting.set()
        thread.join()


def test_a_copy_makes_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "can_be_copied", lambda: True)
    monkeypatch.setattr(beside, "_is_copy", True)
    assert beside.copies() == 0


def test_who_nobody_waits_for_makes_none(monkeypatch: pytest.MonkeyPatch, forked: list[int]) -> None:
    monkeypatch.setattr(proposing, "MANY", 1)
    monkeypatch.setattr(proposing, "copies", lambda: 1)
    grounds = [Ground(str(n), [("unit", "sha")] * 5, (), NEW_POLICY, {}, (), "") for n in range(3)]

    def done(ground: Ground, _count: int) -> str:
        return f"{ground.cohort}"

    assert proposing.shared_out(grounds, done, str, shared=False) == ["0", "1", "2"]
    assert not forked
    assert proposing.shared_out(grounds, done, str) == ["0", "1", "2"]
    assert len(forked) == 1
    monkeypatch.setattr(proposing, "MANY", 1_000)
    assert proposing.shared_out(grounds, done, str, shared=True) == ["0", "1", "2"]
    assert len(forked) == 2, "where somebody waits they are made however few runs there are"
