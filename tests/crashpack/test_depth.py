"""How deep a big trace is nested is found without reading it twice; see core.model.jsontext."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.jsontext import MAX_DEPTH, JsonError, compact, parse

TEXTS = st.text(st.sampled_from(list('[]{}"\\a,')), max_size=6)
VALUES = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2))


@given(VALUES, st.integers(0, 3), st.lists(TEXTS, min_size=130, max_size=140))
def test_brackets_in_strings_do_not_count(value: object, around: int, strings: list[str]) -> None:
    wrapped: object = [value, strings, ["[" * 200, "]" * 200, '"' * 3, "\\" * 3 + '"']]
    for _ in range(around):
        wrapped = {"]": wrapped, "[": [wrapped]}
    assert parse(compact(wrapped)) == wrapped


@given(st.lists(TEXTS, max_size=4), st.integers(-2, 2))
def test_the_limit_is_exact_whatever_stands_in_strings(strings: list[str], off: int) -> None:
    inner = compact(strings)
    depth = MAX_DEPTH + off
    data = b'["]",' * (depth - 1) + inner + b"]" * (depth - 1)
    if depth <= MAX_DEPTH:
        parse(data)
    else:
        with pytest.raises(JsonError, match="nesting deeper than 127"):
            parse(data)
