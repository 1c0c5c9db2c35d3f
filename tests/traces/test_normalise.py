from __future__ import annotations

import math

import pytest
from hypothesis import given

from core.model.jsontext import compact, parse, sha256_hex
from core.model.text import is_blank
from core.model.trace import Action, Cost, SideEffect, Trace, Usage
from core.traces.normalise import normalise
from tests.traces.building import traces


@given(traces)
def test_normalising_again_changes_nothing(trace: Trace) -> None:
    once = normalise(trace)
    assert compact(normalise(once)) == compact(once)


@given(traces)
def test_nothing_that_others_rely_on_stays_blank(trace: Trace) -> None:
    normal = normalise(trace)
    assert normal.version > 0
    assert normal.source_hash is not None
    assert not is_blank(normal.id)
    for action in normal.actions:
        assert not any(map(is_blank, (action.id, action.kind, action.name)))
        assert list(action.capabilities) == sorted(set(action.capabilities))
        assert list(action.required_secrets) == sorted(set(action.required_secrets))
        assert not (action.kind == "model_call" and action.cost.model_calls == 0)


@given(traces)
def test_a_normalised_trace_reads_back_as_itself(trace: Trace) -> None:
    normal = normalise(trace)
    assert compact(Trace.decode(parse(compact(normal)))) == compact(normal)


def test_ids_come_from_the_source_hash() -> None:
    assert normalise(Trace(source_hash="sha256:" + "ab" * 32)).id == "trace_" + "ab" * 8
    odd = normalise(Trace(id=" ", source_hash="../../etc"))
    assert odd.id == "trace_" + sha256_hex(b"../../etc")[:16]


def test_a_missing_source_hash_is_that_of_the_actions_as_given() -> None:
    given_actions = (Action(kind="model_call"),)
    assert normalise(Trace(actions=given_actions)).source_hash == "sha256:" + sha256_hex(compact(given_actions))
    assert normalise(Trace(actions=given_actions, source_hash="")).source_hash == ""


def test_blank_actions_are_named() -> None:
    normal = normalise(Trace(actions=(Action(), Action(kind="k", id="\u3000"), Action(kind="\u001c", name=" "))))
    assert [(a.id, a.kind, a.name) for a in normal.actions] == [
        ("action_1", "action", "action"),
        ("action_2", "k", "k"),
        ("action_3", "\u001c", "\u001c"),
    ]


def test_usage_is_summed_only_where_none_is_given() -> None:
    actions = (
        Action(kind="model_call", cost=Cost(total_cost_usd=0.1, wall_ms=5), duration_ms=7),
        Action(cost=Cost(total_cost_usd=0.2, input_tokens=3)),
    )
    summed = normalise(Trace(actions=actions)).usage
    assert summed == Usage(model_calls=1, input_tokens=3, total_cost_usd=math.fsum((0.1, 0.2)), wall_ms=12)
    kept = Usage(output_tokens=1)
    assert normalise(Trace(actions=actions, usage=kept)).usage == kept


def test_absurd_claims_stay_numbers() -> None:
    huge = Action(cost=Cost(total_cost_usd=1.7e308, wall_ms=2**63 - 1), duration_ms=2**63 - 1)
    usage = normalise(Trace(actions=(huge, huge, huge))).usage
    assert math.isfinite(usage.total_cost_usd)
    assert usage.wall_ms == 2**63 - 1


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (SideEffect(kind="b"), SideEffect(kind="a"), ["a", "b"]),
        (SideEffect(kind="a"), SideEffect(kind="a", capability="", metadata={"x": 1}), ["a"]),
        (SideEffect(kind=" ", target=""), SideEffect(kind="a"), ["a"]),
    ],
)
def test_side_effects_are_canonical(one: SideEffect, other: SideEffect, kept: list[str]) -> None:
    normal = normalise(Trace(actions=(Action(side_effects=(one, other)),)))
    assert [effect.kind for effect in normal.actions[0].side_effects] == kept
    assert all(effect.metadata == {} for effect in normal.actions[0].side_effects)


def test_a_time_that_is_told_twice_is_one_time():
    twice = Action(kind="model_call", cost=Cost(wall_ms=1_500), duration_ms=1_500)
    parts = Action(kind="tool_call", cost=Cost(wall_ms=900), duration_ms=60)
    assert [action.took_ms for action in (twice, parts, Action(duration_ms=7), Action())] == [1_500, 960, 7, 0]
    run = normalise(Trace(actions=(twice, parts)))
    assert run.usage.wall_ms == 3_960, "what normalising adds up stays as it is"
    assert run.took_ms == 2_460
    assert run.replace(usage=run.usage.replace(wall_ms=4_000)).took_ms == 4_000, "a run may tell its time itself"
