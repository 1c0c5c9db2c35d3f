"""Where values stand: arguments, outputs, effect targets."""

from __future__ import annotations

from typing import Any

from core.mining.generalised.effects import effect_templates, filled
from core.mining.generalised.values import MAX_LEAVES, arguments, places
from core.model.trace import Action


def tool(**fields: Any) -> Action:
    return Action.decode({"kind": "tool_call", "name": "a", **fields})


def test_arguments_are_scalars_and_lists_of_inputs_too() -> None:
    found = arguments(
        tool(parameters={"id": 1}, inputs={"id": 1, "items": ["x", "y"], "to": {"zip": "9"}, "l": [{"k": 2}]})
    )
    assert found == {"id": ("1",), "items[]": ('"x"', '"y"'), "to.zip": ('"9"',), "l[].k": ("2",)}


def test_equal_looking_values_of_other_types_are_not_the_same() -> None:
    assert set(places(tool(observed_output={"a": 1, "b": "1", "c": 1.0}))) == {"1", '"1"', "1.0"}


def test_places_generalise_lists_and_objects_of_alike_values() -> None:
    found = places(tool(observed_output={"rows": [{"id": "x", "n": 1}], "by/key": {"k": "z"}, "n": None}))
    assert found['"x"'] == {"out/rows/*/id"}
    assert found['"z"'] == {"out/by~1key/k", "out/by~1key/*"}


def test_outputs_that_are_json_texts_are_read() -> None:
    assert places(tool(observed_output='{"id": "x"}'))['"x"'] == {"out/id", "out/*"}


def test_huge_outputs_cost_no_more_than_the_limit() -> None:
    assert len(places(tool(observed_output=list(range(100_000))))) == MAX_LEAVES
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    assert places(tool(observed_output=deep)) == {}


def targets(parameters: dict[str, Any], *found: str) -> set[tuple[str, ...]]:
    """The ways to write some targets; each of them says again what it is made from."""
    made = tool(parameters=parameters, side_effects=[{"kind": "db_write", "target": target} for target in found])
    options = effect_templates(made)
    assert all({effect.target for effect in filled(option, made)} == set(found) for option in options)
    return {tuple(effect.target for effect in option) for option in options}


def test_a_value_that_is_the_name_of_another_argument_is_put_in_for_itself() -> None:
    found = targets({"type": "order", "order": "#W1"}, "order:#W1")
    assert found == {("order:#W1",), ("{type}:#W1",), ("order:{order}",), ("{type}:{order}",)}


def test_of_values_that_overlap_the_longest_is_put_in() -> None:
    found = targets({"a": "12", "b": "12-3"}, "x:12-3:12")
    assert found == {("x:12-3:12",), ("x:{b}:12",), ("x:{a}-3:{a}",), ("x:{b}:{a}",)}


def test_a_single_digit_or_letter_is_put_in_where_it_stands_by_itself() -> None:
    assert targets({"id": 9, "at": ":", "no": ""}, "order:9") == {("order:9",), ("order:{id}",)}
    assert targets({"id": 9}, "order:19") == {("order:19",)}


def test_braces_of_a_target_are_not_those_of_a_template() -> None:
    assert targets({"id": "W1"}, "order:{id}") == {("order:{{id}}",)}
    assert targets({"id": "W1"}, "{W1}") == {("{{W1}}",), ("{{{id}}}",)}
    assert ("{x\\{\\.y\\}}}}",) in targets({"x{.y}": "W1"}, "W1}")


def test_templates_put_in_whole_values_only() -> None:
    effect = {"kind": "db_write", "target": "order:#W12"}
    options = effect_templates(tool(parameters={"id": "#W12", "part": "#W1", "n": 12}, side_effects=[effect]))
    assert {option[0].target for option in options} == {"order:#W12", "order:{id}"}


def test_a_value_that_stands_at_many_places_is_found_at_each() -> None:
    at = {f"k{number}": 0 for number in range(30)}
    found = places(tool(parameters={"p": 0, "q": 1}, observed_output={"of": at, "s": [1, {"t": 1}], "n": "x"}))
    assert found["0"] == {"in/p", "out/of/*", *(f"out/of/{key}" for key in at)}
    assert found["1"] == {"in/q", "out/s/*", "out/s/*/t", "out/s/*/*"}
    assert list(found) == ["0", "1", '"x"']
