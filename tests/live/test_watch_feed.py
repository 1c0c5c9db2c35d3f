from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.live.changes import FileReading
from core.live.feed import read_all
from core.live.read import read_file
from core.model.errors import InputError
from tests.live.feeding import MAX, Bench, run_text, write


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "traces").mkdir()
    return Bench(tmp_path / "traces")


class TestTelling:
    def test_first_poll_tells_everything_in_path_order(self, bench: Bench) -> None:
        for name in ["b.json", "a/c.json", "a.json"]:
            write(bench.folder / name)
        write(bench.folder / "bad.json", "[]", age=60)
        changes = bench.feed.poll(0)
        assert changes is not None
        assert list(changes.loaded) == ["a/c.json", "a.json", "b.json"]
        assert list(changes.problems) == ["bad.json"]
        assert not changes.more
        assert bench.feed.poll(0) is None

    def test_new_changed_and_removed_files(self, bench: Bench) -> None:
        write(bench.folder / "a.json")
        write(bench.folder / "b.json")
        bench.drain()
        write(bench.folder / "a.json", run_text("other"))
        (bench.folder / "b.json").unlink()
        write(bench.folder / "c.json")
        bench.hint("a.json", "b.json", "c.json")
        assert len(bench.got.sets) == 2
        last = bench.got.sets[-1]
        assert (list(last.loaded), last.gone) == (["a.json", "c.json"], {"b.json"})
        assert last.touched == {"a.json", "b.json", "c.json"}

    def test_touched_file_with_the_same_bytes_is_no_change(self, bench: Bench) -> None:
        path = write(bench.folder / "a.json")
        bench.drain()
        os.utime(path, (1, 1))
        bench.hint("a.json")
        assert bench.reads == ["a.json", "a.json"]
        assert len(bench.got.sets) == 1

    def test_file_that_comes_and_goes_unseen_is_not_told(self, bench: Bench) -> None:
        bench.drain()
        write(bench.folder / "a.json")
        (bench.folder / "a.json").unlink()
        bench.hint("a.json")
        assert not bench.got.sets

    def test_file_that_vanishes_before_it_is_read(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path)
        write(tmp_path / "a.json")
        write(tmp_path / "b.json")
        bench.drain()

        def vanish(folder: Path, unit: str, max_size: int, known: str) -> FileReading:
            (folder / unit).unlink(missing_ok=True)
            return read_file(folder, unit, max_size, known)

        bench.feed._intake._read = vanish
        write(tmp_path / "a.json", run_text("new"))
        bench.hint("a.json")
        assert bench.got.sets[-1].gone == {"a.json"}
        assert bench.got.loaded.keys() == {"b.json"}

    def test_file_that_is_away_only_while_it_is_read(self, bench: Bench) -> None:
        bench.drain()
        write(bench.folder / "a.json")
        real = bench.feed._intake._read
        away = iter([True])

        def read(folder: Path, unit: str, max_size: int, known: str) -> FileReading:
            if not next(away, False):
                return real(folder, unit, max_size, known)
            (folder / unit).rename(folder / "elsewhere")
            reading = real(folder, unit, max_size, known)
            (folder / "elsewhere").rename(folder / unit)
            return reading

        bench.feed._intake._read = read
        bench.hint("a.json")
        bench.drain()
        assert bench.got.loaded.keys() == {"a.json"}

    def test_hint_of_a_folder_finds_what_is_below_it(self, bench: Bench, tmp_path: Path) -> None:
        bench.drain()
        write(tmp_path / "elsewhere" / "x" / "a.json")
        (tmp_path / "elsewhere").rename(bench.folder / "in")
        bench.hint("in")
        assert bench.got.loaded.keys() == {"in/x/a.json"}
        (bench.folder / "in").rename(tmp_path / "elsewhere")
        bench.hint("in")
        assert not bench.got.loaded

    def test_links_and_their_end(self, bench: Bench) -> None:
        (bench.folder / "a.json").symlink_to("nowhere")
        bench.drain()
        assert bench.got.problems == {"a.json": ("quarantined", "dangling link")}
        (bench.folder / "a.json").unlink()
        write(bench.folder / "a.json")
        bench.hint("a.json")
        assert (bench.got.loaded.keys(), bench.got.problems) == ({"a.json"}, {})

    def test_links_whose_ends_come_and_go(self, bench: Bench) -> None:
        (bench.folder / "a.json").symlink_to("b.json")
        bench.drain()
        (bench.folder / "in").symlink_to("sub")
        bench.hint("in")
        assert {rule for _, rule in bench.got.problems.values()} == {"dangling link"}
        write(bench.folder / "b.json")
        bench.hint("b.json")
        assert bench.got.problems["a.json"] == ("quarantined", "link")
        (bench.folder / "sub").mkdir()
        bench.hint("sub")
        assert bench.got.problems["in"] == ("quarantined", "link")
        (bench.folder / "b.json").unlink()
        bench.hint("b.json")
        assert bench.got.problems["a.json"] == ("quarantined", "dangling link")

    def test_problem_keeps_the_time_of_its_first_sight(self, bench: Bench) -> None:
        write(bench.folder / "a.json", "{")
        bench.drain()
        begun = bench.clock.time()
        bench.after(5)
        assert bench.got.sets[-1].problems["a.json"].state == "quarantined"
        assert bench.got.sets[-1].problems["a.json"].first_seen == begun


