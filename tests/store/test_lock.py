"""One holder at a time, across processes; a dead one never blocks, a living one is named."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from core.model.errors import WorkspaceError
from core.store.journal_file import load_journal
from core.store.lock import Holder, LockHeld, holder_of, locked

HOLD = """
import sys
from pathlib import Path
from core.store.lock import locked
print("trying", flush=True)
with locked(Path(sys.argv[1]), actor=sys.argv[2], timeout=-1):
    print("held", flush=True)
    sys.stdin.read()
print("free", flush=True)
"""
APPEND = """
import sys
from pathlib import Path
from core.store.journal_file import append
from core.store.lock import locked
from tests.store.samples import draft
for number in range(int(sys.argv[2])):
    with locked(Path(sys.argv[1]) / "lock", timeout=-1):
        append(Path(sys.argv[1]) / "journal.jsonl", draft(sys.argv[3], reason=str(number)))
"""


@contextmanager
def other(path: Path, actor: str) -> Iterator[subprocess.Popen[str]]:
    """A process that takes the lock as soon as it can and holds it until its input ends."""
    command = [sys.executable, "-c", HOLD, str(path), actor]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert line(process) == "free"


def test_a_living_holder_is_named_and_a_released_lock_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with other(path, "ana\x1b[2J") as process:
        assert [line(process), line(process)] == ["trying", "held"]
        with pytest.raises(LockHeld) as caught, locked(path, timeout=0):
            pytest.fail("two holders")
        assert str(caught.value) == (
            f"the workspace is in use by ana\\e[2J (process {process.pid} on {socket.gethostname()}); "
            "nothing was written, try again when that has finished"
        )
        release(process)
        with locked(path, actor="bob", timeout=0):
            holder = holder_of(path)
            assert holder is not None
            assert (holder.actor, holder.pid) == ("bob", os.getpid())
    assert path.exists()
    assert holder_of(path) is None


@pytest.mark.parametrize("left", [b"", b"x", b"[]", b'{"pid": "1"}'])
def test_a_holder_that_could_not_write_its_name_is_another_process(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "lock"
    with locked(path, actor="ana"):
        path.write_bytes(left)
        with pytest.raises(LockHeld, match="in use by another process; nothing was written"), locked(path, timeout=0):
            pytest.fail("two holders")


def test_nothing_is_left_of_the_longer_name_of_a_killed_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"x" * 500)
    with locked(path, actor="bob", timeout=0):
        holder = holder_of(path)
        assert holder is not None
        assert holder.actor == "bob"


def test_a_killed_holder_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with other(path, "ana") as process:
        assert [line(process), line(process)] == ["trying", "held"]
        inode = path.stat().st_ino
        process.kill()
        process.wait()
        with locked(path, timeout=0):
            assert path.stat().st_ino == inode


def test_who_waits_gets_it_next(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with ExitStack() as stack:
        with locked(path, actor="me"):
            process = stack.enter_context(other(path, "ana"))
            assert line(process) == "trying"
            assert holder_of(path) == Holder(pid=os.getpid(), host=socket.gethostname(), actor="me")
        assert line(process) == "held"
        assert holder_of(path) == Holder(pid=process.pid, host=socket.gethostname(), actor="ana")
        release(process)


def test_two_threads_exclude_each_other(tmp_path: Path) -> None:
    path, inside, refused = tmp_path / "lock", threading.Event(), threading.Event()

    def hold() -> None:
        with locked(path):
            inside.set()
            assert refused.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(60)
    with pytest.raises(LockHeld), locked(path, timeout=0):
        pytest.fail("two holders")
    refused.set()
    thread.join()
    with locked(path, timeout=0):
        pass


def test_a_failure_inside_lets_go(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), locked(tmp_path / "lock"):
        raise ValueError("inside")
    with locked(tmp_path / "lock", timeout=0):
        pass


def test_two_processes_lose_no_decision(tmp_path: Path) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", APPEND, str(tmp_path), "15", actor]) for actor in ("ana", "bob")]
    assert [worker.wait() for worker in workers] == [0, 0]
    journal = load_journal(tmp_path / "journal.jsonl")
    assert journal.faults == ()
    for actor in ("ana", "bob"):
        assert [d.reason for d in journal.decisions if d.actor == actor] == [str(n) for n in range(15)]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_without_locks_is_told(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(WorkspaceError, match=r"has no locks.*--workspace"), locked(tmp_path / "lock"):
        pytest.fail("not locked")


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with (
        pytest.raises(WorkspaceError, match=r"cannot lock .*lock: there is a folder of that name"),
        locked(tmp_path / "lock"),
    ):
        pytest.fail("not locked")
