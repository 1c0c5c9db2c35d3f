"""A look by another process finds what one by this process does, and one that fails is made here."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.live import looking, walk
from core.live.changes import Stamp
from core.live.feed import Feed, read_all
from core.live.looking import Looking
from core.live.scan import scan
from core.store.cache import Cache, runs_in
from tests.live.feeding import MAX, run_text, write


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files are many."""
    monkeypatch.setattr(looking, "MANY", 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with everything in it that a name can be."""
    made = tmp_path / "traces"
    for name in (
        "a.json",
        "d/b.json",
        "d/e/c.jsonl",
        "line\nfeed\x1b[31m.json",
        "ü/☃.json",
        "x\\xff.json",
        "r.jsonl#3",
    ):
        write(made / name)
    Path(os.fsdecode(os.fsencode(made) + b"/\xff.json")).write_text("{}")
    Path(os.fsdecode(os.fsencode(made) + b"/\xfe")).mkdir()
    (made / "no run.txt").write_text("x")
    (made / "up").symlink_to("..")
    (made / "gone.json").symlink_to("nowhere")
    os.mkfifo(made / "pipe.json")
    return made


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders for which a process was started."""
    made: list[str] = []
    real = looking.subprocess.Popen

    def popen(command, **more):
        made.append(command[-1])
        return real(command, **more)

    monkeypatch.setattr(looking.subprocess, "Popen", popen)
    return made


def test_another_process_finds_the_same(folder: Path, started: list[str]) -> None:
    looks = Looking(folder, expected=3)
    assert started == [str(folder)]  # before anybody asks
    there, here = looks(), scan(folder)
    assert there is not None
    assert list(there.files.items()) == list(here.files.items())
    assert (there, dict(there.entries)) == (here, dict(here.entries))
    assert looks() == here
    assert len(started) == 2  # there are many now
    looks.close()


def test_a_small_folder_is_looked_at_here(tmp_path: Path, started: list[str]) -> None:
    write(tmp_path / "a.json")
    looks = Looking(tmp_path)
    assert looks() == looks() == scan(tmp_path)
    for name in ("b.json", "c.json"):
        write(tmp_path / name)
    assert looks() == scan(tmp_path)
    assert not started
    looks()
    assert len(started) == 1
    looks.close()


def test_an_empty_folder_and_none_at_all(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        looks = Looking(folder, expected=3)
        assert looks() == scan(folder)
        looks.close()


TOGETHER = """
import os, sys
from core.live import walk
walk.MUCH, copies, fork, listed = 2, [], os.fork, os.scandir
def unlocked(path):
    if path.endswith("/locked"):
        raise PermissionError(13, "Permission denied", path)
    return listed(path)
os.scandir = unlocked
def forked():
    {fails}
    copies.append(fork())
    if not copies[-1]:
        {ends}
    return copies[-1]
os.fork = forked
found = walk.Walk(sys.argv[1])
found.descend_together("")
assert len(copies) == {copies}, copies
walk.write(found, sys.stdout.buffer)
"""


@pytest.mark.parametrize(
    ("fails", "ends", "copies"),
    [
        ("pass", "pass", 1),
        ("raise OSError", "pass", 0),
        ("pass", "os._exit(1)", 1),
        ("pass", "os.kill(os.getpid(), 9)", 1),
    ],
)
def test_what_a_copy_looks_at_is_found_whatever_befalls_it(
    folder: Path, fails: str, ends: str, copies: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = os.scandir

    def unlocked(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("/locked"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    for number in range(9):
        write(folder / f"more/{number}/deep/{number}.json")
        (folder / f"more/{number}/locked").mkdir()
    monkeypatch.setattr(os, "scandir", unlocked)
    code = TOGETHER.format(fails=fails, ends=ends, copies=copies)
    there = subprocess.run([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, check=True).stdout
    together, alone = walk.read(str(folder), there), walk.Walk(str(folder))
    alone.descend("")

    def told(found: walk.Walk):
        looks = [found.numbers[at : at + walk.WIDTH].tolist() for at in range(0, len(found.numbers), walk.WIDTH)]
        return sorted(zip(found.files, looks, strict=True)), *map(sorted, (found.folders, found.others, found.locked))

    assert told(together) == told(alone)
    assert len(alone.files) == 16
    assert len(alone.locked) == 9


def test_a_folder_without_any_other_in_it_is_looked_at_by_one_alone(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / f"{number}.json")
    code = TOGETHER.format(fails="pass", ends="pass", copies=0)
    there = subprocess.run([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, check=True).stdout
    assert sorted(walk.read(str(tmp_path), there).files) == [f"{number}.json" for number in range(5)]


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "print('not that')",
        "import sys; sys.stdout.buffer.write(b'\\x02' + bytes(7) + b'[]')",
        "",
    ],
)
def test_what_fails_there_is_done_here(
    folder: Path, tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.py").write_text(code)
    monkeypatch.setattr(walk, "__file__", str(tmp_path / "bad.py"))
    looks = Looking(folder, expected=3)
    assert looks() == scan(folder)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    assert looks() == scan(folder)
    looks.close()


def test_an_answer_that_was_cut_is_none(folder: Path) -> None:
    import io

    found = walk.Walk(str(folder))
    found.descend("")
    stream = io.BytesIO()
    walk.write(found, stream)
    whole = stream.getvalue()
    assert vars(walk.read(str(folder), whole)) == vars(found)
    for cut in (whole[:-1], whole[:40], whole[:5], b""):
        with pytest.raises(ValueError):
            walk.read(str(folder), cut)


def test_closing_ends_a_look(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(600)")
    monkeypatch.setattr(walk, "__file__", str(tmp_path / "slow.py"))
    never_asked = Looking(folder, expected=3)
    process = never_asked._process
    never_asked.close()
    assert process is not None
    assert process.returncode is not None
    looks, found = Looking(folder, expected=3), []
    thread = threading.Thread(target=lambda: found.append(looks()))
    thread.start()
    looks.close()
    thread.join(30)
    assert found == [None]
    assert looks() is None


def test_a_feed_that_is_closed_in_the_midst_of_a_look_tells_nothing(folder: Path) -> None:
    write(folder / "run.json", run_text("one"), age=60)
    feed = Feed(folder, MAX, look=Looking(folder))
    found = feed.poll()
    assert found is not None
    assert "run.json" in found.loaded
    feed._scanned_at = -1e9  # it is time to look again
    feed._everything.close()
    assert feed.poll() is None
    assert "run.json" in feed._scan.entries
    feed.close()


def test_a_reading_of_everything_may_look_elsewhere(folder: Path, started: list[str]) -> None:
    looks = Looking(folder, expected=3)
    assert read_all(folder, MAX, look=looks) == read_all(folder, MAX)
    assert len(started) == 1


def test_an_inode_beyond_63_bits_is_looked_at_closely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.json")
    write(tmp_path / "b.json")
    real, odd = os.lstat, 2**63 + 5

    def lstat(path):
        status = real(path)
        if not str(path).endswith("a.json"):
            return status
        told = {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}
        return SimpleNamespace(**{**told, "st_ino": odd})

    class Entry:
        def __init__(self, entry):
            self._entry = entry
            self.name = entry.name
            self.is_file, self.is_dir = entry.is_file, entry.is_dir

        def stat(self, *, follow_symlinks):
            return lstat(self._entry.path)

    class Listing(list):
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    scandir = os.scandir
    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr(os, "scandir", lambda path: Listing(map(Entry, scandir(path))))
    found = scan(tmp_path)
    assert list(found.files) == ["b.json", "a.json"]
    assert isinstance(found.entries["a.json"], Stamp)
    assert found.entries["a.json"].inode == odd - 2**64


def test_a_cache_tells_about_how_many_runs_there_are(tmp_path: Path) -> None:
    assert runs_in(tmp_path) == 0
    Cache(tmp_path).change([bytes(5_000_000)])
    assert 4_000 < runs_in(tmp_path) < 6_000