class TestTrust:
    def test_write_within_the_same_tick_is_found(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two writes of one size in place can leave one stamp; the second look does not trust it."""
        write(bench.folder / "a.json", run_text("one"))
        bench.drain()
        before = bench.got.loaded["a.json"]
        stamp = bench.feed._scan.files["a.json"]
        monkeypatch.setattr("core.live.scan.stamp_of", lambda status: stamp)
        monkeypatch.setattr("core.live.read.stamp_of", lambda status: stamp)
        write(bench.folder / "a.json", run_text("two"))
        bench.hint("a.json")
        assert bench.got.loaded["a.json"] == before
        bench.after(2.1)
        assert bench.got.loaded["a.json"] != before

    @pytest.mark.parametrize("at_once", [False, True])
    def test_a_file_that_was_young_when_it_was_read_is_read_again(
        self, tmp_path: Path, at_once: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However long reading it took, and all that was read with it."""
        monkeypatch.setattr("core.live.intake.MANY", 1)
        reads = []

        def slowly(folder: Path, unit: str, max_size: int, known: str) -> FileReading:
            reads.append(unit)
            bench.clock.forward(60)
            return read_file(folder, unit, max_size, known)

        def together(folder: Path, units: Sequence[str], _: object, most: int, *__: object) -> dict[str, FileReading]:
            return {unit: slowly(folder, unit, most, "") for unit in units}

        path = write(tmp_path / "traces" / "a.json")
        bench = Bench(path.parent, **({"many": together} if at_once else {}))
        monkeypatch.setattr(bench.feed._intake, "_read", slowly)
        bench.drain()
        assert reads == ["a.json"]
        bench.after(5)
        assert reads == ["a.json", "a.json"]

    def test_what_is_read_together_is_told_while_it_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.live.intake.MANY", 1)

        def together(
            folder: Path, units: Sequence[str], _: object, most: int, __: object, told: Callable[[int], None]
        ) -> dict[str, FileReading]:
            told(2)
            return {unit: read_file(folder, unit, most) for unit in units}

        for name in "abc":
            write(tmp_path / "traces" / f"{name}.json", age=60)
        bench = Bench(tmp_path / "traces", many=together)
        bench.drain()
        assert bench.progress == [(0, 3), (2, 3), (3, 3)]
        assert bench.got.loaded.keys() == {"a.json", "b.json", "c.json"}

    def test_what_is_to_be_read_anew_is_done_though_some_of_it_is_gone(self, bench: Bench) -> None:
        for name in "ab":
            write(bench.folder / f"{name}.json", age=60)
        bench.drain()
        bench.feed.anew(lambda: None)
        (bench.folder / "a.json").unlink()
        assert bench.feed.is_behind
        bench.drain()
        assert not bench.feed.is_behind
        assert (bench.reads.count("b.json"), bench.got.loaded.keys()) == (2, {"b.json"})

    def test_old_file_is_read_once(self, bench: Bench) -> None:
        write(bench.folder / "a.json", age=60)
        bench.clock.forward(60)  # its ctime is now old as well
        bench.drain()
        bench.after(10)
        assert bench.reads == ["a.json"]

    def test_file_from_the_future_is_read_twice_only(self, bench: Bench) -> None:
        write(bench.folder / "a.json", age=-100_000)
        bench.drain()
        bench.after(20)
        assert bench.reads == ["a.json", "a.json"]


class TestFolder:
    def test_missing_folder_is_a_trouble_and_awaited(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path / "none")
        bench.drain()
        assert bench.feed.trouble.endswith("does not exist")
        write(tmp_path / "none" / "a.json")
        bench.after(1)
        assert (bench.feed.trouble, bench.got.loaded.keys()) == ("", {"a.json"})

    def test_folder_removed_for_good(self, bench: Bench) -> None:
        path = write(bench.folder / "a.json")
        bench.drain()
        path.unlink()
        bench.folder.rmdir()
        bench.hint()
        assert bench.feed.trouble.endswith("does not exist")
        bench.after(2)
        assert bench.got.sets[-1].gone == {"a.json"}

    def test_folder_replaced_in_a_moment_keeps_its_runs(self, bench: Bench, tmp_path: Path) -> None:
        write(bench.folder / "a.json")
        write(bench.folder / "b.json")
        bench.drain()
        bench.folder.rename(tmp_path / "old")
        bench.hint()
        bench.after(0.5)
        assert len(bench.got.sets) == 1
        write(bench.folder / "b.json")
        bench.hint("b.json")
        assert bench.got.sets[-1].gone == {"a.json"}
        assert bench.got.loaded.keys() == {"b.json"}

    def test_file_as_folder(self, tmp_path: Path) -> None:
        bench = Bench(write(tmp_path / "a.json"))
        bench.drain()
        assert "is a file" in bench.feed.trouble


class TestReadAll:
    def test_nothing_settles(self, tmp_path: Path) -> None:
        write(tmp_path / "a.json")
        write(tmp_path / "b.json", "{")
        (tmp_path / "c.json").symlink_to("nowhere")
        seen: list[tuple[int, int]] = []
        changes = read_all(tmp_path, MAX, lambda done, total: seen.append((done, total)))
        assert list(changes.loaded) == ["a.json"]
        assert [(p.unit, p.state, p.rule) for p in changes.problems.values()] == [
            ("b.json", "quarantined", "unfinished JSON"),
            ("c.json", "quarantined", "dangling link"),
        ]
        assert seen == [(3, 3)]

    @pytest.mark.parametrize("name", ["none", "a.json"])
    def test_folder_that_cannot_be_read(self, tmp_path: Path, name: str) -> None:
        write(tmp_path / "a.json")
        with pytest.raises(InputError, match=name):
            read_all(tmp_path / name, MAX)
