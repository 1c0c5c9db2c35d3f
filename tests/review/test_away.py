"""While nobody can look into the traces folder, what was approved does not drift."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.live import feed, scan
from core.session import Session
from tests.live.feeding import wait_until
from tests.review.making import opened, releases
from tests.review.test_upkeep import approve, said


def removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.rename(folder.with_name("elsewhere"))


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system does not list it."""
    listed = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)


def back_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, and was not when who watches looked last."""
    monkeypatch.setattr(scan, "folder_state", lambda _: ("missing", f"{folder} does not exist"))


@pytest.mark.parametrize("away", [removed, refused, back_again])
def test_a_folder_that_is_away_makes_nothing_drift(
    tmp_path: Path, away: Callable[[Path, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "GRACE", 0.0)
    traces = releases(tmp_path / "runs")
    lineage = approve(opened(traces))
    with Session.open(traces, actor="ann@example.com") as session:
        turns: list[int] = []
        kept_up = session._keep_up
        monkeypatch.setattr(session, "_keep_up", lambda **how: (kept_up(**how), turns.append(session.snapshot.loaded)))
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 4)
        away(traces, monkeypatch)
        session.retry()
        wait_until(lambda: 0 in turns)
        assert {status for status, _ in said(session, lineage)} == {"ready"}
