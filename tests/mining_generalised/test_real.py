"""What is found in real runs that ship with the project."""

from __future__ import annotations

from core.mining.generalised.candidate import GeneralisedCandidate
from tests.mining_generalised.data import candidates, names, one_task, retail


def of(found: list[GeneralisedCandidate], *wanted: str) -> GeneralisedCandidate:
    """The candidate with the given steps."""
    return next(one for one in found if names(one) == wanted)


def test_the_exchange_and_the_return_flow_are_found() -> None:
    found = candidates(retail())
    assert len(found) <= 16
    exchange = of(
        found,
        "find_user_id_by_name_zip",
        "get_user_details",
        "get_order_details",
        "get_product_details",
        "exchange_delivered_order_items",
    )
    of(
        found,
        "find_user_id_by_name_zip",
        "get_user_details",
        "get_order_details",
        "return_delivered_order_items",
    )
    user_id = next(b for b in exchange.steps[1].bindings if b.name == "user_id")
    assert user_id.source is not None
    assert (user_id.kind, user_id.source.step, user_id.source.place) == ("output", 0, "out")
    assert exchange.steps[4].effects is not None
    assert [effect.target for effect in exchange.steps[4].effects.effects] == ["order:{order_id}"]
    assert exchange.steps[2].most > 1
    assert exchange.steps[3].most > 1
    assert any(between.kind == "talk" for between in exchange.steps[4].before)
    assert exchange.steps[2].shape.share >= 0.95
    assert exchange.link == "data"
    assert not exchange.reruns
    assert exchange.confidence.low < exchange.confidence.value < exchange.confidence.high


def test_supports_and_near_misses_name_their_runs() -> None:
    exchange = candidates(retail())[0]
    by_id = {trace.id: trace for trace in retail()}
    for support in exchange.supports:
        trace = by_id[support.trace_id]
        assert [trace.actions[i].name for i in (s[0] for s in support.steps)] == list(names(exchange))
        assert support.action_ids == tuple(trace.actions[i].id for s in support.steps for i in s)
    supported = {support.trace_id for support in exchange.supports}
    assert supported.isdisjoint(miss.trace_id for miss in exchange.near_misses)
    assert exchange.outcomes[1] == len(exchange.supports)
    for one in candidates(retail()):
        done = len(one.supports) + len(one.near_misses)
        assert done >= 5
        assert all(miss.standing in ("differs", "otherwise") for miss in one.near_misses)


def test_reference_actions_and_success_are_not_used() -> None:
    stripped = [trace.replace(metadata={}) for trace in retail()]
    assert [one.fitted for one in candidates(stripped)] == [one.fitted for one in candidates(retail())]


def test_one_task_gives_one_candidate_with_its_glue_avoided() -> None:
    (only,) = candidates(one_task())
    assert names(only) == ("get_current_time", "write_file")
    assert only.confidence.value >= 0.8
    assert (only.reruns, only.link) == (True, "determined")
    saved = only.savings
    assert saved.occurrences == len(only.supports)
    assert saved.glue_calls >= 2 * saved.occurrences
    assert saved.input_tokens > 0
    assert saved.cost_usd > 0
    assert 0 < saved.unknown_cost_calls < saved.glue_calls
    text = only.steps[1].bindings[0]
    assert (text.name, text.kind) == ("text", "constant")
    assert "part of step 1 out/datetime" in text.ambiguous
