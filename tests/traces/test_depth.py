"""How deeply JSON is nested is told from its brackets alone."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.model.jsontext import JsonError, holds_deeper, is_deeper, parse

_TEXTS = st.text(st.sampled_from('[]{}"\\ a,:'), max_size=6)
_VALUES = st.recursive(
    st.none() | st.integers(0, 9) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


def depth(value):
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)


@given(_VALUES, st.integers(0, 6))
@example([{"a": [1]}], 2)
@example(['"', "[", "]"], 1)
@example(["\\", "[["], 1)
def test_it_is_deeper_exactly_when_a_walk_through_it_says_so(value, most):
    assert is_deeper(orjson.dumps(value), most) == holds_deeper(value, most) == (depth(value) > most)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_the_deepest_that_is_read_is_127(opening, closing):
    levels = opening.count("[") + opening.count("{")
    times = 127 // levels
    text = "[" * (127 - times * levels) + opening * times + "1" + closing * times + "]" * (127 - times * levels)
    assert depth(parse(text.encode())) == 127
    with pytest.raises(JsonError, match="deeper than 127"):
        parse(f"[{text}]".encode())
