"""Who reviews: named, else git's address, else the user of the system."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from core.model.errors import InputError
from core.store.identity import reviewer


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place where git knows nobody and the system's user is ana."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("LOGNAME", "ana")


def git_says(email: str) -> None:
    Path("gitconfig").write_text(f'[user]\n\temail = "{email}"\n')


def test_the_named_one_comes_first() -> None:
    git_says("git@example.org")
    assert reviewer("  Bob \u2603 ") == "Bob \u2603"


def test_then_what_git_says() -> None:
    git_says("git@example.org")
    assert reviewer() == "git@example.org"


@pytest.mark.parametrize("email", ["", "  ", "a\\nb", "a\u202eb"])
def test_then_the_user_of_the_system(email: str) -> None:
    assert reviewer() == "ana"
    git_says(email)
    assert reviewer() == "ana"


def test_git_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    git_says("git@example.org")
    monkeypatch.setenv("PATH", "")
    assert reviewer() == "ana"


def test_git_may_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("core.store.identity._PATIENCE", 0.01)
    assert reviewer() == "ana"


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("no such user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert reviewer() == f"user-{os.getuid()}"


@pytest.mark.parametrize("name", ["", " \u2003", "a\nb", "a\x1b[2Jb", "ana\u202e", "ana\u200b", "\ud800"])
def test_a_name_must_show_what_it_is(name: str) -> None:
    with pytest.raises(InputError, match="cannot name a reviewer"):
        reviewer(name)
