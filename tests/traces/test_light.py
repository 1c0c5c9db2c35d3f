"""What a quick look lets through is never heavier than a close look says."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from core.traces import bounds

_TEXTS = st.text(st.sampled_from('[]{}",:\\ aé😀'), max_size=8)
_VALUES = st.recursive(
    st.none() | st.integers(0, 9) | _TEXTS,
    lambda inner: st.lists(inner, max_size=50) | st.dictionaries(_TEXTS, inner, max_size=5),
    max_leaves=60,
)


@given(_VALUES, st.integers(0, 20_000))
def test_a_light_text_takes_no_more_than_is_allowed(value, most):
    data = orjson.dumps(value)
    before = bounds.allowed
    bounds.allowed = lambda size: most
    try:
        light = bounds.is_light(data)
    finally:
        bounds.allowed = before
    assert not light or bounds.weight(data) + bounds.ACTION * data.count(b"{") <= most


def test_a_usual_run_is_light():
    data = orjson.dumps({"actions": [{"id": "a", "name": "look", "inputs": {"path": "x" * 200}}] * 500})
    assert len(data) > bounds.LARGE
    assert bounds.is_light(data)
    assert not bounds.is_light(b"[" + b"{}," * 20_000 + b"{}]")
