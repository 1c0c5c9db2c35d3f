"""Where things are read and written: every place has a name, no two outputs the same, and no pipe is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.model.jsontext import JsonError, parse, pretty
from tests.cli.test_workspace_commands import assay
from tests.review.making import releases

REPLAY = "replay pack --trace-file ../pipe"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    releases(tmp_path / "in")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "outputs",
    [
        "--out x --report x",
        "--out x --eval-pack ./y/../x",
        "--out-dir o --report o/workflow.harn",
        "--out-dir o --report o/bundle/report.json",
        "--bundle b --out b",
        "--out x --report link",
    ],
)
def test_no_output_replaces_another(here: Path, outputs: str) -> None:
    (here / "link").symlink_to("x")
    result = assay("crystallize", "--from", "in", *outputs.split())
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert sorted(path.name for path in here.iterdir()) == ["in", "link"]


def test_neither_do_the_segments_of_a_session(here: Path) -> None:
    (here / "turns.json").write_text("[]")
    given = ("--turns", "turns.json", "--session", "s", "--out-dir", "o", "--out", "o/traces.json")
    assert assay("trajectory", *given).exit_code == 2


def test_a_device_takes_any_number_of_outputs(here: Path) -> None:
    given = ("--out", "/dev/null", "--report", "/dev/null", "--eval-pack", "e.toml")
    assert assay("crystallize", "--from", "in", *given).exit_code == 0
    assert (here / "e.toml").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["crystallize", "--from", "in", "--out-dir", ""],
        ["crystallize", "--from", "in", "--bundle", ""],
        ["crystallize", "--from", "", "--out-dir", "o"],
        ["crystallize", "--from", "in", "--shadow-from", "", "--out-dir", "o"],
        ["synthesize", "--trace", "", "--out-dir", "o"],
        ["list", ""],
        ["list", "in", "--workspace", ""],
        ["import", "", "--to", "o"],
        ["import", "in", "--to", ""],
        ["atp", "validate", ""],
        ["ingest", "", "--to", "o"],
        ["prune", "in", "--keep", "1", "--workspace", ""],
        ["demo", "--keep", ""],
        ["shot", "in", "--out", ""],
    ],
)
def test_an_empty_name_is_not_the_current_folder(here: Path, command: list[str]) -> None:
    result = assay(*command)
    assert result.exit_code == 2
    assert "names no file or folder" in result.stderr
    assert [path.name for path in here.iterdir()] == ["in"]


@pytest.mark.parametrize(
    "command",
    ["emit --out-dir e --spec pipe", "proof --out-dir e --spec pipe", "minimize --events pipe", REPLAY],
)
def test_a_pipe_is_not_waited_for(here: Path, command: str) -> None:
    os.mkfifo(here / "pipe")
    assay("atp", "emit", "--spec", _written(here / "spec.json", {"events": []}), "--out-dir", "pack")
    result = assay("atp", *command.split())
    assert result.exit_code == 3
    assert "not a regular file" in str(result.exception)


def test_of_nesting_no_place_is_told(here: Path) -> None:
    deep = b"[\n" * 130 + b"]" * 130
    with pytest.raises(JsonError, match=r"deeper than 127 levels$"):
        parse(deep)
    (here / "in" / "deep.json").write_bytes(deep)
    result = assay("crystallize", "--from", "in", "--out-dir", "o")
    assert str(result.exception).endswith("in/deep.json: nesting deeper than 127 levels")


def _written(path: Path, value: object) -> Path:
    path.write_bytes(pretty(value))
    return path
