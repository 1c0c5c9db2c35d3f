from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.live import watch as module
from core.live.hints import MOST_PATHS, HintBox, Hints
from core.live.mounts import mount_kind, silent_mount
from core.live.watch import Watcher, Watching
from tests.live.feeding import DEADLINE, FakeEvents

EVERYTHING = Hints(everything=True)


class Said:
    """What a watcher says about itself, in order."""

    def __init__(self) -> None:
        self.all: list[Watching] = []
        self._news = threading.Condition()

    def __call__(self, watching: Watching) -> None:
        with self._news:
            self.all.append(watching)
            self._news.notify_all()

    def wait(self, holds: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(holds, DEADLINE), self.all


@contextmanager
def watching(
    folder: Path, source: FakeEvents, said: Said, *, polling: bool = False
) -> Iterator[tuple[Watcher, HintBox]]:
    box = HintBox()
    watcher = Watcher(folder, box, source=source, on_watching=said, polling=polling)
    watcher.start()
    try:
        yield watcher, box
    finally:
        watcher.stop()


class TestHints:
    def test_gathers_until_taken(self) -> None:
        box = HintBox()
        box.put(["a", "b"])
        box.put(["b", "c"])
        assert box.peek() == box.take(0) == Hints(frozenset("abc"))
        assert not box.take(0)

    def test_many_paths_become_everything(self) -> None:
        box = HintBox()
        for number in range(MOST_PATHS):
            box.put([str(number)])
        assert not box.peek().everything
        box.put(["one more"])
        box.put(["and another"])
        assert box.take(0) == EVERYTHING

    def test_take_waits_for_a_hint(self) -> None:
        box = HintBox()
        other = threading.Thread(target=box.put, args=(["a"],))
        other.start()
        assert box.take(DEADLINE) == Hints(frozenset("a"))
        other.join()

    def test_close_wakes_up(self) -> None:
        box = HintBox()
        other = threading.Thread(target=box.close)
        other.start()
        assert not box.take(DEADLINE)
        other.join()


class TestEvents:
    def test_everything_is_looked_at_once_events_come(self, tmp_path: Path) -> None:
        events, said = FakeEvents(), Said()
        with watching(tmp_path, events, said) as (watcher, box):
            events.wait_armed()
            assert watcher.watching == Watching("events")
            assert box.take(0) == EVERYTHING
        assert said.all == [Watching("events"), Watching()]

    def test_paths_become_units(self, tmp_path: Path) -> None:
        events = FakeEvents()
        with watching(tmp_path, events, Said()) as (_, box):
            events.wait_armed()
            box.take(0)
            events.tell(tmp_path / "a.json", tmp_path / "d" / "b.json")
            assert box.take(DEADLINE) == Hints(frozenset({"a.json", "d/b.json"}))

    def test_watches_where_a_link_leads(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to("real")
        events = FakeEvents()
        with watching(tmp_path / "link", events, Said()) as (_, box):
            events.wait_armed()
            box.take(0)
            events.tell(tmp_path / "real" / "a.json")
            assert box.take(DEADLINE) == Hints(frozenset({"a.json"}))

    @pytest.mark.parametrize("place", [".", "../elsewhere/a.json"])
    def test_what_is_not_below_the_folder_means_everything(self, tmp_path: Path, place: str) -> None:
        events = FakeEvents()
        with watching(tmp_path, events, Said()) as (_, box):
            events.wait_armed()
            box.take(0)
            events.tell((tmp_path / place).resolve(), tmp_path / "b.json")
            assert box.take(DEADLINE) == EVERYTHING


class TestTrouble:
    def test_folder_removed_and_made_again(self, tmp_path: Path) -> None:
        folder = tmp_path / "traces"
        folder.mkdir()
        events, said = FakeEvents(), Said()
        with watching(folder, events, said) as (watcher, box):
            events.wait_armed()
            box.take(0)
            folder.rmdir()
            said.wait(lambda: said.all[-1].mode == "off")
            assert box.take(DEADLINE) == EVERYTHING
            folder.mkdir()
            events.wait_armed()
            assert watcher.watching.mode == "events"
            assert box.take(DEADLINE) == EVERYTHING

    def test_folder_swapped_for_another(self, tmp_path: Path) -> None:
        folder, other = tmp_path / "traces", tmp_path / "other"
        folder.mkdir()
        other.mkdir()
        events = FakeEvents()
        with watching(folder, events, Said()):
            events.wait_armed()
            shutil.rmtree(folder)
            other.rename(folder)
            events.wait_armed()

    def test_folder_that_is_not_there_yet(self, tmp_path: Path) -> None:
        events = FakeEvents()
        with watching(tmp_path / "later", events, Said()) as (watcher, _):
            assert watcher.watching.mode == "off"
            (tmp_path / "later").mkdir()
            events.wait_armed()

    def test_events_that_end_are_armed_again(self, tmp_path: Path) -> None:
        events = FakeEvents()
        with watching(tmp_path, events, Said()) as (_, box):
            events.wait_armed()
            box.take(0)
            events.queue.put(None)
            events.wait_armed()
            assert box.take(0) == EVERYTHING

    def test_inotify_limit_means_polling_and_events_are_tried_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "RETRY", 0.001)
        events, said = FakeEvents(), Said()
        with watching(tmp_path, events, said) as (_, box):
            events.wait_armed()
            box.take(0)
            events.queue.put(OSError(28, "OS file watch limit reached"))
            events.wait_armed()
            assert box.take(0) == EVERYTHING
        reason = "the system gives no events: os file watch limit reached"
        assert said.all[:3] == [Watching("events"), Watching("polling", reason), Watching("events")]

    def test_one_error_is_survived(self, tmp_path: Path) -> None:
        events, said = FakeEvents(), Said()
        with watching(tmp_path, events, said) as (_, box):
            events.wait_armed()
            box.take(0)
            events.queue.put(RuntimeError("Unable to decode path"))
            events.wait_armed()
            assert box.take(0) == EVERYTHING
        assert "polling" not in {said.mode for said in said.all}

    def test_errors_without_end_mean_polling(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_TICK", 0.001)
        events, said = FakeEvents(), Said()
        for _ in range(5):
            events.queue.put(RuntimeError("Broken"))
        with watching(tmp_path, events, said):
            said.wait(lambda: Watching("polling", "events keep failing: broken") in said.all)

    def test_network_mount_means_polling(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "silent_mount", lambda folder: "nfs4")
        said = Said()
        with watching(tmp_path, FakeEvents(), said):
            said.wait(
                lambda: said.all == [Watching("polling", "changes on a file system of kind nfs4 are not announced")]
            )

    def test_distrust_means_polling(self, tmp_path: Path) -> None:
        events, said = FakeEvents(), Said()
        with watching(tmp_path, events, said) as (watcher, box):
            events.wait_armed()
            box.take(0)
            watcher.distrust("changes come without events")
            said.wait(lambda: said.all[-1] == Watching("polling", "changes come without events"))
            assert box.take(DEADLINE) == EVERYTHING

    def test_polling_on_request(self, tmp_path: Path) -> None:
        with watching(tmp_path, FakeEvents(), Said(), polling=True) as (watcher, _):
            assert watcher.watching == Watching("polling", "polling was asked for")


class TestStop:
    def test_stop_ends_the_thread_whatever_it_does(self, tmp_path: Path) -> None:
        before = threading.active_count()
        for polling in (True, False):
            for folder in (tmp_path, tmp_path / "none"):
                with watching(folder, FakeEvents(), Said(), polling=polling) as (watcher, _):
                    pass
                watcher.stop()
                assert watcher.watching == Watching()
        assert threading.active_count() == before

    def test_native_events_end_with_stop(self, tmp_path: Path) -> None:
        watcher = Watcher(tmp_path, box := HintBox())
        watcher.start()
        assert box.take(DEADLINE) == EVERYTHING
        watcher.stop(DEADLINE)
        assert "watch" not in {thread.name for thread in threading.enumerate()}

    def test_native_events_see_a_link_that_comes_as_they_begin(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def watch(*_: object, **__: object) -> Iterator[set[object]]:
            (tmp_path / "link").symlink_to(tmp_path)
            yield set()

        monkeypatch.setattr(module.watchfiles, "watch", watch)
        with pytest.raises(OSError, match="links to folders"):
            list(module.native_events(tmp_path, threading.Event()))

    def test_native_events_end_with_the_folder(self, tmp_path: Path) -> None:
        folder, late = tmp_path.resolve() / "runs", threading.Event()
        folder.mkdir()
        timer = threading.Timer(DEADLINE, late.set)
        timer.start()
        for number, _ in enumerate(module.native_events(folder, late)):
            if number == 0:
                folder.rmdir()
                folder.mkdir()  # maybe with the same inode
        timer.cancel()
        assert not late.is_set()

    def test_stop_before_start(self, tmp_path: Path) -> None:
        Watcher(tmp_path, HintBox()).stop()


class TestMounts:
    TEXT = (
        "22 1 0:21 / / rw,relatime - ext4 /dev/sda1 rw\n"
        "23 22 0:22 / /data rw,relatime shared:1 - xfs /dev/sdb1 rw\n"
        "24 23 0:23 / /data/net\\040share rw - nfs4 host:/x rw\n"
        "25 22 0:24 / /over rw - ext4 /dev/sdc1 rw\n"
        "26 22 0:25 / /over rw - fuse.sshfs me@host: rw\n"
        "nonsense\n"
    )

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/home/me", "ext4"),
            ("/data", "xfs"),
            ("/database", "ext4"),
            ("/data/net share/traces", "nfs4"),
            ("/over/x", "fuse.sshfs"),
        ],
    )
    def test_kind_of_the_mount_that_a_path_lies_on(self, path: str, kind: str) -> None:
        assert mount_kind(self.TEXT, path) == kind

    def test_only_silent_kinds_are_told(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "mounts").write_text(
            f"1 0 0:1 / {tmp_path} rw - nfs x rw\n2 1 0:2 / {tmp_path}/local rw - ext4 x rw\n"
        )
        monkeypatch.setattr("core.live.mounts._MOUNTS", tmp_path / "mounts")
        assert silent_mount(tmp_path / "traces") == "nfs"
        assert silent_mount(tmp_path / "local" / "traces") is None
        monkeypatch.setattr("core.live.mounts._MOUNTS", tmp_path / "none")
        assert silent_mount(tmp_path) is None
