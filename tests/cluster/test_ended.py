"""Commands that are ended in the middle, as a terminal's Ctrl+C or the system does it, and typed again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.cluster.dataset import part_names
from core.cluster.ingest import ingest
from core.cluster.place import Place
from core.store.policy import Policy
from tests.cluster.local import locally, on_cluster, told, write
from tests.cluster.runs import varied
from tests.cluster.serial import Serial, silent
from tests.cluster.server import Server, serving

ENDINGS = (signal.SIGKILL, signal.SIGINT)

FOREGROUND = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("tui", run_name="__main__", alter_sys=True)
"""
"""Ctrl+C is heard, also where the tests run in the background and inherit that it is not."""

PATIENCE = 120.0
"""Seconds after which something will not come any more."""

POLICY = Policy(mode="exact")


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def alive(group: int) -> bool:
    """Whether a process of a group is there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


class Command:
    """A command in a terminal's foreground: it and all of its workers are one group."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", FOREGROUND, *words],
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ended(self, how: signal.Signals) -> tuple[int, str]:
        """End it; its exit code and what it said. All of its workers end with it."""
        (os.killpg if how == signal.SIGINT else os.kill)(self.process.pid, how)
        try:
            said, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            raise
        until(lambda: not alive(self.process.pid), "a worker goes on")
        return self.process.returncode, said


def in_the_middle(server: Server, what: str, after: int, *words: str) -> Command:
    """A command that waits for one of the files that it needs."""
    server.hold, server.after = what, after
    server.held.clear()
    server.go.clear()
    command = Command(*words, "--workers", "1")
    until(lambda: server.held.is_set() or command.process.poll() is not None, "nothing asks for it")
    assert command.process.poll() is None, command.process.communicate()[0]
    return command


def let_go(server: Server) -> None:
    server.hold = ""
    server.go.set()


def unfinished(folder: Path) -> list[str]:
    """What was begun to be written and is no whole file."""
    return [path.name for path in folder.rglob("*") if path.suffix == ".tmp"]


def test_an_ingest_that_is_ended_is_gone_on_with(tmp_path: Path) -> None:
    write(tmp_path / "runs", varied(12))
    place = Place(str(tmp_path / "set"))
    with serving(tmp_path) as server:
        source = f"{server.url}/runs"
        for how in ENDINGS:
            words = ("ingest", source, "--to", place.url, "--part-files", "3")
            command = in_the_middle(server, "day-2/run-008.json", 0, *words)
            code, said = command.ended(how)
            let_go(server)
            assert part_names(place), "what was read is kept"
            assert not place.has("dataset.json")
        assert (code, said) == (130, "assay: interrupted; what was read is kept, and the next ingest goes on from it\n")
        assert not unfinished(tmp_path)
        (tmp_path / "set/runs/.assay-0.tmp").write_bytes(b"of who was killed while it wrote")
        made = ingest(source, place.url, Policy().max_file_size, Serial, silent, 3)
        assert made.read > 0 < made.unchanged
        assert made.read + made.unchanged == 16
        assert made.manifest.runs == 15
        assert not unfinished(tmp_path)


def test_a_mining_that_is_ended_leaves_the_result_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "runs", varied(12))
    before = told(on_cluster(tmp_path / "runs", POLICY, tmp_path, part_files=6))
    kept = {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()}
    part = min(part_names(Place(str(tmp_path / "dataset"))))
    with serving(tmp_path) as server:
        for how in ENDINGS:
            words = ("mine", f"{server.url}/dataset", "--to", str(tmp_path / "result"))
            command = in_the_middle(server, f"runs/{part}.parquet", 2, *words)
            code, said = command.ended(how)
            let_go(server)
            assert {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()} == kept
        assert (code, said) == (130, "assay: interrupted; nothing was written\n")
    assert told(on_cluster(tmp_path / "runs", POLICY, tmp_path, part_files=6)) == before
    assert before == told(locally(tmp_path / "runs", POLICY))
