"""The engine at size: cold and warm starts, single changes, memory and keys, beside the floor of the same run.

The floor is `json.loads` over the same files in one process; floor and start take turns, and the median counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.runs import newest, run_bytes, write_runs
from tests.bench.terminal import Terminal, compiled

PATIENCE = 900.0
"""Seconds after which something counts as not done at all."""

KEYS = 120
"""Key presses while runs arrive."""


@dataclass(frozen=True)
class Size:
    """A traces folder: so many runs of so many actions."""

    runs: int
    actions: int
    cold: float | None = None
    """Times the floor that a cold start may take."""
    deep: bool = False
    """Whether it is also watched on screen."""
    turns: int = 3

    @property
    def name(self) -> str:
        return f"{self.runs:,} × {self.actions}"


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    sizes: Sequence[Size]
    modes: Sequence[str] = ("exact", "generalised")
    changes: int = 40
    burst: int = 10_000


PLANS = {
    "engine": Plan(
        (Size(10_000, 12, 1.3), Size(1_000, 200, 1.2), Size(100_000, 12, 1.0, deep=True)),
    ),
    "engine-10k": Plan((Size(10_000, 12, 1.3, deep=True), Size(1_000, 200, 1.2))),
    "engine-exact": Plan(
        (Size(10_000, 12, 1.3), Size(1_000, 200, 1.2), Size(100_000, 12, 1.0, deep=True)), modes=("exact",)
    ),
    "engine-generalised": Plan(
        (Size(10_000, 12, 1.3), Size(1_000, 200, 1.2), Size(100_000, 12, 1.0, deep=True)), modes=("generalised",)
    ),
    "engine-short": Plan((Size(1_000, 12, deep=True, turns=1),), changes=5, burst=1_000),
}
"""Tables by name; generalised mode may take twice of everything."""


@dataclass(frozen=True)
class Figure:
    """One figure of the table."""

    mode: str
    size: str
    what: str
    value: float
    unit: str
    allowed: float | None = None
    floor: float | None = None
    """Seconds of the floor, for a figure in seconds that is judged as a multiple of it."""
    more: str = ""

    @property
    def ratio(self) -> float | None:
        """Times the floor."""
        return self.value / self.floor if self.floor else None

    @property
    def holds(self) -> bool:
        """Whether it stays within what is allowed."""
        return self.allowed is None or (self.ratio or self.value) <= self.allowed

    def row(self) -> str:
        """A line of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} × floor"
        limit = "" if self.allowed is None else f"of {self.allowed:g}{' × floor' if self.floor else ' ' + self.unit}"
        mark = "" if self.allowed is None else "ok" if self.holds else "TOO MUCH"
        value = f"{self.value:.3g}" if self.value < 1000 else f"{self.value:.0f}"
        return (
            f"{self.mode:<12}{self.size:<14}{self.what:<30}{value + ' ' + self.unit:<11}{ratio:<14}{limit:<17}"
            f"{mark:<9}{self.more}"
        )

    def told(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "mode": self.mode,
            "size": self.size,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "floor": self.floor,
            "ratio": self.ratio,
            "allowed": self.allowed,
            "holds": self.holds,
            "more": self.more,
        }


def figures(plan: Plan, data: Path | None = None) -> Iterator[Figure]:
    """Measure; the runs are written to `data`, where they stay, else to a folder that is removed."""
    with TemporaryDirectory() as made:
        for mode in plan.modes:
            known: dict[str, list[Figure]] = {}
            for size in plan.sizes:
                folder = _written(data or Path(made), size)
                try:
                    for figure in _of_size(folder, size, mode, plan):
                        known.setdefault(figure.what, []).append(figure)
                        yield figure
                except (TimeoutError, subprocess.TimeoutExpired):
                    yield Figure(mode, size.name, "what follows is not done in time", PATIENCE, "s", allowed=0)
            yield from _growth(known, mode)


def _written(place: Path, size: Size) -> Path:
    """The folder with the runs of a size, written in several processes."""
    folder = place / f"runs-{size.runs}-{size.actions}"
    if not folder.exists():
        part = 1_000
        jobs = [(folder, min(part, size.runs - at), size.actions, at) for at in range(0, size.runs, part)]
        with ProcessPoolExecutor() as pool:
            list(pool.map(_write, jobs))
    return folder


def _write(job: tuple[Path, int, int, int]) -> None:
    folder, count, actions, first = job
    write_runs(folder, count, actions, first=first)


