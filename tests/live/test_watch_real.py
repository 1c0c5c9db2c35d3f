"""The feed with the system's own events; every wait is for a condition, with a generous deadline."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.live.feed import Feed
from tests.live.feeding import MAX, Consumer, run_text, wait_until, write


class Live:
    """A started feed on a real folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feed = Feed(folder, MAX)
        self.got = Consumer()

    def wait_for(self, loaded: set[str], problems: dict[str, str] | None = None) -> None:
        def holds() -> bool:
            states = {unit: state for unit, (state, _) in self.got.problems.items()}
            return self.got.loaded.keys() == loaded and states == (problems or {})

        self.got.wait(self.feed, holds)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    (tmp_path / "traces").mkdir()
    made = Live(tmp_path / "traces")
    made.feed.start()
    made.got.wait(made.feed, lambda: made.feed.watching.mode == "events")
    yield made
    made.feed.close()


def test_new_changed_and_removed_file(live: Live) -> None:
    path = write(live.folder / "a.json")
    live.wait_for({"a.json"})
    before = live.got.loaded["a.json"]
    write(path, run_text("other"))
    live.got.wait(live.feed, lambda: live.got.loaded["a.json"] != before)
    path.unlink()
    live.wait_for(set())


def test_half_written_file_is_completed(live: Live) -> None:
    text = run_text()
    with (live.folder / "a.json").open("w") as half:
        half.write(text[:10])
        half.flush()
        live.wait_for(set(), {"a.json": "settling"})
        half.write(text[10:])
    live.wait_for({"a.json"})


def test_half_written_file_is_never_completed(live: Live) -> None:
    write(live.folder / "a.json", run_text()[:10])
    live.wait_for(set(), {"a.json": "quarantined"})
    assert [s.problems["a.json"].state for s in live.got.sets] == ["settling", "quarantined"]


def test_folder_moved_in_and_out(live: Live, tmp_path: Path) -> None:
    for name in ("a.json", "x/b.json", "x/y/c.json"):
        write(tmp_path / "out" / name)
    (tmp_path / "out").rename(live.folder / "in")
    live.wait_for({"in/a.json", "in/x/b.json", "in/x/y/c.json"})
    write(live.folder / "in" / "x" / "new.json")
    live.wait_for({"in/a.json", "in/x/b.json", "in/x/y/c.json", "in/x/new.json"})
    (live.folder / "in" / "x").rename(tmp_path / "x")
    live.wait_for({"in/a.json"})


@pytest.mark.parametrize("how", ["before", "later", "moved in"])
def test_files_below_a_folder_that_a_link_leads_to_are_not_missed(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "traces"
    write(folder / "day" / "a.json")
    (there := tmp_path / "in" if how == "moved in" else folder).mkdir(exist_ok=True)
    if how == "before":
        (there / "all").symlink_to(folder / "day")
    live = Live(folder)
    live.feed.start()
    try:
        live.got.wait(live.feed, lambda: live.feed.watching.mode != "off")
        if how != "before":
            assert live.feed.watching.mode == "events"
            (there / "all").symlink_to(folder / "day")
        if how == "moved in":
            there.rename(folder / "in")
        link = "in/all" if how == "moved in" else "all"
        live.wait_for({"day/a.json"}, {link: "quarantined"})
        live.got.wait(live.feed, lambda: live.feed.watching.mode == "polling")
        assert "links to folders" in live.feed.trouble
        write(folder / "day" / "b.json")
        live.wait_for({"day/a.json", "day/b.json"}, {link: "quarantined"})
        (folder / link).unlink()
        write(folder / "day" / "c.json")
        live.wait_for({"day/a.json", "day/b.json", "day/c.json"})
    finally:
        live.feed.close()


def test_a_watched_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    write(tmp_path / "runs" / "a.json")
    (tmp_path / "traces").symlink_to(tmp_path / "runs")
    live = Live(tmp_path / "traces")
    live.feed.start()
    try:
        live.got.wait(live.feed, lambda: live.feed.watching.mode != "off")
        assert live.feed.watching.mode == "events"
        (tmp_path / "runs").chmod(0o700)  # an event of its own
        write(tmp_path / "runs" / "b.json")
        live.wait_for({"a.json", "b.json"})
        assert live.feed.watching.mode == "events"
    finally:
        live.feed.close()


def test_watched_folder_removed_and_made_again(live: Live) -> None:
    write(live.folder / "a.json")
    live.wait_for({"a.json"})
    shutil.rmtree(live.folder)
    live.wait_for(set())
    assert live.feed.trouble.endswith("does not exist")
    write(live.folder / "b.json")
    live.wait_for({"b.json"})
    live.got.wait(live.feed, lambda: live.feed.watching.mode == "events")
    write(live.folder / "c.json")
    live.wait_for({"b.json", "c.json"})
    assert live.feed.trouble == ""


def test_name_that_the_events_cannot_tell(live: Live) -> None:
    Path(os.fsdecode(os.fsencode(live.folder) + b"/a\xff.json")).write_text(run_text())
    live.wait_for({"a\\xff.json"})
    write(live.folder / "line\nfeed\x1b[31m.json")
    live.wait_for({"a\\xff.json", "line\nfeed\x1b[31m.json"})


def test_close_lets_go_of_the_folder(live: Live) -> None:
    live.feed.close()
    wait_until(lambda: live.feed.watching.mode == "off")
    assert live.feed.poll(0) is None
