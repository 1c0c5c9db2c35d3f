"""Measuring: every benchmark in a process of its own, so that none pays for or profits from another."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

MEGA = 1_000_000


@dataclass
class Clock:
    """Counts the seconds of what happens inside `with clock("part"):`, by part."""

    parts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.parts[part] = self.parts.get(part, 0.0) + time.perf_counter() - began


@dataclass(frozen=True)
class Benchmark:
    """What is measured, and how much of it is allowed; None is any amount."""

    name: str
    what: str
    work: Callable[[Clock, Path], None]
    """Does it, in an empty folder; only what runs under the clock counts as time, everything as memory."""
    seconds: float | None = None
    megabytes: float | None = None


@dataclass(frozen=True)
class Result:
    """The best of some runs; memory is the peak of the whole process, the making of the data included."""

    name: str
    what: str
    seconds: float
    megabytes: float
    parts: dict[str, float]
    allowed_seconds: float | None
    allowed_megabytes: float | None

    @property
    def holds(self) -> bool:
        """Whether it stays within what is allowed."""
        slow = self.allowed_seconds is not None and self.seconds > self.allowed_seconds
        return not slow and (self.allowed_megabytes is None or self.megabytes <= self.allowed_megabytes)


def here(benchmark: Benchmark) -> dict[str, object]:
    """Measure once, in this process."""
    gc.disable()  # as the commands on crashpacks do
    clock = Clock()
    with TemporaryDirectory() as folder:
        benchmark.work(clock, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"parts": clock.parts, "megabytes": peak / MEGA}


def measured(benchmark: Benchmark, runs: int) -> Result:
    """The best of some measurements, each in a fresh process."""
    command = [sys.executable, "-m", "tests.bench", "--once", benchmark.name]
    found = [
        json.loads(subprocess.run(command, check=True, capture_output=True, env=os.environ).stdout) for _ in range(runs)
    ]
    best = min(found, key=lambda one: sum(one["parts"].values()))
    return Result(
        name=benchmark.name,
        what=benchmark.what,
        seconds=sum(best["parts"].values()),
        megabytes=min(one["megabytes"] for one in found),
        parts=best["parts"],
        allowed_seconds=benchmark.seconds,
        allowed_megabytes=benchmark.megabytes,
    )
