"""Real runs that ship with the project (tests/data/tau_retail/README.md, tui/samples/otel)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core.mining.generalised.candidate import GeneralisedCandidate
from core.mining.generalised.describe import describe
from core.mining.generalised.evidence import Pool
from core.mining.generalised.mine import materials_of, mine_pool
from core.model.trace import Trace
from core.traces.load import load_folder

ROOT = Path(__file__).parents[2]


@cache
def retail() -> tuple[Trace, ...]:
    """Sixty customer-service runs."""
    return load_folder(str(ROOT / "tests" / "data" / "tau_retail"))


@cache
def one_task() -> tuple[Trace, ...]:
    """Runs of one task in several frameworks, with costs."""
    return load_folder(str(ROOT / "tui" / "samples" / "otel"))


def candidates(traces: tuple[Trace, ...] | list[Trace], min_examples: int = 5) -> list[GeneralisedCandidate]:
    """The candidates of some runs, described."""
    known, materials = materials_of(traces)
    pool = Pool(materials)
    return [describe(one, pool, known) for one in mine_pool(pool, known, min_examples)]


def names(candidate: GeneralisedCandidate) -> tuple[str, ...]:
    """The names of the mandatory steps."""
    return tuple(step.name for step in candidate.steps)
