"""Outputs whose character set is not UTF-8: a pipe on Windows, an old locale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.review.making import releases
from tests.workspaces import exact

RUN = (sys.executable, "-c", "from tui.cli.main import run; run()")


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """A folder with one candidate."""
    return exact(releases(tmp_path / "traces"))


def said(charset: str, *arguments: object) -> bytes:
    env = {**os.environ, "PYTHONIOENCODING": charset}
    return subprocess.run([*RUN, *map(str, arguments)], env=env, check=True, capture_output=True).stdout


def test_what_a_character_set_does_not_hold_is_written_in_ascii(traces: Path) -> None:
    assert " → " in said("utf-8", "list", traces).decode()
    for charset in ("ascii", "cp1252"):
        assert " -> " in said(charset, "list", traces).decode(charset)
    assert "…" in said("cp1252", "help", "words").decode("cp1252")  # which it holds
    assert "Enter down" in said("cp1252", "help", "keys").decode("cp1252")


def test_json_is_utf_8_whatever_the_character_set(traces: Path) -> None:
    assert said("ascii", "list", traces, "--json") == said("utf-8", "list", traces, "--json")
    assert json.loads(said("cp1252", "list", traces, "--json"))["candidates"]


def test_screens_say_that_they_need_utf_8(traces: Path) -> None:
    env = {**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "latin-1"}
    child = pexpect.spawn(RUN[0], [*RUN[1:], str(traces)], env=env, timeout=60)
    child.expect("the review is drawn in UTF-8, and the locale says iso8859-1 here")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 2
