from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.candidate import Savings
from core.model.trace import Action
from core.promotion.projection import Projection, projection
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


def test_what_lies_ahead_goes_by_the_rate_at_which_runs_began() -> None:
    first, second, last = (f"2026-03-0{day}T00:00:00Z" for day in (1, 2, 3))
    total = Savings(
        model_calls_avoided=8,
        input_tokens_avoided=100,
        output_tokens_avoided=20,
        estimated_cost_usd_avoided=2.0,
        wall_ms_avoided=4 * 3_600_000,
    )
    assert projection(total, 4, [last, None, first, second]) == Projection(
        runs_per_day=1.0,
        runs=3,
        of=4,
        span_days=2.0,
        first=first,
        last=last,
        calls_per_day=2.0,
        usd_per_day=0.5,
        tokens_per_day=30.0,
        hours_per_day=1.0,
        lower_bound=False,
    )


@pytest.mark.parametrize(
    ("last", "span"),
    [("01T01:00:00Z", "1 hour"), ("01T12:00:00Z", "12 hours"), ("02T00:00:01Z", "1 day"), ("03T00:00:00Z", "2 days")],
)
def test_a_projection_says_in_which_span_its_runs_began(last: str, span: str) -> None:
    ahead = projection(Savings(), 2, ["2026-03-01T00:00:00Z", f"2026-03-{last}"])
    assert ahead is not None
    assert ahead.basis == f"at the rate of 2 runs that began within {span}; rates change"


@pytest.mark.parametrize(("second", "is_known"), [("00:59:59", False), ("01:00:00", True)])
def test_of_a_burst_of_runs_no_rate_is_told(second: str, is_known: bool) -> None:
    starts = ["2026-03-01T00:00:00Z", f"2026-03-01T{second}Z"]
    assert (projection(Savings(), 2, starts) is not None) is is_known


def test_what_no_avoided_call_says_is_unknown_ahead_and_what_some_say_is_a_lower_bound() -> None:
    starts = ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"]
    unknown = {"unknown_cost_calls": 2, "unknown_token_calls": 1, "unknown_time_calls": 0}
    total = Savings(model_calls_avoided=2, output_tokens_avoided=8, **unknown)
    ahead = projection(total, 2, starts)
    assert ahead is not None
    assert (ahead.calls_per_day, ahead.usd_per_day, ahead.tokens_per_day, ahead.hours_per_day) == (1.0, None, 4.0, 0.0)
    assert ahead.lower_bound


@pytest.mark.parametrize("unknown", ["cost", "token", "time"])
def test_each_amount_is_unknown_ahead_by_its_own_calls(unknown: str) -> None:
    counts = {f"unknown_{what}_calls": 2 if what == unknown else 0 for what in ("cost", "token", "time")}
    total = Savings(model_calls_avoided=2, **counts)
    ahead = projection(total, 2, ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"])
    assert ahead is not None
    found = {"cost": ahead.usd_per_day, "token": ahead.tokens_per_day, "time": ahead.hours_per_day}
    assert found == {"cost": 0.0, "token": 0.0, "time": 0.0} | {unknown: None}
    assert ahead.lower_bound


def test_what_no_run_records_is_unknown_ahead_as_well() -> None:
    starts = [f"2026-03-{day:02}T00:00:00Z" for day in (1, 2, 3)]
    ahead = projection(Savings(unrecorded=True), 3, starts)
    assert ahead is not None
    assert (ahead.calls_per_day, ahead.usd_per_day, ahead.tokens_per_day, ahead.hours_per_day) == (None,) * 4
    assert ahead.lower_bound


def test_where_nobody_counts_what_is_unknown_calls_that_cost_nothing_are() -> None:
    saved = Savings(model_calls_avoided=2, output_tokens_avoided=8)
    assert (saved.usd_known, saved.tokens_known, saved.ms_known) == (None, (0, 8), None)
    assert Savings().usd_known == 0


def test_a_stray_year_is_told_in_days_that_can_be_read() -> None:
    ahead = projection(Savings(), 14, ["1970-01-01T00:00:00Z", "2026-01-01T01:00:00Z"])
    assert ahead is not None
    assert "within 20,454 days" in ahead.basis
