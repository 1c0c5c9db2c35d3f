"""How much memory there is for runs that are held as a whole, and what is told where it is too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.live import room
from core.live.snapshot import Activity
from core.session import Session
from tests.live.feeding import wait_until
from tests.live.test_apart import runs, write


def test_there_is_room_for_some_times_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free", lambda: 1e9)
    assert room.is_room(120_000_000)
    assert not room.is_room(130_000_000)


def test_who_opens_more_than_there_is_room_for_is_told_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "free", lambda: 1e9)
    assert room.strain(80_000_000) == ""
    assert room.strain(800_000_000).startswith(
        "These runs can take up to 6.4 GB in generalised mode, and 1.0 GB of memory are free: "
    )
    monkeypatch.setattr(room, "free", lambda: 1000.0)
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 320))
    told: dict[str, list[Activity]] = {}
    for mode in ("generalised", "exact"):
        session = Session.open(folder, workspace=tmp_path / mode, mode=mode)
        seen = told[mode] = []
        session.start(lambda _: None, seen.append)
        try:
            wait_until(lambda seen=seen: bool(seen) and seen[-1].phase == "watching")  # type: ignore[misc]
        finally:
            session.close()
        assert seen[-1].trouble == ""
    assert any(one.trouble.startswith("These runs can take up to") for one in told["generalised"])
    assert not any(one.trouble for one in told["exact"])


def test_room_is_what_the_system_says_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "meminfo"
    monkeypatch.setattr(room, "_MEMORY", told)
    assert room.free() == float("inf")
    told.write_text("MemTotal:       24684096 kB\nMemFree:          1000 kB\nMemAvailable:   2048 kB\n")
    assert room.free() == 2048 * 1024
