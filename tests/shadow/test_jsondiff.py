from __future__ import annotations

from hypothesis import given

from core.model.jsontext import same
from core.shadow.jsondiff import MISSING, JsonDifference, json_differences
from tests.shadow.making import JSON


@given(JSON, JSON)
def test_none_exactly_when_the_values_are_the_same(left: object, right: object):
    assert (json_differences(left, right) == ()) is same(left, right)


@given(JSON)
def test_a_value_is_the_same_as_itself(value: object):
    assert json_differences(value, value) == ()


@given(JSON, JSON)
def test_both_directions_tell_the_same_places(left: object, right: object):
    forth, back = json_differences(left, right), json_differences(right, left)
    assert [d.pointer for d in forth] == [d.pointer for d in back]
    assert [(d.expected, d.observed) for d in forth] == [(d.observed, d.expected) for d in back]


def test_all_places_are_told_in_order():
    found = json_differences({"a": [1, 2, 3], "b": 1}, {"a": [1, "2"], "b": 1, "c": None})
    assert found == (
        JsonDifference("/a/1", 2, "2"),
        JsonDifference("/a/2", 3, MISSING, element=True),
        JsonDifference("/c", MISSING, None),
    )


def test_missing_is_not_null():
    assert json_differences({"a": None}, {}) == (JsonDifference("/a", None, MISSING),)
    assert json_differences({"a": None}, {"a": None}) == ()
