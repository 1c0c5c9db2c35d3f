from __future__ import annotations

import os
import sys

import pexpect
import pytest
from click.testing import CliRunner

from core.model.jsontext import pretty
from tests.tui.fakes import trace
from tui.cli.review import review, unfit

RUN = ("-c", "from tui.cli.main import run; run()")


@pytest.fixture
def terminal(tmp_path):
    """The program in a real terminal, on a folder with one run."""
    traces = tmp_path / "runs"
    traces.mkdir()
    (traces / "run.json").write_bytes(pretty(trace()))
    env = {**os.environ, "TERM": "xterm-256color", "ASSAY_CONFIG_DIR": str(tmp_path / "settings")}
    started = pexpect.spawn(
        sys.executable, [*RUN, str(traces), "--as", "ana"], env=env, dimensions=(24, 80), timeout=60, encoding="utf-8"
    )
    yield started
    started.close(force=True)


@pytest.mark.parametrize("key", ["q", "\x03", "\x11"])
def test_in_a_terminal_it_opens_and_quits_with_code_0(terminal, key):
    terminal.expect("No run could be used")
    terminal.send(key)
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 0


def test_without_a_terminal_it_names_the_command_to_use(tmp_path):
    runs = tmp_path / "runs"
    runs.mkdir()
    result = CliRunner().invoke(review, [str(runs)])
    assert result.exit_code == 2
    told = f"use `assay list {runs}`, or `assay review --plain {runs}` instead"
    assert f"the review needs a terminal; {told}" in result.stderr
    assert not list(tmp_path.glob("*.assay"))


def test_a_dumb_terminal_is_no_terminal(monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert "standard error" in unfit()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert unfit() == ""
    for dumb in ("dumb", ""):
        monkeypatch.setenv("TERM", dumb)
        assert "TERM is dumb" in unfit()
    monkeypatch.delenv("TERM")
    assert "TERM is dumb" in unfit()
