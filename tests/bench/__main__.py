"""`python -m tests.bench [NAME…] [--json FILE] [--data FOLDER]`: a table of all benchmarks, or of those named.

The exit code is 1 when one is too slow. Further ones are added to a module's BENCHMARKS and the module to those below.
`engine` is the table of the engine at size, `engine-short` a quick one; `cluster`, `cluster-100k` and `cluster-10m` are
those of reading and mining with workers. Their runs stay in FOLDER, if one is given.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tests.bench import cluster, crashpacks, deciding, engine, importers, journals, screens
from tests.bench.measure import Benchmark, Result, measured

MODULES = (crashpacks, deciding, importers, journals, screens)
ALL: dict[str, Benchmark] = {made.name: made for module in MODULES for made in module.BENCHMARKS}
WHERE = {made.name: module.__name__ for module in MODULES for made in module.BENCHMARKS}
TABLES: dict[str, Callable[[Path | None], Iterable[engine.Figure]]] = {
    name: partial(module.figures, plan) for module in (engine, cluster) for name, plan in module.PLANS.items()
}
RUNS = 3


def main(arguments: list[str]) -> int:
    """Measure what is named and print it; the exit code."""
    out, data = _taken(arguments, "--json"), _taken(arguments, "--data")
    names = arguments or [*ALL, "engine", "cluster"]
    if unknown := [name for name in names if name not in ALL and name not in TABLES]:
        known = ", ".join((*ALL, *TABLES))
        print(f"no benchmark is named {', '.join(unknown)}; there are {known}", file=sys.stderr)  # noqa: T201
        return 2
    results, figures = [], []
    for name in names:
        if name in ALL:
            results.append(measured(ALL[name], WHERE[name], RUNS))
            print(row(results[-1]), flush=True)  # noqa: T201
            continue
        for figure in TABLES[name](data):
            figures.append(figure)
            print(figure.row(), flush=True)  # noqa: T201
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(report(results, figures), indent=2) + "\n", encoding="utf-8")
    return 0 if all(found.holds for found in (*results, *figures)) else 1


def _taken(arguments: list[str], option: str) -> Path | None:
    """The value of an option, which is taken out of the arguments."""
    if option not in arguments[:-1]:
        return None
    at = arguments.index(option)
    found = Path(arguments[at + 1])
    del arguments[at : at + 2]
    return found


def row(result: Result) -> str:
    """A line of the table: name, seconds and megabytes with what is allowed, the parts."""
    seconds = f"{result.seconds:7.3f} s{_limit(result.allowed_seconds, 's')}"
    memory = f"{result.megabytes:6.0f} MB{_limit(result.allowed_megabytes, 'MB')}"
    parts = ", ".join(f"{part} {taken:.3f}" for part, taken in result.parts.items())
    mark = "ok" if result.holds else "TOO MUCH"
    return f"{result.name:<20}{seconds:<22}{memory:<22}{mark:<10}{result.what} ({parts})"


def _limit(limit: float | None, unit: str) -> str:
    return "" if limit is None else f" of {limit:g} {unit}"


def report(results: list[Result], figures: list[engine.Figure]) -> dict[str, object]:
    """The same for programs."""
    system, count = platform.platform(), os.cpu_count()
    return {
        "machine": {"python": platform.python_version(), "system": system, "processors": count, "runs": RUNS},
        "benchmarks": [{**asdict(result), "holds": result.holds} for result in results],
        "tables": [figure.told() for figure in figures],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
