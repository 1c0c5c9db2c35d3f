"""Line feeds in runs and in names of files: what they say never stands on a line that looks like ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from core.model.jsontext import pretty
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import drop, run
from tests.workspaces import exact
from tui.cli import main as entry

FORGED = "✓ forged"


def forging(name: str, **more: Any) -> dict[str, Any]:
    """A run whose texts end a line."""
    made = run(f"{name}\n  {FORGED}", workflow=f"w\n{FORGED}", **more)
    for action in made["actions"]:
        action["name"] += f"\n{FORGED}"
        action["side_effects"] = [{"kind": f"file_write\n{FORGED}", "target": f"t\n{FORGED}"}]
    return made


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    folder = tmp_path / "traces"
    for number in range(3):
        drop(folder, f"r{number}", forging(f"r{number}"))
    late = forging("late")
    late["actions"][1]["observed_output"] = {f"failed\n{FORGED}": f"1\n{FORGED}"}
    drop(folder / "shadow", "late", late)
    return exact(folder)


def test_no_command_prints_a_line_that_a_run_makes(traces: Path, tmp_path: Path) -> None:
    (candidate,) = told("list", traces)["candidates"]
    of = (traces, candidate["lineage"])
    agreeing, bundle = tmp_path / "agreeing", tmp_path / "out" / "bundle"
    for number in range(2):
        drop(agreeing, f"r{number}", forging(f"r{number}"))
    for arguments in (
        ("list", traces),
        *((command, *of) for command in ("show", "diff", "explain", "savings")),
        ("export", *of, "--out", tmp_path / "b.zip"),
        ("crystallize", "--from", agreeing, "--out-dir", tmp_path / "out"),
        ("export", *of, "--skill", "--out", tmp_path / "skill"),
        ("shadow", bundle),
        ("validate", bundle),
        ("reject", *of, "--as", "a@b", "--reason", f"read\n{FORGED}"),
        ("show", *of),
    ):
        result = assay(*arguments)
        lines = (result.stdout + result.stderr).splitlines()
        assert lines, arguments
        assert not [line for line in lines if line.lstrip(" -").startswith(FORGED)], arguments


def test_an_event_is_one_line(tmp_path: Path) -> None:
    message = {"version": 1, "seq": 1, "time": 0, "kind": "user_trace", "data": {"Message": f"m\n{FORGED}"}}
    (tmp_path / "events.json").write_bytes(pretty([message]))
    first, _ = assay("atp", "minimize", "--events", tmp_path / "events.json").stdout.splitlines()
    assert first.endswith(f'"m\\n{FORGED}"')


def test_an_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken\nassay: all good.json").write_text("{")
    monkeypatch.setattr(
        sys, "argv", ["assay", "crystallize", "--from", str(tmp_path), "--out-dir", str(tmp_path.parent / "out")]
    )
    with pytest.raises(SystemExit, match="3"):
        entry.run()
    (line,) = capsys.readouterr().err.splitlines()
    assert "broken\\nassay: all good.json" in line
