"""How sure the exact mode is of a candidate (spec/pipeline.md §2, Confidence)."""

from __future__ import annotations


def confidence(examples: int, mineable: int, deterministic_steps: int, steps: int, rejected: bool) -> float:
    """0 to 0.99: mostly the share of mineable runs that are examples, then the share of deterministic steps."""
    if rejected or mineable <= 0:
        return 0.0
    share = deterministic_steps / steps if steps else 0.0
    return min(0.65 * (examples / mineable) + 0.35 * share, 0.99)
