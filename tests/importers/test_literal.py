"""Arguments in Python's own spelling: what was written comes back, and nothing that JSON has not comes in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.literal import mapping_in
from core.model.jsontext import compact

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
LONG = 16_000


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_what_python_writes_comes_back(value: dict[str, Any]) -> None:
    found = mapping_in(str(value))
    assert found == value
    assert compact(found) == compact(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "{}x", "[1]", "{1: 2}", "{'a', 'b'}", "{'a': (1, 2)}", "{'a': {1}}", "{'a': b'x'}", "{'a': 1j}",
        "{'a': 1e999}", "{'a': 9223372036854775808}", "{'a': '\\ud800'}", "{'a': __import__('os')}", "{'a': f'{1}'}",
        "{**{'a': 1}}", "{'a': " + "9" * LONG, "{'a': " + "-" * LONG + "1}", "{'a': " + "(" * LONG, "{" * LONG,
        "{'a': " + "[" * 90 + "]" * 90 + "}", "{'a': " + "1+" * (LONG // 2) + "1}", "{'a': '" + "x" * 20_000 + "'}",
        "{'a': \x00}",
    ],
)  # fmt: skip
def test_what_json_has_not_is_no_mapping(text: str) -> None:
    assert mapping_in(text) is None
