from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.candidate import Savings
from core.model.trace import Action
from core.promotion.projection import projection
from core.promotion.savings import savings, step_savings
from tests.shadow.making import action


def costing(usd: float = 0.0, calls: int = 0, **fields: object) -> Action:
    cost = {"model_calls": calls, "input_tokens": 10, "output_tokens": 3, "total_cost_usd": usd, "wall_ms": 7}
    return action("a", cost=cost, **fields)


def test_deterministic_actions_are_avoided():
    assert savings([[costing(0.5, 2, duration_ms=5)], [costing(0.25)]]) == Savings(
        model_calls_avoided=2,
        input_tokens_avoided=20,
        output_tokens_avoided=6,
        estimated_cost_usd_avoided=0.75,
        wall_ms_avoided=19,
    )


@pytest.mark.parametrize("fields", [{"kind": "model_call"}, {"fuzzy": True}])
def test_what_needs_a_model_remains_with_at_least_one_call(fields: dict[str, object]):
    assert savings([[costing(1.0, 0, **fields), costing(1.0, 3, **fields)]]) == Savings(remaining_model_calls=4)


@given(st.lists(st.floats(0, 1e6), max_size=30), st.randoms(use_true_random=False))
def test_cost_is_exact_and_does_not_depend_on_order(amounts: list[float], chance: random.Random):
    runs = [[costing(usd)] for usd in amounts]
    forth = savings(runs).estimated_cost_usd_avoided
    chance.shuffle(runs)
    assert savings(runs).estimated_cost_usd_avoided == forth == float(sum(map(Fraction, amounts)))


def test_absurd_claims_stay_within_the_format():
    huge = costing(1e308, 2**63 - 1)
    total = savings([[huge, huge]])
    assert total.model_calls_avoided == 2**63 - 1
    assert math.isfinite(total.estimated_cost_usd_avoided)


def test_steps_add_up_to_the_whole():
    runs = [[costing(0.1, 1), costing(0.2, fuzzy=True)], [costing(0.3, 2), costing(0.4)], [costing(0.5)]]
    steps = step_savings(runs)
    assert [step.remaining_model_calls for step in steps] == [0, 1]
    assert [step.model_calls_avoided for step in steps] == [3, 0]
    assert sum(step.wall_ms_avoided for step in steps) == savings(runs).wall_ms_avoided
    assert step_savings([]) == ()


def test_what_no_run_records_is_unknown_ahead_as_well() -> None:
    starts = [f"2026-03-{day:02}T00:00:00Z" for day in (1, 2, 3)]
    ahead = projection(Savings(unrecorded=True), 3, starts)
    assert ahead is not None
    assert (ahead.calls_per_day, ahead.usd_per_day, ahead.tokens_per_day, ahead.hours_per_day) == (None,) * 4
    assert ahead.lower_bound
