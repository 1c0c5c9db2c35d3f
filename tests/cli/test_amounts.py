"""Savings as the commands tell them."""

from __future__ import annotations

import pytest

from core.model.candidate import Savings
from core.promotion.projection import projection
from tui.cli.as_text import ahead_text, saved_text, unknown_text

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


def test_small_amounts_are_not_told_as_none_and_one_is_one() -> None:
    saved = Savings(
        model_calls_avoided=1, input_tokens_avoided=3, estimated_cost_usd_avoided=0.00004, wall_ms_avoided=3
    ).replace(unknown_cost_calls=0, unknown_token_calls=0, unknown_time_calls=0, remaining_model_calls=1)
    assert saved_text(saved) == "  1 model call, 3 tokens in, 0 tokens out, $0.00004, 3 ms; 1 model call remains"
    ahead = projection(saved, 30, ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"])
    assert ahead is not None
    assert ahead_text(ahead, saved) == "1 run: 0.0333 model calls, 0.1 tokens, cost $0.00000133"


def test_ahead_only_what_some_calls_do_not_record_is_a_lower_bound() -> None:
    saved = SOME.replace(unknown_cost_calls=1, unknown_token_calls=0, unknown_time_calls=0)
    ahead = projection(saved, 2, ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"])
    assert ahead is not None
    assert ahead_text(ahead, saved) == "1 run: 2.0 model calls, 16 tokens, cost at least $0.2500"


def test_one_call_that_records_nothing_records_it_in_the_singular() -> None:
    saved = SOME.replace(model_calls_avoided=1, unknown_cost_calls=1, unknown_token_calls=0, unknown_time_calls=0)
    assert unknown_text(saved) == ["  1 of 1 avoided call records no price"]
