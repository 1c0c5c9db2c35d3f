"""What is told of many examples or actions at one look is what is told of them one by one."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from itertools import chain, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mining.generalised.ambiguity import PART_HOLDS, also_found
from core.mining.generalised.asking import said_at, waiting
from core.mining.generalised.costs import saved, saved_by_step
from core.mining.generalised.describe import _of_every_step
from core.mining.generalised.evidence import MAX_JUDGED, Pool, sampled
from core.mining.generalised.fold import fold, seen
from core.mining.generalised.links import Material
from core.mining.generalised.mine import materials_of, mine_pool
from core.mining.generalised.observed import observed
from core.mining.generalised.occurrence import Fitted, as_described, mismatches, occurrences, reproduced
from core.mining.generalised.optional import given_sometimes
from core.mining.generalised.patterns import aligned
from core.mining.generalised.records import Binding
from core.mining.generalised.signs import failed, has_bad_status, is_empty, is_fuzzy
from core.model.approval_points import asked_before
from core.model.jsontext import Json, parse, scalar_text
from core.model.text import lower
from core.model.trace import Action, Approval, Trace
from tests.mining_generalised.data import airline, one_task, retail

KNOWN, MATERIALS = materials_of(retail())
POOL = Pool(MATERIALS)
FOUND = [one.fitted for one in mine_pool(POOL, KNOWN, 5)]
OTHERS = materials_of(airline()[:20])[1]

cases = pytest.mark.parametrize("fitted", FOUND, ids=lambda fitted: fitted.pattern[-1])


def asking(trace: Trace, number: int) -> Trace:
    """A run in which some actions ask somebody first."""
    point = Approval(required=True, boundary="desk")
    actions = (one.replace(approval=point) if n % 5 == number % 7 else one for n, one in enumerate(trace.actions))
    return trace.replace(actions=tuple(actions))


ASKING = [Material(fold(asking(one.run.trace, n), KNOWN)) for n, one in enumerate(MATERIALS)]


@cases
@pytest.mark.parametrize("materials", [MATERIALS, ASKING], ids=["silent", "asking"])
def test_votes_are_added_up_one_after_the_other(fitted: Fitted, materials: list[Material]) -> None:
    examples = Pool(materials).examples(fitted.pattern)
    for place, one in enumerate(observed(examples, len(fitted.pattern))):
        whole, looping, weights, counts = 0.0, 0.0, {}, {}
        for example in examples:
            run = example.material.run
            steps = [run.steps[index].actions for index in example.at]
            asked = waiting(run, steps)
            whole += example.weight
            looping += example.weight if len(steps[place]) > 1 else 0.0
            for action in steps[place]:
                said = asked.get(action) or run.says(action)
                weights[said] = weights.get(said, 0.0) + example.weight / len(steps[place])
                counts[said] = counts.get(said, 0) + 1
        # To the last bit, and in the order in which they come.
        assert (one.whole, one.looping) == (whole, looping)
        assert list(one.weights.items()) == list(weights.items())
        assert one.counts == counts


@cases
def test_arguments_that_are_given_sometimes_are_those_that_are_not_given_always(fitted: Fitted) -> None:
    examples = POOL.examples(fitted.pattern)
    for place, one in enumerate(observed(examples, len(fitted.pattern))):
        each = [
            [set(e.material.run.arguments(action)) for action in e.material.run.steps[e.at[place]].actions]
            for e in examples
        ]
        some = {name: sum(name in set().union(*names) for names in each) for name in set(chain(*chain(*each)))}
        every = {name for name in some if all(name in names for some_names in each for names in some_names)}
        assert dict(given_sometimes(one.alike)) == {name: n for name, n in some.items() if name not in every}


def test_what_an_action_says_is_told_with_what_was_asked_before_it() -> None:
    for material in ASKING:
        run = material.run
        for first, second in pairwise(step.actions for step in run.steps):
            asked = waiting(run, [first, second])
            told = [[asked.get(index) or run.says(index) for index in step] for step in (first, second)]
            assert [list(one.said) for one in said_at(run, [first, second])] == told


@cases
def test_an_occurrence_is_as_described_when_nothing_of_it_differs(fitted: Fitted) -> None:
    every = _of_every_step(fitted)
    effects = [template.effects for template in every]
    turned = tuple(replace(one, effects=other) for one, other in zip(every, effects[1:] + effects[:1], strict=True))
    silent = tuple(replace(one, effects=()) for one in every)
    for templates in (every, turned, silent, ()):
        one = replace(fitted, templates=templates)
        for material in (*MATERIALS, *OTHERS):
            found = [at for at in aligned(material.shape, one.pattern) if mismatches(material, at, one) == ()]
            assert list(occurrences(material, one)) == found
            assert [at for at in aligned(material.shape, one.pattern) if as_described(material, at, one)] == found
            assert reproduced(material, one) is bool(found)


@cases
def test_a_constant_is_also_found_where_most_examples_hold_it(fitted: Fitted) -> None:
    examples = POOL.examples(fitted.pattern)
    for text in ('"cancelled"', '"delivered"', "1", '"a"', '"gift card"', "true"):
        for step in range(1, len(fitted.pattern)):
            binding = Binding(step=step, name="x", kind="constant", source=None, constant=(text,))
            weights: dict[str, float] = {}
            for example in sampled(examples, MAX_JUDGED):
                for place in found_in(example.material, example.at[:step], text):
                    weights[place] = weights.get(place, 0.0) + example.weight
            whole = sum(example.weight for example in sampled(examples, MAX_JUDGED))
            most = {place: weight for place, weight in weights.items() if weight >= PART_HOLDS * whole}
            assert also_found(binding, examples) == tuple(sorted(most, key=lambda place: (-most[place], place)))


def found_in(material: Material, at: tuple[int, ...], text: str) -> set[str]:
    plain = scalar_text(parse(text.encode()))
    part = re.compile(rf"(?<![A-Za-z0-9]){re.escape(plain)}(?![A-Za-z0-9])")
    found = set()
    for source, index in enumerate(at, 1):
        for held, places in material.places(index).items():
            if held == text:
                found |= {f"step {source} {place}" for place in places}
            elif len(plain) > 1 and part.search(held):
                found |= {f"part of step {source} {place}" for place in places if place.startswith("out")}
    return found


def test_what_is_saved_by_steps_is_what_is_saved_by_all() -> None:
    known, materials = materials_of(one_task())
    pool = Pool(materials)
    for one in mine_pool(pool, known, 5):
        found = [(example.material, example.at) for example in pool.examples(one.fitted.pattern)]
        parts = [part for material, at in found for part in saved_by_step(material, at)]
        whole = saved(found)
        assert whole.glue_calls
        for field in ("glue_calls", "input_tokens", "wall_ms", "unknown_cost_calls", "remaining_calls", "tool_ms"):
            assert getattr(whole, field) == sum(getattr(part, field) for part in parts)
        assert whole.cost_usd == pytest.approx(sum(part.cost_usd for part in parts))


KINDS = ["tool_call", "model_call", "human_approval"]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.booleans(), st.integers(0, 3)), max_size=9))
def test_what_was_asked_before_an_action_is_found_point_by_point(acts: list[tuple[str, bool, int]]) -> None:
    actions = [Action(kind=kind, name="a") for kind, _, _ in acts]
    points = [index for index, (_, asks, _) in enumerate(acts) if asks]
    steps = [[index for index, (_, _, step) in enumerate(acts) if step == number] for number in (1, 2)]
    own = sorted(chain(*steps))
    wanted: dict[int, list[int]] = {}
    if own:
        begun = own[0]
        while begun and actions[begun - 1].kind != "tool_call":
            begun -= 1
        for point in points:
            if begun <= point < own[-1] and point not in own:
                wanted.setdefault(own[bisect_left(own, point)], []).append(point)
    assert dict(asked_before(actions, points, steps)) == wanted


VALUES = st.sampled_from(
    [None, False, True, "", "x", 0, 1, 0.0, [], [1], {}, {"a": 1}, "Error", "FAILED", "failure", "ok"]
)
OUTPUTS = st.one_of(
    VALUES,
    st.sampled_from(["error: no", "  ERROR", "\n" * 20 + "error", "no error"]),
    st.dictionaries(st.sampled_from(["error", "isError", "is_error", "status", "rows"]), VALUES),
)


@given(OUTPUTS, st.dictionaries(st.sampled_from(["error", "status"]), VALUES), st.booleans())
def test_an_action_failed_that_says_so_in_any_way(output: Json, metadata: dict[str, Any], writes: bool) -> None:
    effects = [{"kind": "write", "target": "x"}] if writes else []
    action = Action.decode({"observed_output": output, "metadata": metadata, "side_effects": effects})
    nothing: list[Json] = [None, False, "", 0]
    says = metadata.get("error") not in nothing
    if isinstance(output, str):
        says = says or lower(output[:16].lstrip()).startswith("error")
    if isinstance(output, dict):
        says = says or any(output.get(key) not in [*nothing, [], {}] for key in ("error", "isError", "is_error"))
    given_status = [metadata.get("status"), output.get("status") if isinstance(output, dict) else None]
    bad = any(isinstance(one, str) and lower(one) in ("error", "failed", "failure") for one in given_status)
    assert has_bad_status(action) is bad
    assert failed(action) is (not writes and (says or bad))


def test_what_a_run_says_of_its_tools_is_what_its_actions_say() -> None:
    for trace in (*retail(), *airline()[:20], *one_task()):
        tools = [(f"{action.kind}:{action.name}", action) for action in trace.actions if not is_fuzzy(action)]
        said = seen(trace)
        assert said.tools == {name for name, _ in tools}
        assert said.effects == {name for name, action in tools if action.side_effects}
        assert said.answers == {name for name, action in tools if not is_empty(action.seen_output)}
