"""Arguments that are lists and objects: what is told of them, and what an approval is bound to."""

from __future__ import annotations

from typing import Any

from core.mining.generalised.describe import describe
from core.mining.generalised.evidence import Pool
from core.mining.generalised.mine import materials_of, mine_pool
from core.mining.generalised.recipe import recipe_of
from core.mining.generalised.record import candidate_of
from core.mining.generalised.values import arguments
from core.model.binding_words import constant_told
from core.model.candidate import Candidate
from core.model.jsontext import compact, parse
from core.model.options import Options
from core.model.trace import Action
from core.promotion.behaviour import behaviour_digest
from tests.mining_generalised.noise import action, run


def given(**fields: Any) -> dict[str, tuple[str, ...]]:
    return dict(arguments(Action.decode({"kind": "tool_call", "name": "a", **fields})))


def cancelling(found: dict[str, Any], *targets: str, **more: Any) -> Candidate:
    """What is proposed of runs that find an order and cancel it with further arguments."""
    runs = []
    for number in range(12):
        order = f"W{number:03}"
        effects = [{"kind": "db_write", "target": target.replace("%", order)} for target in targets or ("order:%",)]
        close = action("cancel", {"order": order, **more}, {"ok": True}, side_effects=effects)
        runs.append(run(f"r{number}", [action("find", {"q": f"q{number}"}, {"id": order, **found}), close]))
    known, materials = materials_of(runs)
    pool = Pool(materials)
    (one,) = (describe(one, pool, known) for one in mine_pool(pool, known, 5))
    made = candidate_of(one, {material.key: material.run for material in materials}, Options())
    assert len(made.examples) == 12
    return Candidate.decode(parse(compact(made)))


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
    made = [cancelling({}, ids=value) for value in values]
    assert len({behaviour_digest(one, []) for one in made}) == len(values)


def test_a_list_is_told_with_its_order_and_its_repetitions_and_read_again_as_it_is() -> None:
    made = cancelling({}, ids=["b", "a", "b"], one=["x"], no=[], rows=[[1]], deep=[{"in": ["x"]}])
    told = {"ids[]": '["b","a","b"]', "one[]": '["x"]', "no[]": "[]", "rows[]": "[[1]]", "deep[].in": '["x"]'}
    assert constants(made) == told
    read = {b.name: b.constant for b in recipe_of(made).fitted.bindings if b.kind == "constant"}
    assert read["ids[]"] == ('"b"', '"a"', '"b"')
    assert (read["no[]"], read["rows[]"], read["deep[].in"]) == ((), ("[1]",), ('["x"]',))
