"""The cache is disposable: whatever is odd about it, work goes on."""

from __future__ import annotations

import sqlite3
import threading
from types import SimpleNamespace

import pytest

from core.store import cache as module
from core.store.cache import NAME, Cache, MinedRow


def data(cache):
    return [one for _, one, _ in cache.load()]


def test_segments_come_back_in_order(tmp_path):
    cache = Cache(tmp_path)
    assert cache.load() == []
    numbers = cache.change([b"a", b"b"])
    assert data(cache) == [b"a", b"b"]
    cache.change([b"c"], numbers[:1])
    assert data(Cache(tmp_path)) == [b"b", b"c"]


def test_what_is_kept_beside_a_segment_goes_with_it(tmp_path):
    cache = Cache(tmp_path)
    first, second = cache.change([b"a", b"b"])
    cache.keep({first: b"of a", second: b"of b", 99: b"of nobody"})
    assert Cache(tmp_path).load() == [(first, b"a", b"of a"), (second, b"b", b"of b")]
    cache.keep({second: b"else"})
    cache.change([], [first])
    (third,) = cache.change([b"c"])
    assert cache.load() == [(second, b"b", b"else"), (third, b"c", b"")]
    with sqlite3.connect(tmp_path / NAME) as file:
        assert file.execute("select number from beside").fetchall() == [(second,)]
    file.close()
    assert Cache(tmp_path, "about else").load() == []
    cache.keep({second: b"of another time"})
    assert Cache(tmp_path, "about else").load() == []


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to look at" * 200])
def test_what_is_no_cache_is_thrown_away(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    assert Cache(tmp_path).load() == []
    assert len(Cache(tmp_path).change([b"a"])) == 1
    assert data(Cache(tmp_path)) == [b"a"]


def test_a_damaged_cache_is_thrown_away(tmp_path):
    Cache(tmp_path).change([b"x" * 100_000])
    place = tmp_path / NAME
    whole = place.read_bytes()
    place.write_bytes(whole[:5_000] + bytes(len(whole) - 5_000))
    Cache(tmp_path).load()
    Cache(tmp_path).discard()
    assert Cache(tmp_path).load() == []


def test_another_version_is_thrown_away(tmp_path):
    Cache(tmp_path).change([b"a"])
    with sqlite3.connect(tmp_path / NAME) as file:
        file.execute("pragma user_version = 99")
    file.close()
    assert Cache(tmp_path).load() == []
    assert not (tmp_path / NAME).exists()


def test_a_place_that_cannot_be_written_is_no_error(tmp_path):
    assert Cache(tmp_path / "missing").change([b"a"]) == []
    Cache(tmp_path / "missing").keep({1: b"a"})
    assert Cache(tmp_path / "missing").load() == []


def test_several_writers_lose_nothing(tmp_path):
    assert Cache(tmp_path).change([b"first"])

    def write(name):
        for number in range(20):
            assert Cache(tmp_path).change([f"{name}{number}".encode()])

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = {f"{name}{number}".encode() for name in "ab" for number in range(20)}
    assert sorted(data(Cache(tmp_path))) == sorted({b"first", *written})


@pytest.mark.parametrize("how", ["change", "keep", "keep_mined"])
def test_a_disk_that_gets_full_loses_the_cache_and_nothing_is_left(tmp_path, monkeypatch, how):
    cache, much = Cache(tmp_path), b"x" * 1_000_000
    (number,) = cache.change([b"a"])
    monkeypatch.setattr(module, "_PRAGMAS", ("max_page_count = 100",))
    if how == "change":
        assert cache.change([b"b", much]) == []
    elif how == "keep":
        cache.keep({number: much})
    else:
        cache.keep_mined([MinedRow("cohort", b"about", much)], {"cohort"})
    assert not list(tmp_path.iterdir())
    assert cache.change([b"c"]) == [], "the disk is full"
    monkeypatch.undo()
    assert Cache(tmp_path).change([b"c"])


def test_what_does_not_fit_on_the_disk_is_not_begun(tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    assert cache.change([b"a"])
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: SimpleNamespace(free=40_000_000))
    assert cache.change([b"x" * 5_000_000]) == []
    assert cache.change([b"x" * 3_000_000])
    assert [len(one) for one in data(cache)] == [1, 3_000_000]
