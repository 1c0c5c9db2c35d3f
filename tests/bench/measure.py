"""Measuring: every benchmark in a process of its own, so that none pays for or profits from another."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

MEGA = 1_000_000


@dataclass
class Clock:
    """Counts the seconds of what happens inside `with clock("part"):`, by part."""

    parts: dict[str, float] = field(default_factory=dict)
    now: Callable[[], float] = time.perf_counter

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        began = self.now()
        try:
            yield
        finally:
            self.parts[part] = self.parts.get(part, 0.0) + self.now() - began


@dataclass(frozen=True)
class Benchmark:
    """What is measured, and how much of it is allowed; None is any amount."""

    name: str
    what: str
    work: Callable[[Clock, Path], None]
    """Does it, in an empty folder; only what runs under the clock counts as time, everything as memory."""
    seconds: float | None = None
    megabytes: float | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    """The seconds that single parts may take."""
    processor: bool = False
    """Count processor time, for work that waits for nothing: what else the machine does matters little then."""


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
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether it stays within what is allowed."""
        slow = self.allowed_seconds is not None and self.seconds > self.allowed_seconds
        slow = slow or any(self.parts[part] > most for part, most in self.limits.items())
        return not slow and (self.allowed_megabytes is None or self.megabytes <= self.allowed_megabytes)


def here(benchmark: Benchmark) -> dict[str, object]:
    """Measure once, in this process."""
    gc.disable()  # as the commands on crashpacks do
    clock = Clock(now=time.process_time) if benchmark.processor else Clock()
    with TemporaryDirectory() as folder:
        benchmark.work(clock, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"parts": clock.parts, "megabytes": peak / MEGA}


def measured(benchmark: Benchmark, module: str, runs: int) -> Result:
    """The best of some measurements of a module's benchmark, each in a fresh process."""
    command = [sys.executable, "-m", "tests.bench.once", module, benchmark.name]
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
        limits=dict(benchmark.limits),
    )
