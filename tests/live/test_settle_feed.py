from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.feeding import Bench, run_text, write


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "traces").mkdir()
    return Bench(tmp_path / "traces")


class TestSettling:
    def test_half_written_file_settles_and_loads_when_it_is_whole(self, bench: Bench) -> None:
        write(bench.folder / "a.json", run_text()[:9])
        bench.drain()
        assert bench.got.problems == {"a.json": ("settling", "unfinished JSON")}
        write(bench.folder / "a.json")
        bench.hint("a.json")
        bench.after(0.3)
        assert (bench.got.loaded.keys(), bench.got.problems) == ({"a.json"}, {})

    def test_whole_without_a_hint(self, bench: Bench) -> None:
        write(bench.folder / "a.json", "{")
        bench.drain()
        write(bench.folder / "a.json")
        bench.after(0.6)
        assert bench.got.loaded.keys() == {"a.json"}

    def test_bad_file_is_quarantined_within_four_seconds(self, bench: Bench) -> None:
        write(bench.folder / "a.json", "[]")
        bench.drain()
        assert bench.got.problems["a.json"] == ("settling", "not a run")
        bench.after(4)
        assert bench.got.problems["a.json"] == ("quarantined", "not a run")
        assert len(bench.got.sets) == 2, "a settling file is told once"

    def test_hint_brings_the_next_look_forward(self, bench: Bench) -> None:
        write(bench.folder / "a.json", "{")
        bench.drain()
        bench.after(1.1)
        write(bench.folder / "a.json")
        bench.hint("a.json")
        bench.after(0.3)
        assert bench.got.loaded.keys() == {"a.json"}

    def test_settling_file_that_becomes_a_link(self, bench: Bench) -> None:
        write(bench.folder / "a.json", "{")
        bench.drain()
        (bench.folder / "a.json").unlink()
        (bench.folder / "a.json").symlink_to("nowhere")
        bench.hint("a.json")
        assert bench.got.problems == {"a.json": ("quarantined", "dangling link")}
        bench.after(3)
        assert bench.got.problems == {"a.json": ("quarantined", "dangling link")}
        assert bench.reads == ["a.json"]

    def test_last_good_version_stays_while_its_replacement_settles(self, bench: Bench) -> None:
        write(bench.folder / "a.json")
        bench.drain()
        before = dict(bench.got.loaded)
        write(bench.folder / "a.json", "{")
        bench.hint("a.json")
        assert bench.got.problems["a.json"][0] == "settling"
        assert bench.got.loaded == before
        bench.after(4)
        assert (bench.got.loaded, bench.got.problems["a.json"][0]) == ({}, "quarantined")

    def test_same_bytes_again_end_the_problem(self, bench: Bench) -> None:
        write(bench.folder / "a.json")
        bench.drain()
        before = dict(bench.got.loaded)
        write(bench.folder / "a.json", "{")
        bench.hint("a.json")
        write(bench.folder / "a.json")
        bench.after(1)
        assert (bench.got.loaded, bench.got.problems) == (before, {})

    def test_settling_file_that_goes_away(self, bench: Bench) -> None:
        write(bench.folder / "a.json", "{")
        bench.drain()
        (bench.folder / "a.json").unlink()
        bench.hint("a.json")
        assert not bench.got.problems
        bench.after(3)
        assert bench.reads == ["a.json"]

    def test_quarantined_file_becomes_good_by_itself(self, bench: Bench) -> None:
        write(bench.folder / "a.json", "{", age=60)
        bench.drain()
        assert bench.got.problems["a.json"][0] == "quarantined"
        write(bench.folder / "a.json")
        bench.after(1)
        assert bench.got.loaded.keys() == {"a.json"}

    def test_unreadable_file_is_tried_again_without_a_change(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(bench.folder / "a.json", age=60)
        with monkeypatch.context() as patch:
            patch.setattr("core.live.read.os.read", _refuse)
            bench.drain()
            bench.after(5)
            assert bench.got.problems["a.json"] == ("quarantined", "unreadable file")
            told = len(bench.got.sets)
            bench.after(5)
            assert len(bench.got.sets) == told, "nothing new is nothing to tell"
        bench.after(1)
        assert bench.got.loaded.keys() == {"a.json"}


def _refuse(file: int, count: int) -> bytes:
    raise PermissionError(13, "Permission denied")
