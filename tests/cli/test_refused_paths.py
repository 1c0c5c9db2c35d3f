"""Paths that the system refuses are bad input or an unusable workspace, told in a line, and never a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model.errors import WorkspaceError
from core.store.workspace import Workspace
from tests.cli.test_workspace_commands import assay
from tests.review.making import releases
from tests.workspaces import exact
from tui.cli.exits import Exit

LONG = "n" * 300
NOBODY = "~nosuchuser/x"
PASTED = "A" * 372
"""A public key whose kind was left out."""


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    return exact(releases(tmp_path / "traces"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        *(
            (f"{command} {LONG}", "the name is too long")
            for command in ("list", "validate", "shadow", "atp validate", "atp replay", "review --plain --from")
        ),
        (f"export {LONG} --out a.zip", "the name is too long"),
        ("export loop --out a.zip", "loop is not a folder"),
        (f"keys init --ssh {LONG}", "the name is too long"),
        (f"keys init --ssh {NOBODY}", "nobody here has the home folder ~nosuchuser; write the whole path"),
        (f"keys trust traces {NOBODY} --as ann", "nobody here has the home folder ~nosuchuser"),
        (f"keys trust traces {PASTED} --as ann", "names no key: give a public key in quotes"),
    ],
)
def test_a_path_that_cannot_be_used_is_bad_input(line: str, told: str, traces: Path) -> None:
    result = assay(*line.split())
    assert result.exit_code == Exit.BAD_INPUT
    assert told in str(result.exception)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"list traces --workspace {LONG}", "the name is too long"),
        ("list traces --workspace loop", "loop is not a folder; name a workspace with --workspace"),
        (f"export traces nobody --out {LONG}.zip", "the name is too long"),
        (f"effects suggest traces --to {LONG}", "the name is too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(line: str, told: str, traces: Path) -> None:
    result = assay(*line.split())
    assert result.exit_code == Exit.WORKSPACE
    assert told in str(result.exception)


def test_a_folder_whose_name_leaves_no_room_for_a_workspace_is_told(tmp_path: Path) -> None:
    for command in ("list", "evaluate"):
        result = assay(command, releases(tmp_path / LONG[:252]))
        assert result.exit_code == Exit.WORKSPACE
        assert "the name is too long" in str(result.exception)


def test_a_workspace_that_may_not_be_looked_into_is_told(traces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, **_: bool) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    store = Workspace.open(traces)
    monkeypatch.setattr(Path, "stat", refused)
    with pytest.raises(WorkspaceError, match=r"cannot look at .*format\.json: permission denied"):
        assert store.exists