def _task(*arguments: object) -> dict[str, Any]:
    """What a task found, done in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.engine_tasks", *map(str, arguments)]
    as_the_program = {**compiled(), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=PATIENCE, env=as_the_program)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _of_size(folder: Path, size: Size, mode: str, plan: Plan) -> Iterator[Figure]:
    slack = 1 if mode == "exact" else 2
    turns = size.turns if mode == "exact" else 1

    def figure(what: str, value: float, unit: str, allowed: float | None = None, **more: Any) -> Figure:
        return Figure(mode, size.name, what, value, unit, allowed and allowed * slack, **more)

    _task("floor", folder)  # so that the files are in memory
    floors, starts, firsts = [], [], []
    for _ in range(turns):
        floors.append(_task("floor", folder))
        starts.append(_task("cold", folder, mode))
        firsts.append(_task("first", folder, mode))
    floor = median(one["seconds"] for one in floors)
    yield figure("floor", floor, "s", more=f"processor {_middle(floors, 'processor'):.2f} s")
    parts = {name: median(one["parts"].get(name, 0.0) for one in starts) for name in starts[0]["parts"]}
    told = ", ".join(f"{name} {taken:.2f}" for name, taken in parts.items())
    used = _middle(starts, "processor") / _middle(floors, "processor")
    start = _middle(starts, "seconds")
    yield figure("cold start", start, "s", size.cold, floor=floor, more=f"{told}; processor {used:.2f} × floor's")
    yield figure("cold start with imports", _middle(firsts, "seconds"), "s", floor=floor)
    yield figure("cold start, memory", _middle(starts, "peak"), "MB")
    if size.deep:
        with TemporaryDirectory() as workspace:
            yield from _watched(folder, Path(workspace) / "w", size, mode, plan, figure)


def _watched(folder: Path, workspace: Path, size: Size, mode: str, plan: Plan, figure: Any) -> Iterator[Figure]:
    """What a person who watches has to wait for, and how much memory that takes."""
    frame, rows, terminal = _opened(folder, workspace, size, mode)
    yield figure("first frame, no cache", frame, "s", 0.6)
    terminal.rest(5)
    yield figure("memory on screen, settled", terminal.megabytes(), "MB", 350, more=f"peak {terminal.peak:.0f} MB")
    yield from _on_screen(terminal, folder, size, plan, figure)
    terminal.quit()
    frame, rows, terminal = _opened(folder, workspace, size, mode)
    yield figure("first frame, cache", frame, "s", 0.6)
    yield figure("first rows, cache", rows, "s", 2)
    terminal.quit()
    watched = _task("watch", folder, workspace, mode, plan.changes)
    more = f"processor {watched['processor']:.2f} s"
    yield figure("complete snapshot, cache", watched["seconds"], "s", 1.5, more=more)
    yield figure("a new file, in core (p95)", 1000 * _p(95, watched["changes"]), "ms", 60, more=_spread(watched))


def _opened(folder: Path, workspace: Path, size: Size, mode: str) -> tuple[float, float, Terminal]:
    """Seconds to the first frame and to the first rows, and the terminal."""
    terminal = Terminal(folder, workspace, mode)
    frame = terminal.until(r"assay ") - terminal.began
    rows = terminal.until(r"[▸▾▌] .*✓\d", memory=True) - terminal.began
    terminal.until(rf"live  {size.runs:,} runs")
    return frame, rows, terminal


def _on_screen(terminal: Terminal, folder: Path, size: Size, plan: Plan, figure: Any) -> Iterator[Figure]:
    """Single runs until the screen tells of them, then keys while many arrive."""
    beside = Path(f"{folder}-new")
    beside.mkdir()
    taken, came = [], []
    try:
        for number in range(plan.changes):
            spare, place = beside / f"one-{number}.json", newest(folder) / f"run-one-{number}.json"
            spare.write_bytes(run_bytes(6_000_000 + number, 12))
            terminal.forget()
            began = time.perf_counter()
            spare.rename(place)
            came.append(place)
            taken.append(terminal.until(rf"{size.runs + 1 + number:,} runs") - began)
            terminal.rest(0.7)
        yield figure(
            "a new file, to the screen (p95)", 1000 * _p(95, taken), "ms", 150, more=_spread({"changes": taken})
        )
        write_runs(beside / "burst", plan.burst, 12, first=7_000_000)
        terminal.begin_at("\x1b[B")
        quiet = [terminal.move(("\x1b[A", "\x1b[B")[number % 2]) for number in range(20)]
        (beside / "burst").rename(folder / "burst")
        keys = [terminal.move(("\x1b[A", "\x1b[B")[number % 2]) for number in range(KEYS)]
        more = f"median {1000 * median(keys):.0f} ms; when nothing arrives {1000 * median(quiet):.0f} ms"
        yield figure(f"key, {plan.burst:,} arrive (p99)", 1000 * _p(99, keys), "ms", 60, more=more)
        terminal.until(rf"{size.runs + plan.changes + plan.burst:,} runs")
    finally:
        for place in came:
            place.unlink()
        if (folder / "burst").exists():
            (folder / "burst").rename(beside / "over")
        subprocess.run(["rm", "-r", str(beside)], check=True)
    terminal.until(rf"live  {size.runs:,} runs")


def _growth(known: dict[str, list[Figure]], mode: str) -> Iterator[Figure]:
    """How much more ten times the runs take, where both were measured."""
    for what in ("cold start", "cold start, memory"):
        small = [one for one in known.get(what, ()) if one.size == "10,000 × 12"]
        large = [one for one in known.get(what, ()) if one.size == "100,000 × 12"]
        if small and large:
            yield Figure(mode, "ten times", what, large[0].value / small[0].value, "×", 11)


def _middle(found: Sequence[dict[str, Any]], name: str) -> float:
    return median(one[name] for one in found)


def _p(share: int, values: Sequence[float]) -> float:
    """The value below which so many of a hundred lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def _spread(found: dict[str, Any]) -> str:
    return f"median {1000 * median(found['changes']):.0f} ms of {len(found['changes'])}"
