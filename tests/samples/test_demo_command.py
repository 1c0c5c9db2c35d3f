"""`assay demo` in a real terminal: it opens, runs arrive, and at the end nothing is left, or what matters is named."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import pexpect
import pytest
from click.testing import CliRunner

from core.live.reviewing import Request
from core.session import Session
from tui.cli.demo import demo

PATIENCE = 60
"""Seconds after which a terminal that says nothing counts as broken."""


def started(tmp_path: Path, *arguments: str) -> pexpect.spawn[str]:
    """The demo in a terminal of its own, with its temporary and its settings folder below `tmp_path`."""
    for name in ("tmp", "config"):
        (tmp_path / name).mkdir(exist_ok=True)
    environment = os.environ | {
        "TERM": "xterm-256color",
        "TMPDIR": str(tmp_path / "tmp"),
        "ASSAY_CONFIG_DIR": str(tmp_path / "config"),
    }
    code = "from tui.cli.main import run; run()"
    return pexpect.spawn(
        sys.executable,
        ["-c", code, "demo", *arguments],
        env=environment,
        encoding="utf-8",
        dimensions=(40, 150),
        timeout=PATIENCE,
    )


def ended(child: pexpect.spawn[str]) -> str:
    """What a demo says at its end, which must be a good one."""
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return re.sub(r"\x1b\[[0-9;?=><]*[a-zA-Z]", "", child.before or "")


def test_a_look_around_leaves_nothing_behind(tmp_path: Path) -> None:
    child = started(tmp_path, "--every", "3600")
    child.expect("publish_crate")
    child.send("q")
    assert "Nothing was decided, so the demo's folder is gone again." in ended(child)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_kept_folder_is_named_and_runs_arrived_there(tmp_path: Path) -> None:
    child = started(tmp_path, "--every", "0.2", "--keep", str(tmp_path / "kept"))
    child.expect("retire-flag|find_flag|open_pull")
    child.send("q")
    said = "".join(ended(child).split())
    assert f"goonwith:assaydemo--keep{tmp_path / 'kept'}" in said
    assert list((tmp_path / "kept" / "traces" / "flags").glob("live-*.json"))
    assert (tmp_path / "kept" / "traces.assay" / "assay.toml").is_file()


def test_without_a_terminal_it_says_so_and_copies_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    told = CliRunner().invoke(demo, ["--keep", str(tmp_path / "kept")])
    assert told.exit_code == 2
    assert "terminal" in told.output
    assert list(tmp_path.iterdir()) == []


@click.command()
@click.argument("traces", type=click.Path(path_type=Path))
@click.option("--mode")
def rejecting(traces: Path, mode: Any) -> None:
    """A review in which one candidate is rejected."""
    with Session.open(traces, actor="tester@example.com", mode=mode) as session:
        view = next(view for view in session.refresh().candidates if view.cohort == "release-sdk")
        reason = "one tag is not signed"
        session.decide(Request("reject", view.lineage, view.behaviour_digest, "tester@example.com", reason, view))


def test_what_was_decided_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("tui.cli.demo.unfit", str)
    monkeypatch.setattr("tui.cli.demo.review", rejecting)
    told = CliRunner().invoke(demo, [])
    (folder,) = tmp_path.iterdir()
    assert (folder / "traces.assay" / "journal.jsonl").stat().st_size > 0
    assert f"kept in {folder}" in told.output
    assert told.exit_code == 0
