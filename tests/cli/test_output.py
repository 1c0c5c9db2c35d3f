"""Outputs that cannot be written, and streams that were closed: told in words, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.review.making import releases
from tests.workspaces import exact

RUN = (sys.executable, "-c", "from tui.cli.main import run; run()")
FULL = Path("/dev/full")


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """A folder with one candidate."""
    return exact(releases(tmp_path / "traces"))


def in_shell(how: str, *arguments: object, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    """A command with its streams led elsewhere."""
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    given = ["/bin/sh", "-c", f'"$@" {how}', "sh", *RUN, *map(str, arguments)]
    return subprocess.run(given, env=env, check=False, capture_output=True, text=True)


@pytest.mark.skipif(not FULL.exists(), reason="a full disk to write to")
@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [(["list"], ""), (["list", "--json"], "1"), (["help", "words"], "1"), (["--help"], "")],
)
def test_a_full_disk_is_told(traces: Path, command: list[str], unbuffered: str) -> None:
    given = [*command, traces] if command[0] == "list" else command
    done = in_shell("> /dev/full", *given, unbuffered=unbuffered)
    assert (done.returncode, done.stdout) == (74, "")
    assert done.stderr == "assay: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("how", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(traces: Path, how: str) -> None:
    done = in_shell(how, "list", traces)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("runs loaded" in done.stdout) == (">&- " not in f" {how} ".replace("2>&-", ""))


@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [
        *((command, "") for command in (["list"], ["check"], ["help", "words"], ["--help"], ["list", "--help"])),
        *((command, "1") for command in (["list"], ["list", "--json"], ["help", "words"], ["list", "--help"])),
    ],
)
def test_an_output_that_nobody_reads_is_no_answer(traces: Path, command: list[str], unbuffered: str) -> None:
    given = [*command, traces] if command[0] in ("list", "check") and "--help" not in command else command
    done = unread("stdout", *given, unbuffered=unbuffered)
    assert (done.returncode, done.stderr) == (141, "")


def test_an_error_that_nobody_reads_keeps_its_exit_code(tmp_path: Path) -> None:
    assert unread("stderr", "list", tmp_path / "nothing").returncode == 3


def unread(stream: str, *arguments: object, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    """A command one of whose streams is a pipe that nobody reads any more."""
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    reading, writing = os.pipe()
    os.close(reading)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writing}
    try:
        return subprocess.run([*RUN, *map(str, arguments)], env=env, check=False, text=True, **streams)
    finally:
        os.close(writing)
