"""What is put among the files of a workspace and is no file itself is named as well."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.crashpack.decision_replay import replay_decision
from core.crashpack.validate import validate
from core.review.verify import verify
from core.store.files import read_folder, strange_entries
from core.store.workspace import Workspace
from tests.review.making import opened, releases
from tests.review.test_upkeep import approve


@pytest.fixture
def store(tmp_path: Path) -> Workspace:
    with opened(releases(tmp_path / "traces")) as session:
        approve(session)
        return session.store


def linked(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize(
    ("add", "what"), [(linked, "is a link"), (os.mkfifo, "is a pipe"), (Path.mkdir, "is an empty folder")]
)
def test_what_is_added_and_is_no_file_is_named(store: Workspace, add: Callable[[Path], None], what: str) -> None:
    packs, bundles = sorted(store.crashpacks.iterdir()), sorted(store.candidates.iterdir())
    add(packs[0] / "fixtures" / "more")
    add(bundles[0] / ".more")
    add(store.crashpacks / ".x")
    add(store.candidates / ".y")
    found = verify(store).problems
    assert any(told.startswith(f"crashpack {packs[0].name}: fixtures/more {what}") for told in found)
    assert any(told.startswith(f"candidates/{bundles[0].name}: .more {what}") for told in found)
    assert any(told.startswith("crashpacks/.x is named by no decision") for told in found)
    assert any(told.startswith("candidates/.y is named by no decision") for told in found)
    files, strange = read_folder(packs[0]), strange_entries(packs[0])
    assert str(validate(files, strange).problems[0]).startswith(f"fixtures/more: {what}")
    assert "fixtures/more" in replay_decision(files, strange=strange).first_difference


def test_a_folder_that_became_a_link_is_named(store: Workspace, tmp_path: Path) -> None:
    for folder in (next(store.crashpacks.iterdir()), next(store.candidates.iterdir())):
        folder.rename(tmp_path / folder.name)
        folder.symlink_to(tmp_path / folder.name)
        assert any(f"{folder.name} is a link and no folder of its own" in told for told in verify(store).problems)
