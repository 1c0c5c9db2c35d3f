"""Arguments that are lists and objects: what is told of them, and what an approval is bound to."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from core.artifacts.workflow import candidate_workflow_text
from core.crashpack.rederive import rederive
from core.mining.generalised.compare import compare
from core.mining.generalised.describe import describe
from core.mining.generalised.differ import generalised_differences
from core.mining.generalised.evidence import Pool
from core.mining.generalised.mine import materials_of, mine_pool
from core.mining.generalised.recipe import recipe_of
from core.mining.generalised.record import candidate_of
from core.mining.generalised.shadow import folding
from core.mining.generalised.sheet import arguments as sheet
from core.mining.generalised.values import arguments
from core.model.argument_names import path_of
from core.model.binding_words import constant_told
from core.model.candidate import Candidate
from core.model.jsontext import compact, parse
from core.model.options import Options
from core.model.trace import Action, Trace
from core.promotion.behaviour import behaviour_digest
from tests.mining_generalised.noise import action, run, token


def given(**fields: Any) -> dict[str, tuple[str, ...]]:
    return dict(arguments(Action.decode({"kind": "tool_call", "name": "a", **fields})))


def cancelled(number: int, **more: Any) -> Trace:
    """A run that finds an order and cancels it with further arguments."""
    order = f"W{number:03}"
    found = action("find", {"q": f"q{number}"}, {"id": order})
    return run(f"r{number}", [found, action("cancel", {"order": order, **more}, {"ok": True}, f"order:{order}")])


def cancelling(**more: Any) -> Candidate:
    """What is proposed of such runs."""
    return proposed([cancelled(number, **more) for number in range(12)])


def proposed(runs: list[Trace]) -> Candidate:
    """The only candidate, which all runs hold, as it is written and read again."""
    known, materials = materials_of(runs)
    pool = Pool(materials)
    (one,) = (describe(one, pool, known) for one in mine_pool(pool, known, 5))
    made = candidate_of(one, {material.key: material.run for material in materials}, Options())
    assert len(made.examples) == len(runs)
    return Candidate.decode(parse(compact(made)))


def standing(made: Candidate, trace: Trace) -> str:
    return compare(recipe_of(made), folding(made)(trace)).standing


def constants(made: Candidate) -> dict[str, str]:
    detail = made.steps[-1].detail
    assert detail is not None
    return {binding.name: constant_told(binding) for binding in detail.bindings if binding.kind == "constant"}


def test_lists_and_objects_of_parameters_are_arguments_as_those_of_inputs_are() -> None:
    value = {"ids": ["a", "b"], "to": {"zip": "9"}, "lines": [{"k": 2, "of": {"n": 1}}, {"k": 3, "of": {"n": 2}}]}
    found = {"ids[]": ('"a"', '"b"'), "to.zip": ('"9"',), "lines[].k": ("2", "3"), "lines[].of.n": ("1", "2")}
    assert given(parameters=value) == given(inputs=value) == given(parameters=value, inputs={"ids": ["c"]}) == found


def test_nothing_that_is_given_is_left_out() -> None:
    value = {"none": [], "nothing": {}, "rows": [[1, 2], []], "mixed": [1, {"b": 2, "a": 1}], "deep": [{"in": ["x"]}]}
    found = {"none[]": (), "nothing": ("{}",), "rows[]": ("[1,2]", "[]"), "mixed[]": ("1", '{"a":1,"b":2}')}
    assert given(parameters=value) == given(inputs=value) == {**found, "deep[].in": ('["x"]',)}


def test_records_that_lack_a_key_and_records_that_are_alike_are_told_apart() -> None:
    assert given(inputs={"l": [{"k": 1, "n": 5}, {"k": 2}]}) == {"l[].k": ("1", "2"), "l[].n": ("5", "null")}
    assert given(inputs={"l": [{"k": 1, "n": 5}, {"k": 2, "n": 5}]}) == {"l[].k": ("1", "2"), "l[].n": ("5",)}
    assert given(inputs={"l": [{"k": 1}, {"k": 1}]}) != given(inputs={"l": [{"k": 1}]}) == {"l[].k": ("1",)}


def test_an_approval_is_bound_to_lists_and_objects() -> None:
    values: list[Any] = [
        "a",
        ["a"],
        ["a", "a"],
        ["b", "a"],
        ["a", "b"],
        [],
        {},
        [[]],
        [["a"]],
        {"k": "a"},
        [{"k": "a"}],
    ]
    made = [cancelling(ids=value) for value in values]
    assert len({behaviour_digest(one, []) for one in made}) == len(values)


def test_a_list_is_told_with_its_order_and_its_repetitions_and_read_again_as_it_is() -> None:
    made = cancelling(ids=["b", "a", "b"], one=["x"], no=[], rows=[[1]], deep=[{"in": ["x"]}])
    told = {"ids[]": '["b","a","b"]', "one[]": '["x"]', "no[]": "[]", "rows[]": "[[1]]", "deep[].in": '["x"]'}
    assert constants(made) == told
    read = {b.name: b.constant for b in recipe_of(made).fitted.bindings if b.kind == "constant"}
    assert read["ids[]"] == ('"b"', '"a"', '"b"')
    assert (read["no[]"], read["rows[]"], read["deep[].in"]) == ((), ("[1]",), ('["x"]',))


def test_what_differs_in_a_list_or_an_object_is_told_where_it_stands() -> None:
    made = cancelling(ids=["b", "a"], to={"zip": 9})
    told = generalised_differences(made, cancelled(99, ids=["a"], to={"zip": 8}))
    assert [(one.pointer, one.expected, one.observed) for one in told] == [
        ("/ids", ["b", "a"], ["a"]),
        ("/to/zip", 9, 8),
    ]


@pytest.mark.parametrize("value", ["a", {}, {"k": "a"}, [{"k": "a"}, {"k": "b"}], [], ["a", "b"]])
def test_an_argument_in_another_form_is_not_as_described(value: Any) -> None:
    made, other = cancelling(ids=["a"]), cancelled(99, ids=value)
    (told,) = generalised_differences(made, other)
    assert standing(made, other) == "differs"
    assert (told.pointer, told.expected, told.observed) == ("/ids", ["a"], value)


def test_of_two_forms_that_are_as_common_one_is_stated() -> None:
    runs = [cancelled(number, ids=["a"] if number % 2 else "a") for number in range(12)]
    pool = Pool(materials_of(runs)[1])
    pattern = ("tool_call:find", "tool_call:cancel")
    assert [one.name for one in sheet(pattern, pool.examples(pattern))] == ["q", "ids", "order"]


def test_what_is_not_given_or_taken_out_says_nothing() -> None:
    assert not generalised_differences(cancelling(to={"ids": ["a"]}), cancelled(99, to={"ids": "[redacted]"}))
    assert not generalised_differences(cancelling(to={"ids": ["a"]}), cancelled(99, to={}))
    assert not generalised_differences(cancelling(ids=["a"]), cancelled(99))


def test_what_was_taken_out_of_an_inner_argument_is_told() -> None:
    mark = "[redacted]"
    made = cancelling(to={"zip": 9}, tags=["a"])
    told = rederive(made, [cancelled(0, to={"zip": mark}, tags=mark)], 12).not_compared
    assert told == ("step 2 tags[] at /: redacted", "step 2 to.zip at /: redacted")


def moved(number: int, source: str, sink: str, *accounts: str) -> Trace:
    """A run that looks up two accounts and changes some."""
    found = action("lookup", {"q": f"q{number}"}, {"src": source, "dst": sink})
    effects = [{"kind": "db_write", "target": f"acct:{account}"} for account in accounts or (source, sink)]
    moving = action("transfer", {"from": source, "to": sink}, {"ok": True}, side_effects=effects)
    return run(f"m{number}", [found, moving])


def test_the_order_of_values_is_not_that_of_effects() -> None:
    draw = random.Random(5)
    runs = [moved(number, token(draw), token(draw)) for number in range(12)]
    made = proposed(runs)
    assert [effect.target for effect in made.steps[-1].side_effects] == ["acct:{from}", "acct:{to}"]
    assert standing(made, moved(99, "x1", "x1")) == "holds"
    assert not generalised_differences(made, moved(99, "x1", "x1"))
    for source, sink in (("x1", "x2"), ("x2", "x1")):
        assert not generalised_differences(made, moved(99, source, sink))
        (told,) = generalised_differences(made, moved(99, source, sink, "x1", "x3"))
        assert [effect["target"] for effect in told.expected] == ["acct:x1", "acct:x2"]
        assert [effect["target"] for effect in told.observed] == ["acct:x1", "acct:x3"]


def test_a_value_of_one_character_is_as_good_as_a_longer_one() -> None:
    runs = []
    for number in range(1, 25):
        found = action("find", {"q": f"q{number}"}, {"id": str(number)})
        close = action("cancel", {"order": str(number)}, {"ok": True}, f"order:{number}")
        runs.append(run(f"s{number}", [found, close]))
    assert [effect.target for effect in proposed(runs).side_effects] == ["order:{order}"]


def test_no_two_arguments_share_a_name() -> None:
    value = {"a.b": 1, "a": {"b": 2, "c[]": 3}, "l": [{"k": 4, "m": 5}], "l[].k": 6, "l[]": {"m": 7}, "x{y}\\": 8}
    named = {name: text for name, (text,) in given(parameters=value).items()}
    found = {("a.b",): "1", ("a", "b"): "2", ("a", "c[]"): "3", ("l", None, "k"): "4", ("l", None, "m"): "5"}
    more = {("l[].k",): "6", ("l[]", "m"): "7", ("x{y}\\",): "8"}
    assert {path_of(name): text for name, text in named.items()} == {**found, **more}
    assert {"a\\.b", "a.b", "l[].k", "l\\[\\]\\.k"} < named.keys()


@given_any(st.lists(st.text("a.[]{}\\~/", max_size=4), min_size=1, max_size=3))
def test_a_name_says_where_its_argument_stands(keys: list[str]) -> None:
    value: Any = 1
    for key in reversed(keys):
        value = {key: value}
    (name,) = given(parameters=value)
    assert path_of(name) == tuple(keys)
    (listed,) = given(parameters={"l": [value]})
    assert path_of(listed) == ("l", None, *keys)


def test_the_workflow_takes_objects_and_lists_from_where_they_stand() -> None:
    lines = candidate_workflow_text(cancelling(to={"zip": 9, "a.b": ["x"]}, ids=["a"])).splitlines()
    (call,) = (line for line in lines if "step_2 = call" in line)
    assert call == '  let step_2 = call("cancel", {"ids": ids, "order": order, "to": {"a.b": to_a_b, "zip": to_zip}})'
    assert {'  let ids = ["a"]', '  let to_a_b = ["x"]', "  let to_zip = 9"} < set(lines)


def test_each_repetition_that_changes_something_else_is_told() -> None:
    made = cancelling()
    found, cancel = cancelled(99).actions
    wrong = [
        cancel.replace(id=f"c{n}", side_effects=(cancel.side_effects[0].replace(target=f"order:wrong {n}"),))
        for n in range(3)
    ]
    trace = cancelled(99).replace(actions=(found, wrong[0], cancel, *wrong[1:]))
    told = [one for one in generalised_differences(made, trace) if one.kind == "side_effects"]
    assert [one.observed[0]["target"] for one in told] == [f"order:wrong {n}" for n in range(3)]  # type: ignore[index,call-overload]
    assert "of action c1 are not" in told[1].message
