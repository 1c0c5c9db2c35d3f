"""Runs that are plainly well-formed become the same records as those whose fields are looked at one by one."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from core.model.jsontext import compact
from core.model.record import DecodeError, Record
from core.model.trace import Action, Approval, Cost, SideEffect, Trace
from core.traces import plain
from core.traces.normalise import completed, normalise
from core.traces.plain import plain_run
from tests.traces.building import json_values

TEXTS = st.sampled_from(["", " ", "a", "model_call", "tool_call", "é"])
COUNTS = st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63), 2**63, 2**64 - 1])
ANY = st.one_of(st.none(), st.booleans(), TEXTS, COUNTS, st.sampled_from([0.0, -0.0, 1.0, 1.5]), json_values)
LISTS = st.lists(TEXTS, max_size=3)

RIGHT: dict[type[Record], dict[str, st.SearchStrategy[Any]]] = {
    Cost: {
        "model": st.none() | TEXTS,
        **dict.fromkeys(("model_calls", "input_tokens", "output_tokens", "wall_ms"), st.integers(-2, 2)),
        "total_cost_usd": st.sampled_from([0, 1, 0.5, 2**60 + 1]),
    },
    Approval: {
        **dict.fromkeys(("prompt", "approver", "boundary"), st.none() | TEXTS),
        "required": st.booleans(),
    },
    SideEffect: {
        **dict.fromkeys(("kind", "target"), TEXTS),
        **dict.fromkeys(("capability", "mutation"), st.none() | TEXTS),
        "metadata": st.dictionaries(TEXTS, json_values, max_size=2),
    },
}


def fields_of(kind: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of a record, some of them missing; now and then one with a value of any kind, or one that it lacks."""
    right = RIGHT[kind]
    some = st.fixed_dictionaries({}, optional=right)
    odd = st.dictionaries(st.sampled_from([*right, "unknown"]), ANY, max_size=1)
    return st.builds(lambda held, other: held | other, some, st.just({}) | odd)


RIGHT[Action] = {
    **dict.fromkeys(("id", "kind", "name"), TEXTS),
    "timestamp": st.none() | TEXTS,
    **dict.fromkeys(("inputs", "output", "observed_output"), json_values),
    **dict.fromkeys(("parameters", "metadata"), st.dictionaries(TEXTS, json_values, max_size=2)),
    "side_effects": st.lists(fields_of(SideEffect), max_size=3),
    **dict.fromkeys(("capabilities", "required_secrets"), LISTS),
    "approval": st.none() | fields_of(Approval),
    "cost": fields_of(Cost),
    "duration_ms": st.none() | st.integers(-2, 2),
    **dict.fromkeys(("deterministic", "fuzzy"), st.none() | st.booleans()),
}

RUNS = st.fixed_dictionaries(
    {"actions": st.lists(fields_of(Action), max_size=3) | st.lists(ANY, max_size=2)},
    optional={"id": TEXTS, "version": COUNTS, "usage": st.just({}) | ANY, "metadata": ANY},
)


def told(record: object) -> object:
    """A record with the kinds of all values, for 1 is not 1.0, and with which fields count as given."""
    if isinstance(record, Record):
        held = {name: told(value) for name, value in record.__dict__.items()}
        return type(record), list(held), held, sorted(record.model_fields_set)
    if isinstance(record, dict):
        return [(key, told(value)) for key, value in record.items()]
    return [type(record), *map(told, record)] if isinstance(record, list | tuple) else (type(record), repr(record))


@given(RUNS)
@example({"actions": [{"cost": {"wall_ms": 2**63}}]})
@example({"actions": [{"id": None}]})
def test_what_is_plain_is_what_it_is_when_each_field_is_looked_at(fields: dict[str, Any]) -> None:
    found = plain_run(fields)
    try:
        wanted = normalise(Trace.decode(fields).replace(source_hash="h"))
    except DecodeError:
        assert found is None
        return
    if found is not None:
        made = completed(found.replace(source_hash="h"))
        assert compact(made) == compact(wanted)
        assert told(made.actions) == told(wanted.actions)


@given(st.lists(st.fixed_dictionaries({}, optional=RIGHT[Action]).filter(lambda held: "approval" not in held)))
def test_what_the_format_says_is_plain(actions: list[dict[str, Any]]) -> None:
    fields = {"actions": [held | {"cost": {}, "side_effects": []} for held in actions]}
    assert plain_run(fields) is not None


def test_all_fields_of_the_records_are_known_in_their_order() -> None:
    for kind, form in (
        (Action, plain._Action),
        (Cost, plain.Costs),
        (Approval, plain._Approval),
        (SideEffect, plain._SideEffect),
    ):
        assert list(kind.model_fields) == list(form.__struct_fields__)
        assert not any(field.alias for field in kind.model_fields.values())


def test_actions_share_nothing_that_could_be_changed() -> None:
    run = plain_run({"actions": [{}, {}]})
    assert run is not None
    first, second = run.actions
    assert first.parameters is not second.parameters
    assert first.metadata is not second.metadata
