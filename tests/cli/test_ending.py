"""A command that read a folder ends at once, with all that it said and its exit code; any other one as ever."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.review.making import releases
from tests.workspaces import exact
from tui.cli import main


class Ended(BaseException):
    """The process would have ended."""


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which the process ended at once."""
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise Ended

    monkeypatch.setattr(os, "_exit", end)
    return codes


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["assay", *map(str, arguments)])
    main.run()


def test_it_ends_at_once_after_a_folder_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    traces = exact(releases(tmp_path / "traces"))
    with pytest.raises(Ended):
        call(monkeypatch, "list", traces)
    assert "runs loaded" in capfd.readouterr().out
    with pytest.raises(Ended):
        call(monkeypatch, "diff", traces, "lineage_")
    assert ends == [0, 0]


def test_it_ends_as_ever_when_nothing_was_read_or_something_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        call(monkeypatch, "--version")
    with pytest.raises(SystemExit, match="3"):
        call(monkeypatch, "show", exact(releases(tmp_path / "traces")), "nobody")
    assert "nobody" in capfd.readouterr().err
    assert ends == []


def test_ctrl_c_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.session.Session.refresh", interrupted)
    with pytest.raises(SystemExit, match="130"):
        call(monkeypatch, "check", exact(releases(tmp_path / "traces")))
    assert capfd.readouterr().err == "assay: interrupted\n"
