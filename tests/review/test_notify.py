"""The command that hears of what became of approvals."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from core.model.jsontext import parse
from core.review.notify import notify
from core.review.upkeep import Upkeep
from tests.review.making import approve, failing, opened, policy, releases, said

RECORD = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('ab').write(sys.stdin.buffer.read() + b'---')"


def test_the_notify_command_hears_of_drift_once(tmp_path: Path) -> None:
    traces, heard = releases(tmp_path / "traces"), tmp_path / "heard"
    session = opened(traces)
    policy(session, notify=[sys.executable, "-c", RECORD, str(heard)])
    lineage = approve(session)
    bad = failing(traces)
    for _ in range(2):
        opened(traces)
    (event, rest) = heard.read_bytes().split(b"---")
    assert rest == b""
    told = parse(event)
    assert (told["event"], told["workspace"]) == ("drifted", str(session.workspace))
    ((candidate),) = told["candidates"]
    assert (candidate["lineage"], candidate["status"]) == (lineage, "drifted")
    assert any("1 of 5 runs differ" in reason for reason in candidate["reasons"])
    worse = failing(traces, "shadow/worse")
    opened(traces)
    assert any(b"2 of 6 runs differ" in reasons for _, reasons in said(session, lineage))
    assert heard.read_bytes().count(b"---") == 1
    worse.unlink()
    bad.unlink()
    opened(traces)
    failing(traces)
    opened(traces)
    assert heard.read_bytes().count(b"---") == 2


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["/no/such/program"], "cannot be run: "),
        ([sys.executable, "-c", "import sys; sys.exit('no \\x1b[2J net')"], r"ended with 1: no \e[2J net"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "took longer than 0.3 seconds and was ended"),
        ([sys.executable, "-c", "pass"], ""),
    ],
)
def test_a_command_that_fails_is_told(command: list[str], told: str) -> None:
    found = notify(command, {"event": "drifted", "padding": "x" * 500_000}, timeout=0.3 if "longer" in told else 60)
    assert told in found
    assert bool(found) == bool(told)


def test_a_command_is_run_where_files_have_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert notify([sys.executable, "-c", "import sys; sys.exit('no net')"], {}).endswith("ended with 1")


def test_who_watches_need_not_wait_for_a_command(tmp_path: Path) -> None:
    """Nor does a program that ends."""
    traces, pipe = releases(tmp_path / "traces"), tmp_path / "pipe"
    os.mkfifo(pipe)
    session = opened(traces)
    policy(session, notify=[sys.executable, "-c", "import sys; sys.exit(open(sys.argv[1]).read())", str(pipe)])
    approve(session)
    failing(traces)
    with session.store.locked("somebody"):
        session.refresh()  # nobody may write yet, so that the drift is only seen
    upkeep = Upkeep(session.store)
    upkeep.keep_up(session.adopt(), lambda: True, wait=False)
    (beside,) = (thread for thread in threading.enumerate() if thread.name == "assay-notify")
    assert beside.daemon
    assert not any("notify" in notice for notice in upkeep.notices), "the command is not over yet"
    pipe.write_text("no net")
    beside.join()
    assert any("ended with 1: no net" in notice for notice in upkeep.notices)


def test_a_failing_command_becomes_a_notice(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    policy(session, notify=["/no/such/program"])
    approve(session)
    failing(traces)
    session.refresh()
    assert any("notify command" in notice and "cannot be run" in notice for notice in session.snapshot.notices)
