"""Reading runs into a dataset and mining it with two workers of this machine (docs/cluster.md).

Reading is judged by the processor time of the workers, which other programs on the machine disturb less than the clock.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from core.cluster.ingest import PART_FILES, ingest
from core.cluster.mine import mine
from core.cluster.mining import Rules
from core.cluster.place import Place, normal
from core.cluster.reading import read_part
from core.cluster.running import DaskCluster
from core.cluster.source import Source
from core.live.snapshot import Snapshot
from core.model.jsontext import digest
from core.store.policy import Policy
from tests.bench.engine import Figure
from tests.bench.measure import MEGA
from tests.bench.runs import write_runs
from tests.cluster.local import MAX, NOW, locally, told
from tests.cluster.serial import silent

Made = TypeVar("Made")

ACTIONS = 12
WORKERS = 2
POLICY = Policy(mode="exact")
TURNS = 5
FEW = 1_000
"""Runs that are read first, so that every worker has loaded what it needs."""


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    runs: int
    compared: bool = True
    """Whether the live engine has to find the same; it needs more memory."""


PLANS = {
    "cluster": Plan(10_000),
    "cluster-100k": Plan(100_000),
    "cluster-10m": Plan(833_334, compared=False),
}
"""Tables by name; the last is ten million actions, 7 GB of runs."""


def figures(plan: Plan, data: Path | None = None) -> Iterator[Figure]:
    """Measure; runs that lie in `data` are used, or written there, where they stay."""
    with TemporaryDirectory() as made:
        folder = (data or Path(made)) / f"runs-{plan.runs}-{ACTIONS}"
        if not folder.exists():
            write_runs(folder, plan.runs, ACTIONS)
        few = Path(made, "few")
        write_runs(few, FEW, ACTIONS)
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        with DaskCluster(workers=WORKERS) as cluster:
            ingest(str(few), f"{made}/warm", MAX, lambda: cluster, silent)
            found = yield from _of(plan, folder, Path(made), cluster)
        if plan.compared:
            yield _figure(plan, "other than the live engine", float(_live(folder) != shown(found)), "", 0)


def _of(plan: Plan, folder: Path, made: Path, cluster: DaskCluster) -> Iterator[Figure]:
    dataset = f"{made}/dataset"
    # As after a first look: what is measured is not the disk. To read all files beforehand, one after the other, is not
    # enough where the system takes back what was not looked at for some seconds.
    ingest(str(folder), f"{made}/before", MAX, lambda: cluster, silent)
    spent = _spent(cluster)
    took, first = _timed(lambda: ingest(str(folder), dataset, MAX, lambda: cluster, silent))
    spent = _spent(cluster) - spent
    held = first.manifest
    size = f"{held.actions:,} actions, {sum(part.size for part in held.parts) / MEGA:.0f} MB of Parquet"
    yield _figure(plan, "ingest", took, "s", more=f"{plan.runs / took:,.0f} runs/s; {size}")
    yield _figure(plan, "processor time of reading a run", spent / plan.runs * 1e6, "µs", 50)
    alone, floor = _alone(folder, made)
    told = f"{alone / floor:.2f} × json.loads over the same files, {floor:.1f} µs"
    yield _figure(plan, "the same of one process alone", alone, "µs", 50, more=told)
    took, again = _timed(lambda: ingest(str(folder), dataset, MAX, lambda: cluster, silent))
    yield _figure(plan, "ingest, nothing changed", took, "s", 3, more=f"{again.unchanged:,} unchanged")
    spent, own = _spent(cluster), time.process_time()
    took, found = _timed(lambda: mine(dataset, Rules(POLICY), made / "result", cluster, silent, NOW)[1])
    spent, own = _spent(cluster) - spent, time.process_time() - own
    counted = (
        f"{len(found.candidates)} candidates; processor time of the workers {spent:.1f} s, of the command {own:.1f} s"
    )
    yield _figure(plan, "mine", took, "s", 10, more=counted)
    yield _figure(plan, "peak of a worker", max(cluster.client.run(peak_mb).values()), "MB", 1000)
    for command in (("ingest", str(folder), "--to", dataset), ("mine", dataset, "--to", f"{made}/again")):
        yield _figure(plan, f"peak of `assay {command[0]}`", _peak_of(*command), "MB", 1000)
    return found


def _alone(folder: Path, made: Path) -> tuple[float, float]:
    """The processor time that reading a run takes where one process reads, and that of the floor; in µs, in turns."""
    source, place = Source(normal(str(folder))), Place(normal(str(made / "alone")))
    entries = dict(islice(source.listed().items(), PART_FILES))
    reading, floor = [], []
    for _ in range(TURNS):
        began = time.process_time()
        read_part(source, entries, MAX, place)
        reading.append(time.process_time() - began)
        began = time.process_time()
        for unit in entries:
            json.loads((folder / unit).read_bytes())
        floor.append(time.process_time() - began)
    return min(reading) / len(entries) * 1e6, min(floor) / len(entries) * 1e6


def _peak_of(*arguments: str) -> float:
    """The most memory that a command had, by itself: a process that does all of it has more."""
    command = [sys.executable, "-c", "from tui.cli.main import run; run()", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{arguments} ended with {process.returncode}"
    return _megabytes(used.ru_maxrss)


def _spent(cluster: DaskCluster) -> float:
    """The processor time that all workers have taken, in seconds."""
    return float(sum(cluster.client.run(time.process_time).values()))


def _figure(plan: Plan, what: str, value: float, unit: str, allowed: float | None = None, more: str = "") -> Figure:
    return Figure("cluster", f"{plan.runs:,} × {ACTIONS}", what, value, unit, allowed, more=more)


def _timed(work: Callable[[], Made]) -> tuple[float, Made]:
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def peak_mb() -> float:
    """The most memory that this process had."""
    return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _megabytes(told: int) -> float:
    """The memory that the system tells, in its own unit."""
    return told * (1 if sys.platform == "darwin" else 1024) / MEGA


def shown(snapshot: Snapshot) -> str:
    """A digest of everything that has to be the same."""
    return digest(repr(told(snapshot)))


def _live(folder: Path) -> str:
    """What the live engine finds, by another process, whose memory is no part of what is measured."""
    command = [sys.executable, "-m", "tests.bench.cluster", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    print(shown(locally(Path(sys.argv[1]), POLICY)))  # noqa: T201
