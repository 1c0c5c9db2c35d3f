"""What kind of output is expected, and where another one is not of that kind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mining.generalised.shapes import Kinds, common_shape, fits, kinds_of, misfits
from core.model.jsontext import Json
from core.shadow.jsondiff import MISSING


def weighed(*outputs: tuple[Json, float]) -> dict[Kinds, float]:
    made: dict[Kinds, float] = {}
    for output, weight in outputs:
        if (kinds := kinds_of(output)) is not None:
            made[kinds] = made.get(kinds, 0.0) + weight
    return made


def shape(*outputs: Json) -> Json:
    return common_shape(weighed(*((output, 1.0) for output in outputs)))[0]


def test_shapes_ignore_values_and_lengths() -> None:
    assert shape({"a": [1], "b": None, "c": {"d": 1}}) == {"a": "list", "b": "null", "c": "object"}
    assert shape('{"a": true}') == {"a": "boolean"}
    assert [shape("x"), shape(1), shape(1.5), shape([])] == ["text", "number", "number", "list"]


def test_fields_that_few_have_or_that_vary_are_not_expected() -> None:
    same = [{"a": 1, "b": "x"}] * 19
    assert shape(*same, {"a": 1, "b": 2, "c": 3}) == {"a": "number", "b": "text"}
    assert shape({"a": 1}, {"b": 1}) == "object"
    assert shape(1, 1, 1, 1, None, "x") == "number"


def test_null_fits_every_field_and_nothing_is_expected_without_a_majority() -> None:
    assert shape({"a": None}, {"a": 1}, {"a": None}) == {"a": "number"}
    assert list(misfits({"a": "number"}, {"a": None, "more": 1})) == []
    assert common_shape(weighed(("x", 3.0), (1, 1.0), (None, 9.0))) == (None, 1.0)
    assert list(misfits("text", None)) == []
    assert list(misfits(None, {"what": "ever"})) == []


def test_the_share_counts_what_fits() -> None:
    expected, share = common_shape(weighed(*[({"a": 1}, 1.0)] * 19, ("error", 1.0)))
    assert (expected, share) == ({"a": "number"}, pytest.approx(0.95))


@pytest.mark.parametrize(
    ("expected", "output", "found"),
    [
        ({"a": "number"}, {}, ("/a", "any number", MISSING)),
        ({"a": "number"}, {"a": "1"}, ("/a", "any number", "1")),
        ({"a": "number"}, '{"a": "1"}', ("/a", "any number", "1")),
        ({"a/b": "text"}, {"a/b": 1}, ("/a~1b", "any text", 1)),
        ({"a": "number"}, [1], ("/", "any object", [1])),
        ("text", 1, ("/", "any text", 1)),
    ],
)
def test_misfits_name_the_place(expected: Json, output: Json, found: tuple[Any, ...]) -> None:
    (only,) = misfits(expected, output)
    assert (only.pointer, only.expected, only.observed) == found


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.floats(0, 1) | st.sampled_from(["", "x", '{"a": 1}', "[1]"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc/"), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["null", "boolean", "number", "text", "list", "object"])


@given(st.none() | TYPES | st.dictionaries(st.sampled_from("abc/"), TYPES, max_size=3), VALUES)
def test_what_fits_by_its_kinds_has_no_misfits(expected: Json, output: Json) -> None:
    assert fits(expected, kinds_of(output)) is (list(misfits(expected, output)) == [])
