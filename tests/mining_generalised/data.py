"""Real runs that ship with the project (tests/data/tau_retail and airline, tui/samples/otel)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import zstandard

from core.mining.generalised.candidate import GeneralisedCandidate
from core.mining.generalised.describe import describe
from core.mining.generalised.evidence import Pool
from core.mining.generalised.mine import materials_of, mine_pool
from core.model.trace import Trace
from core.traces.decode import decode_trace
from core.traces.load import load_folder

ROOT = Path(__file__).parents[2]


@cache
def retail() -> tuple[Trace, ...]:
    """Sixty customer-service runs."""
    return load_folder(str(ROOT / "tests" / "data" / "tau_retail"))


@cache
def airline() -> tuple[Trace, ...]:
    """Two hundred customer-service runs of another domain."""
    data = zstandard.ZstdDecompressor().decompress(
        (ROOT / "tests" / "data" / "airline" / "runs.jsonl.zst").read_bytes()
    )
    return tuple(decode_trace(line, f"line {number}") for number, line in enumerate(data.splitlines(), 1))


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
