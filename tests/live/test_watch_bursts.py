from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.live.looking as looking_module
from core.live.changes import FileReading
from core.live.feed import Feed
from core.live.hints import Hints
from core.live.read import read_file
from core.live.rescan import interval, next_look, topmost, wants_everything
from core.live.watch import Watching
from tests.live.feeding import DEADLINE, MAX, Bench, FakeEvents, run_text, wait_until, write


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "traces").mkdir()
    return Bench(tmp_path / "traces")


class TestBursts:
    def test_ten_thousand_files_come_in_one_change_set(self, bench: Bench) -> None:
        bench.drain()
        for number in range(10_000):
            (bench.folder / f"{number}.json").write_text('{"actions": []}')
        bench.feed.hint(*(f"{number}.json" for number in range(10_000)))
        bench.drain()
        assert [len(changes) for changes in bench.got.sets] == [10_000]
        assert bench.progress[0] == (100, 10_000)
        assert bench.progress[-1] == (10_000, 10_000)

    def test_big_bursts_come_in_pieces_that_say_so(self, tmp_path: Path) -> None:
        for number in range(5):
            write(tmp_path / f"{number}.json")
        bench = Bench(tmp_path, chunk=2)
        bench.feed.poll(0)
        assert bench.feed.pending == {"2.json", "3.json", "4.json"}
        bench.drain()
        assert [(len(changes), changes.more) for changes in bench.got.sets] == [(2, True), (1, False)]
        assert bench.feed.pending == frozenset()

    def test_pending_counts_hints(self, bench: Bench) -> None:
        bench.feed.hint("a.json")
        assert bench.feed.pending == {"a.json"}

    def test_close_ends_a_poll_at_once(self, tmp_path: Path) -> None:
        feed = Feed(tmp_path, MAX)
        ended = threading.Event()

        def poll() -> None:
            feed.poll(10 * DEADLINE)
            ended.set()

        thread = threading.Thread(target=poll)
        thread.start()
        feed.close()
        assert ended.wait(DEADLINE)
        thread.join()
        feed.close()
        assert feed.poll(0) is None

    def test_close_ends_a_long_read(self, tmp_path: Path) -> None:
        for number in range(5):
            write(tmp_path / f"{number}.json")
        reads: list[str] = []

        def read(folder: Path, unit: str, max_size: int, known: str) -> FileReading:
            reads.append(unit)
            feed.close()
            return read_file(folder, unit, max_size, known)

        feed = Feed(tmp_path, MAX, read=read)
        feed.poll(0)
        assert reads == ["0.json"]


class TestLimit:
    def test_limit_takes_effect_on_files_that_it_concerns(self, bench: Bench) -> None:
        write(bench.folder / "small.json")
        write(bench.folder / "big.json", run_text("big", pad=5000))
        bench.drain()
        bench.reads.clear()
        bench.feed.limit(1000)
        bench.drain()
        bench.after(4)
        assert bench.got.problems == {"big.json": ("quarantined", "too large")}
        assert "small.json" not in bench.reads[:1]
        bench.feed.limit(MAX)
        bench.drain()
        assert (bench.got.loaded.keys(), bench.got.problems) == ({"small.json", "big.json"}, {})


class TestLostEvents:
    @pytest.fixture
    def deaf(self, tmp_path: Path) -> Iterator[Bench]:
        """A feed whose events never say anything."""
        (tmp_path / "traces").mkdir()
        events = FakeEvents()
        bench = Bench(tmp_path / "traces", source=events)
        bench.feed.start()
        events.wait_armed()
        bench.drain()
        assert bench.feed.watching == Watching("events")
        yield bench
        bench.feed.close()

    def test_the_folder_is_looked_at_once_when_watching_begins(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks: list[str] = []
        real = looking_module.scan
        monkeypatch.setattr(looking_module, "scan", lambda folder, walk: looks.append("") or real(folder, walk=walk))
        bench = Bench(tmp_path, source=FakeEvents())
        bench.feed.start()
        bench.drain()
        bench.drain()
        bench.feed.close()
        assert looks == [""]

    def test_twenty_thousand_renames_that_no_event_tells_of_all_appear(self, deaf: Bench, tmp_path: Path) -> None:
        one, count = write(tmp_path / "one.json", '{"actions": []}', age=60), 20_000
        (tmp_path / "out").mkdir()
        for number in range(count):  # links are quicker to make than files, and renamed as these are
            (tmp_path / "out" / f"{number}.json").hardlink_to(one)
        for number in range(count):
            (tmp_path / "out" / f"{number}.json").rename(deaf.folder / f"{number}.json")
        deaf.drain()
        assert not deaf.got.loaded
        deaf.clock.forward(30)
        deaf.drain()
        assert deaf.got.loaded.keys() == {f"{number}.json" for number in range(count)}

    def test_a_file_of_whose_event_nobody_heard_is_found_when_it_is_quiet(self, deaf: Bench) -> None:
        deaf.drain()
        deaf.feed.hint(write(deaf.folder / "a.json").name)
        write(deaf.folder / "lost.json")
        deaf.drain()
        assert deaf.got.loaded.keys() == {"a.json"}
        deaf.clock.forward(1.9)
        deaf.feed.hint("a.json")
        deaf.after(1.9)
        assert deaf.got.loaded.keys() == {"a.json"}, "it was not quiet"
        deaf.after(0.3)
        assert deaf.got.loaded.keys() == {"a.json", "lost.json"}
        assert deaf.feed.watching.mode == "events"

    def test_events_that_stay_out_twice_are_not_trusted_any_more(self, deaf: Bench) -> None:
        for name in ("a.json", "b.json"):
            assert deaf.feed.watching.mode == "events"
            write(deaf.folder / name)
            deaf.clock.forward(31)
            deaf.drain()
        wait_until(lambda: deaf.feed.watching.mode == "polling")
        assert deaf.feed.trouble == "changes come without events"

    def test_quiet_folder_keeps_its_events(self, deaf: Bench) -> None:
        for _ in range(5):
            deaf.clock.forward(31)
            deaf.drain()
        assert deaf.feed.watching.mode == "events"


class TestPace:
    def test_everything_is_looked_at_every_thirty_seconds_or_less_often(self) -> None:
        assert interval("events", 0.1) == 30
        assert interval("events", 2.0) == 100
        assert interval("polling", 0.01) == 0.5
        assert interval("off", 0.5) == 10

    def test_after_events_everything_is_looked_at_once_it_is_quiet_where_that_takes_a_moment(self) -> None:
        assert next_look("events", 0.01, looked=100, heard=99) == 130
        assert next_look("events", 0.01, looked=100, heard=101) == 103
        assert next_look("events", 0.2, looked=100, heard=101) == 110
        assert next_look("events", 1.0, looked=100, heard=120) == 150
        assert next_look("events", 0.01, looked=100, heard=129) == 130
        assert next_look("polling", 0.1, looked=100, heard=101) == 102

    def test_many_known_folders_are_looked_at_all_together(self) -> None:
        folders = frozenset(map(str, range(21)))
        assert wants_everything(Hints(folders), folders)
        assert not wants_everything(Hints(folders - {"1"}), folders)
        assert not wants_everything(Hints(folders), frozenset())
        assert wants_everything(Hints(everything=True), frozenset())

    def test_topmost(self) -> None:
        assert topmost(["a/b/c", "a/b", "ab", "a/bc", "d/e/f"]) == ["a/b", "a/bc", "ab", "d/e/f"]
