"""A mistyped command is told as one, and a folder stays a folder, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_workspace_commands import assay
from tests.review.making import releases
from tui.cli.exits import Exit


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("line", "near"), [("lst", "list"), ("lst runs", "list"), ("verfy runs --json", "verify"), ("revoek r x", "revoke")]
)
def test_a_misspelt_command_is_told_with_the_one_that_is_near(line: str, near: str) -> None:
    result = assay(*line.split())
    assert result.exit_code == Exit.USAGE
    assert f"there is no command or folder '{line.split()[0]}'. Did you mean 'assay {near}'?" in result.stderr


def test_a_folder_that_is_called_much_like_a_command_is_reviewed() -> None:
    releases(Path("imports"))
    assert "the review needs a terminal; use `assay list imports`" in assay("imports").stderr


def test_a_name_that_is_like_no_command_is_a_folder() -> None:
    assert "the review needs a terminal; use `assay list runs`" in assay("runs").stderr
