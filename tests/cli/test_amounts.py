"""Savings as the commands tell them."""

from __future__ import annotations

import pytest

from core.model.candidate import Savings
from tui.cli.as_text import saved_text

SOME = Savings(model_calls_avoided=4, input_tokens_avoided=30, output_tokens_avoided=2, estimated_cost_usd_avoided=0.5)


@pytest.mark.parametrize(
    ("unknown", "told"),
    [
        (0, "4 model calls, 30 tokens in, 2 tokens out, $0.5000, 70 ms"),
        (3, "4 model calls, at least 30 tokens in, at least 2 tokens out, at least $0.5000, at least 70 ms"),
        (4, "4 model calls, unknown tokens in, unknown tokens out, unknown, unknown"),
    ],
)
def test_amounts_of_which_some_calls_say_nothing_are_a_lower_bound(unknown: int, told: str) -> None:
    counts = dict.fromkeys(("unknown_cost_calls", "unknown_token_calls", "unknown_time_calls"), unknown)
    saved = SOME.replace(wall_ms_avoided=70, **counts)
    assert saved_text(saved) == f"  {told}; 0 model calls remain"
