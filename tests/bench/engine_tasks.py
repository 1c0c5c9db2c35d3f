"""What the engine is measured by, each in a process of its own: `python -m tests.bench.engine_tasks TASK FOLDER …`.

A task prints JSON: its wall-clock seconds, and those of processor time of itself and of the processes it started.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Condition
from typing import Any

from tests.bench.runs import newest, run_bytes, write_runs

FAR = 5_000_000
"""The number of the first run that comes while somebody watches."""


def processor() -> float:
    """Seconds of processor time, user and system, of this process and of those it has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def floor(folder: Path) -> dict[str, Any]:
    """`json.loads` over the same files, in one process: what nobody can do without."""
    began = time.perf_counter()
    for inside, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(inside, name), "rb") as file:  # noqa: PTH118, PTH123 - as little as possible
                json.loads(file.read())
    return {"seconds": time.perf_counter() - began, "processor": processor()}


def cold(folder: Path, mode: str) -> dict[str, Any]:
    """A first look at a folder without a cache: load, mine, compare; and the parts of it.

    The program's modules are imported before, as those of the floor are.
    """
    with TemporaryDirectory() as few:
        write_runs(Path(few), 20, 12)
        first(Path(few), mode)
    return first(folder, mode)


def first(folder: Path, mode: str) -> dict[str, Any]:
    """The same with whatever has to be imported for it."""
    parts: dict[str, float] = {}
    began = time.perf_counter()
    with TemporaryDirectory() as workspace:
        session = _session(folder, Path(workspace) / "w", mode)
        opened = time.perf_counter()
        with _timed(parts):
            snapshot = session.refresh()
        ended = time.perf_counter()
        session.close()
        assert snapshot.loaded
        assert not snapshot.quarantined
    parts["open"] = opened - began
    return {
        "seconds": ended - began,
        "processor": processor(),
        "parts": parts,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@contextmanager
def _timed(parts: dict[str, float]) -> Iterator[None]:
    """Adds up how long loading and comparing take."""
    from core.columns import shadow
    from core.live import proposing
    from core.live.supply import Supply

    places: list[tuple[Any, str, str]] = [
        (Supply, "read_all", "load"),
        (shadow, "compare", "shadow"),
        (proposing, "assess", "shadow"),
    ]
    before = [getattr(holder, name) for holder, name, _ in places]
    for (holder, name, part), given in zip(places, before, strict=True):
        setattr(holder, name, _counted(given, part, parts))
    try:
        yield
    finally:
        for (holder, name, _), given in zip(places, before, strict=True):
            setattr(holder, name, given)


def _counted(given: Callable[..., Any], part: str, parts: dict[str, float]) -> Callable[..., Any]:
    def counted(*args: Any, **more: Any) -> Any:
        began = time.perf_counter()
        try:
            return given(*args, **more)
        finally:
            parts[part] = parts.get(part, 0.0) + time.perf_counter() - began

    return counted


def watch(folder: Path, workspace: Path, mode: str, changes: int) -> dict[str, Any]:
    """Start to watch, with whatever cache there is, then give the folder some runs, one after the other.

    Tells the seconds to the complete snapshot, and of every change from the rename to the snapshot that knows it.
    """
    spare = Path(f"{folder}-coming")  # beside it: a rename is only one on the same disk
    spare.mkdir(exist_ok=True)
    began = time.perf_counter()
    session = _session(folder, workspace, mode)
    shown = _Shown()
    session.start(shown.take, lambda _: None)
    shown.wait(lambda snapshot: snapshot.loaded > 0 and not snapshot.unranked)
    complete, used = time.perf_counter() - began, processor()
    taken = []
    came = []
    try:
        for number in range(changes):
            place = spare / f"came-{number}.json"
            place.write_bytes(run_bytes(FAR + number, 12))
            wanted = session.snapshot.loaded + 1
            at = newest(folder) / f"run-{place.name}"
            started = time.perf_counter()
            place.rename(at)
            came.append(at)
            shown.wait(lambda snapshot, wanted=wanted: snapshot.loaded >= wanted)
            taken.append(time.perf_counter() - started)
            if mode == "exact":
                shown.wait(lambda snapshot, wanted=wanted: snapshot.loaded >= wanted and not snapshot.unranked)
            else:  # mining goes on beside, for longer than anybody waits
                time.sleep(0.5)
    finally:
        session.close()
        for at in came:
            at.unlink()
        shutil.rmtree(spare)
    return {"seconds": complete, "processor": used, "changes": taken}


class _Shown:
    """The newest snapshot, to wait for."""

    def __init__(self) -> None:
        self._news = Condition()
        self._snapshot: Any = None

    def take(self, snapshot: Any) -> None:
        with self._news:
            self._snapshot = snapshot
            self._news.notify_all()

    def wait(self, holds: Callable[[Any], bool]) -> None:
        with self._news:
            if not self._news.wait_for(lambda: self._snapshot is not None and holds(self._snapshot), timeout=600):
                raise TimeoutError("no such snapshot came")


def _session(folder: Path, workspace: Path, mode: str) -> Any:
    from core.session import Session  # its import is part of what a first look waits for

    return Session.open(folder, workspace=workspace, mode=mode)


def main() -> None:
    """Do one task and print what it took."""
    task, folder, *more = sys.argv[1:]
    match task:
        case "floor":
            found = floor(Path(folder))
        case "cold":
            found = cold(Path(folder), more[0])
        case "first":
            found = first(Path(folder), more[0])
        case _:
            found = watch(Path(folder), Path(more[0]), more[1], int(more[2]))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
