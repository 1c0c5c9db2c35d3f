"""`python -m tests.bench [NAME…] [--json FILE]`: a table of all benchmarks, or of those named; 1 when one is too slow.

Further ones are added to a module's BENCHMARKS and the module to those below.
"""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench import crashpacks, deciding, importers, journals, screens
from tests.bench.measure import Benchmark, Result, here, measured

ALL: dict[str, Benchmark] = {
    made.name: made for module in (crashpacks, deciding, importers, journals, screens) for made in module.BENCHMARKS
}
RUNS = 3


def main(arguments: list[str]) -> int:
    """Measure what is named and print it; the exit code."""
    if arguments[:1] == ["--once"]:
        print(json.dumps(here(ALL[arguments[1]])))  # noqa: T201
        return 0
    out = Path(arguments.pop(at + 1)) if (at := _place(arguments)) is not None else None
    names = [name for name in arguments if name != "--json"] or list(ALL)
    if unknown := [name for name in names if name not in ALL]:
        print(f"no benchmark is named {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)  # noqa: T201
        return 2
    results = []
    for name in names:
        results.append(measured(ALL[name], RUNS))
        print(row(results[-1]), flush=True)  # noqa: T201
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(report(results), indent=2) + "\n", encoding="utf-8")
    return 0 if all(result.holds for result in results) else 1


def _place(arguments: list[str]) -> int | None:
    return arguments.index("--json") if "--json" in arguments[:-1] else None


def row(result: Result) -> str:
    """A line of the table: name, seconds and megabytes with what is allowed, the parts."""
    seconds = f"{result.seconds:7.3f} s{_limit(result.allowed_seconds, 's')}"
    memory = f"{result.megabytes:6.0f} MB{_limit(result.allowed_megabytes, 'MB')}"
    parts = ", ".join(f"{part} {taken:.3f}" for part, taken in result.parts.items())
    mark = "ok" if result.holds else "TOO MUCH"
    return f"{result.name:<20}{seconds:<22}{memory:<22}{mark:<10}{result.what} ({parts})"


def _limit(limit: float | None, unit: str) -> str:
    return "" if limit is None else f" of {limit:g} {unit}"


def report(results: list[Result]) -> dict[str, object]:
    """The same for programs."""
    machine = {"python": platform.python_version(), "system": platform.platform(), "runs": RUNS}
    return {"machine": machine, "benchmarks": [{**asdict(result), "holds": result.holds} for result in results]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
