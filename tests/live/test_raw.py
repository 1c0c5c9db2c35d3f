"""Who looks at a file sees only what a run could be read from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model.errors import InputError
from tests.review.making import opened, releases


def pipe(place: Path) -> None:
    os.mkfifo(place)


def link_out(place: Path) -> None:
    (place.parent.parent / "secret").write_text("secret")
    place.symlink_to("../secret")


def folder(place: Path) -> None:
    place.mkdir()


OTHERS: dict[str, Callable[[Path], None]] = {"pipe": pipe, "link": link_out, "folder": folder}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_file_is_told_and_never_opened(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = releases(tmp_path / "runs")
    OTHERS[kind](runs / "odd.json")
    session = opened(runs)
    monkeypatch.setattr(Path, "open", None)  # it would wait for who writes into a pipe
    with pytest.raises(OSError, match=f"it is a {kind}.*never opened"):
        session.raw("odd.json", 9)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_run_that_is_no_file_any_more_is_not_read(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = releases(tmp_path / "runs")
    session = opened(runs)
    (runs / "run-1.json").unlink()
    OTHERS[kind](runs / "run-1.json")
    monkeypatch.setattr(Path, "read_bytes", None)
    with pytest.raises(InputError, match=f"cannot read run-1.json: it is a {kind}"):
        session.trace("run-1")


def test_the_beginning_of_a_file_is_shown_with_its_size(tmp_path: Path) -> None:
    runs = releases(tmp_path / "runs")
    (runs / "deep").mkdir()
    (runs / "deep" / "odd.json").write_text("no run at all")
    session = opened(runs)
    assert session.raw("deep/odd.json", 6) == (b"no run", 13)
    assert session.raw("deep/odd.json", 60) == (b"no run at all", 13)
    with pytest.raises(OSError, match="No such file"):
        session.raw("none.json", 6)
