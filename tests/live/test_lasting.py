"""Watching goes on whatever happens in between, and who reviews is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.session import Session
from tests.live.feeding import wait_until
from tests.live.test_apart import runs, write


def test_a_fault_of_the_program_is_told_for_good_and_watching_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 3))
    with Session.open(folder, mode="exact") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 3)
        look = Session._look

        def fail(self: Session, **_: Any) -> bool:
            monkeypatch.setattr(Session, "_look", look)
            raise KeyError("a value that stands in a run")

        monkeypatch.setattr(Session, "_look", fail)
        wait_until(lambda: "a fault of the program itself (KeyError)" in session.activity.trouble)
        assert "a value" not in session.activity.trouble
        write(folder, *runs(3, 1))
        wait_until(lambda: session.snapshot.loaded == 4)
        assert session.activity.trouble, "what was going on then may not have been taken in"


def test_a_folder_of_which_nobody_can_tell_whether_it_is_there_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 3))

    def stale(_: Path) -> bool:
        raise OSError(116, "Stale file handle")

    with Session.open(folder, mode="exact") as session:
        session.refresh()
        monkeypatch.setattr(Path, "is_dir", stale)
        session._keep_up(wait=True)
