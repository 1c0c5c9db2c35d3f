"""Events by way of another process: the same ones, and its end is no end of the watching."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from core.live import process, watch_apart
from core.live.feed import Feed
from core.live.messages import receive, send
from core.live.watch import Watching
from core.live.watch_apart import FAILED, FOLDER, events_apart
from tests.live.feeding import MAX, Consumer, wait_until, write


class Started:
    """Processes that were started, to look at."""

    def __init__(self) -> None:
        self.all: list[process.New] = []

    def __call__(self, serve: process.Serve) -> process.New:
        self.all.append(process.New(serve))
        return self.all[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "line\nfeed and ü"
    made.mkdir()
    return made


def test_changes_are_told_by_their_paths(folder: Path) -> None:
    stop, started = threading.Event(), Started()
    batches = events_apart(folder, stop, started)
    assert list(next(batches)) == []  # from now on they come
    write(folder / "new\n.json")
    (folder / "d").mkdir()
    seen: set[str] = set()
    for batch in batches:
        seen.update(batch)
        if {str(folder / "new\n.json"), str(folder / "d")} <= seen:
            stop.set()
    (other,) = started.all
    assert not other.is_alive()


def limited(tasks: IO[bytes], answers: IO[bytes]) -> None:
    receive(tasks)
    send(answers, FAILED, b"28 no space left on device")


def missing(tasks: IO[bytes], answers: IO[bytes]) -> None:
    receive(tasks)
    send(answers, FAILED, b"2 no such file")


def odd(tasks: IO[bytes], answers: IO[bytes]) -> None:
    receive(tasks)
    send(answers, FAILED, b"0 it cannot be done")


@pytest.mark.parametrize(
    ("serve", "error", "told"),
    [
        (limited, OSError, "no space left"),
        (missing, FileNotFoundError, "no such file"),
        (odd, RuntimeError, "it cannot be done"),
    ],
)
def test_what_goes_wrong_there_goes_wrong_here(
    folder: Path, serve: process.Serve, error: type[Exception], told: str
) -> None:
    started: list[process.New] = []

    def other(_: process.Serve) -> process.New:
        started.append(process.New(serve))
        return started[0]

    with pytest.raises(error, match=told):
        next(iter(events_apart(folder, threading.Event(), other)))
    assert not started[0].is_alive()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("odd")])
def test_it_tells_why_it_cannot_watch(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_events(*_: object) -> Iterator[list[str]]:
        raise error

    monkeypatch.setattr(watch_apart, "native_events", no_events)
    told, answers = io.BytesIO(), io.BytesIO()
    send(told, FOLDER, b"/nowhere")
    told.seek(0)
    monkeypatch.setattr(watch_apart, "_end_with", lambda _: None)
    watch_apart.serve(told, answers)
    answers.seek(0)
    assert receive(answers) == (FAILED, b"28 No space left on device" if isinstance(error, OSError) else b"0 odd")


def test_a_process_that_dies_is_an_error(folder: Path) -> None:
    started = Started()
    batches = events_apart(folder, threading.Event(), started)
    next(batches)
    os.kill(started.all[0]._process.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="has ended"):
        for _ in batches:
            pass


def test_it_ends_with_the_one_that_it_works_for(folder: Path) -> None:
    started = Started()
    batches = events_apart(folder, threading.Event(), started)
    next(batches)
    (other,) = started.all
    other.tasks.close()  # as the system does it for a process that was killed
    with pytest.raises(RuntimeError, match="has ended"):
        for _ in batches:
            pass
    assert not other.is_alive()


@pytest.fixture
def live(folder: Path) -> Iterator[Feed]:
    feed = Feed(folder, MAX, source=events_apart)
    feed.start()
    yield feed
    feed.close()


def test_a_feed_follows_the_folder_by_it(live: Feed, folder: Path) -> None:
    got = Consumer()
    got.wait(live, lambda: live.watching == Watching("events"))
    write(folder / "a.json")
    got.wait(live, lambda: got.loaded.keys() == {"a.json"})
    (folder / "a.json").unlink()
    got.wait(live, lambda: not got.loaded)


def test_after_the_end_of_the_process_another_one_watches(folder: Path) -> None:
    started, got = Started(), Consumer()
    feed = Feed(folder, MAX, source=lambda place, stop: events_apart(place, stop, started))
    feed.start()
    got.wait(feed, lambda: feed.watching == Watching("events"))
    os.kill(started.all[0]._process.pid, signal.SIGKILL)
    got.wait(feed, lambda: len(started.all) == 2 and feed.watching == Watching("events"))
    write(folder / "a.json")
    got.wait(feed, lambda: got.loaded.keys() == {"a.json"})
    feed.close()


def test_where_it_cannot_be_the_folder_is_polled(folder: Path) -> None:
    def nothing(*_: object) -> Iterator[list[str]]:
        return events_apart(folder, threading.Event(), lambda _: process.New(limited))

    feed, got = Feed(folder, MAX, source=nothing), Consumer()
    feed.start()
    got.wait(feed, lambda: feed.watching.mode == "polling")
    assert feed.watching.reason.startswith("the system gives no events: ")
    write(folder / "a.json")
    got.wait(feed, lambda: got.loaded.keys() == {"a.json"})
    feed.close()
    wait_until(lambda: not feed._watcher._thread.is_alive())
