"""`assay import` as a process that is killed in the midst of its work, and typed again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.importers import origins, writing
from core.model.jsontext import parse
from core.traces.load import load_trace
from tests.importers.importing import chat, lines, tool_span
from tests.importers.test_import_command import told
from tests.live.feeding import wait_until

RUNS, SOME = 800, 100
ATTEMPTS = 10
"""How often a kill may come too late, on a machine that lets the test wait while the import works."""

SOURCES = {
    "chats": lines(*(chat(f"order {number}", id=f"run-{number}") for number in range(RUNS))),
    "spans": lines(*(tool_span(f"{number:032x}", part) for part in range(3) for number in range(RUNS))),
}


def whole(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def killed(source: Path, to: Path) -> dict[str, bytes]:
    """What is in the folder when an import was killed after some files."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "import", str(source), "--to", str(to)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: process.poll() is not None or len([*to.glob("*.json")]) > SOME)
    finally:
        process.kill()
        code = process.wait()
    assert code in (-signal.SIGKILL, 0)
    return whole(to)


@pytest.mark.parametrize("made", SOURCES.values(), ids=SOURCES.keys())
def test_a_killed_import_is_completed_by_the_next(made: bytes, tmp_path: Path) -> None:
    source, undisturbed = tmp_path / "runs.jsonl", tmp_path / "undisturbed"
    source.write_bytes(made)
    assert told(source, "--to", undisturbed)["sources"][0]["new"] == RUNS
    wanted = whole(undisturbed)
    for attempt in range(ATTEMPTS):
        to = tmp_path / f"to-{attempt}"
        found = killed(source, to)
        if len(found) < RUNS:
            break
    assert SOME < len(found) < RUNS
    assert found == {name: wanted[name] for name in found}
    for name in list(found)[-3:]:
        assert load_trace(str(to / name)).actions

    (again,) = told(source, "--to", to)["sources"]
    assert (again["new"], again["updated"], again["unchanged"]) == (RUNS - len(found), 0, len(found))
    assert whole(to) == wanted
    assert {path.name for path in to.iterdir()} - wanted.keys() <= {writing.LOCK, origins.FILE}
    assert len({parse(data)["id"] for data in wanted.values()}) == RUNS
    (last,) = told(source, "--to", to)["sources"]
    assert (last["new"], last["updated"], last["unchanged"]) == (0, 0, RUNS)
