"""Outlines tell the same as whole runs, and leave alone what is no plain trace."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.model.jsontext import compact, sha256_hex
from core.model.outlined import Outlined
from core.traces.decode import decode_trace
from core.traces.errors import TraceError
from core.traces.outline import outline_of, outlined
from tests.traces.building import json_values, texts

SOURCE = "a/run\udcff.json"
names = st.none() | texts | json_values
approvals = st.none() | st.fixed_dictionaries(
    {}, optional={"required": st.booleans(), "approver": names, "prompt": texts}
)
actions = st.fixed_dictionaries(
    {},
    optional={
        "id": names,
        "kind": texts,
        "name": texts,
        "timestamp": names,
        "approval": approvals,
        "inputs": json_values,
    },
)
metadata = st.fixed_dictionaries({}, optional={"source_receipt_id": names, "goal": json_values})
runs = st.fixed_dictionaries(
    {"actions": st.lists(actions, max_size=3)},
    optional={"id": texts, "source": names, "source_hash": names, "metadata": metadata, "usage": st.just({})},
)


def told(run: Outlined | None) -> Any:
    """Everything that an outline tells."""
    assert run is not None
    acts = [(a.id, a.name, a.timestamp, a.approval and (a.approval.required, a.approval.approver)) for a in run.actions]
    return run.id, run.source, run.source_hash, run.receipt, acts


@given(runs)
@example({"actions": [{"id": " ", "kind": "\u3000"}, {"name": "b"}], "source_hash": "sha256:" + "ab" * 32})
@example({"actions": [], "id": " ", "metadata": {"source_receipt_id": ["x"]}})
def test_it_tells_what_the_whole_run_tells(value: dict[str, Any]) -> None:
    data = compact(value)
    try:
        whole = decode_trace(data, SOURCE)
    except TraceError:
        return
    assert told(outline_of(data, SOURCE, sha256_hex(data))) == told(outlined(whole)) == told(whole)


def test_of_equal_keys_the_last_one_counts() -> None:
    data = b'{"id": "a", "actions": [{"id": "x", "id": "y"}], "id": "b", "source": "s", "source": null}'
    outline = outline_of(data, SOURCE, sha256_hex(data))
    assert told(outline) == told(decode_trace(data, SOURCE))
    assert told(outline)[0] == "b"


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"actions": {}}', b"[" * 5000, b'{"actions": [{"id": 1}]}', b"\xff"])
def test_what_is_no_plain_trace_is_left_to_the_records(data: bytes) -> None:
    assert outline_of(data, SOURCE, sha256_hex(data)) is None
