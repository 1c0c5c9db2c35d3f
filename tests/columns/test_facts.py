"""Facts of a file are the same the fast way and the slow one, and a segment keeps them."""

from __future__ import annotations

import json
import sys
import tracemalloc

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import rows
from core.columns.encode import Encoder
from core.columns.facts import digest_of, form_of, shape_of
from core.columns.of_trace import facts_of
from core.columns.segment import DamagedError, from_bytes
from core.columns.texts import CUT
from core.model.jsontext import same
from core.model.trace import Action
from core.traces.errors import TraceError
from tests.bench.runs import run_bytes
from tests.columns.making import library_of, made, run_fields
from tests.columns.ways import are_all_left, check, slowly
from tests.shadow.making import JSON
from tests.traces.building import traces

odd = st.sampled_from([None, 1, 1.0, -1, 2**63, 2**64, True, "x", [], {}, [1], {"a": {"b": 1}}, -0.0])


@settings(max_examples=200, deadline=None)
@given(run_fields)
def test_runs_have_the_same_facts_both_ways(fields):
    check(orjson.dumps(fields))


@settings(max_examples=100, deadline=None)
@given(traces)
def test_any_trace_has_the_same_facts_both_ways(trace):
    check(orjson.dumps(trace, default=lambda record: record.wire()))


@settings(max_examples=100, deadline=None)
@given(run_fields)
def test_a_run_of_a_library_took_as_long_as_the_run_itself(fields):
    trace = made(fields, 0)
    library, _ = library_of([trace])
    assert rows.usage(*library.place(0)) == trace.usage.replace(wall_ms=trace.took_ms)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["id", "kind", "name", "timestamp", "inputs", "output", "parameters", "side_effects", "cost"])
        | st.sampled_from(["capabilities", "approval", "duration_ms", "deterministic", "fuzzy", "metadata", "other"]),
        odd,
        max_size=4,
    ),
    st.dictionaries(st.sampled_from(["model_calls", "total_cost_usd", "wall_ms", "model", "other"]), odd, max_size=2),
)
def test_what_the_slow_way_refuses_the_fast_way_never_takes(action, cost):
    data = json.dumps({"actions": [{**action, "cost": cost} if cost else action]}).encode()
    try:
        slowly(data)
    except TraceError:
        assert are_all_left(data)
    else:
        check(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"actions": 1}',
        b'{"actions": [1]}',
        b'{"actions": [], "id": "\xff"}',
        b'{"actions": [], "other": "\\ud800"}',
        b'{"actions": [], "version": 1.0}',
        b'{"actions": [{"duration_ms": -0}]}',
        b'{"actions": [{"inputs": ' + b"[" * 130 + b"]" * 130 + b"}]}",
        b'\xef\xbb\xbf{"actions": []}',
        b'{"actions": [], "n": NaN}',
    ],
)
def test_hostile_files_are_left_to_the_slow_way(data):
    assert are_all_left(data)


@pytest.mark.parametrize(
    "action",
    [
        {"metadata": {"policy_status": "unresolved"}},
        {"side_effects": [{"kind": "k"}], "fuzzy": True},
        {"side_effects": [{"kind": "k", "metadata": {"nondeterministic": True}}]},
        {"inputs": {"a": {"b": 1}, "a.b": 2}},
    ],
)
def test_runs_that_may_be_set_aside_are_left_to_the_slow_way(action):
    data = orjson.dumps({"actions": [action]})
    assert are_all_left(data)
    slowly(data)


def test_usual_runs_take_the_fast_way():
    assert all(check(run_bytes(number, 12)) for number in range(60))


@given(JSON, JSON)
def test_a_digest_tells_values_apart_as_strictly_as_they_are_compared(one, other):
    assert (digest_of(one) == digest_of(other)) is same(one, other)


@settings(max_examples=50, deadline=None)
@given(st.lists(run_fields, min_size=1, max_size=4))
def test_a_segment_survives_as_bytes_and_says_when_it_is_damaged(fields):
    library, _ = library_of([made(one, number) for number, one in enumerate(fields)])
    segment = library.volumes[0].segment
    again = from_bytes(segment.data)
    assert again.data == segment.data
    assert again.column("run_id") == segment.column("run_id")
    assert np.array_equal(again.values, segment.values)
    middle = len(segment.data) // 2
    for damaged in (
        segment.data[:-1],
        segment.data[:middle] + bytes([segment.data[middle] ^ 1]) + segment.data[middle + 1 :],
        b"",
        b"assay",
    ):
        with pytest.raises(DamagedError):
            from_bytes(damaged)


def test_long_texts_keep_their_order():
    texts = ["x" * (2 * CUT) + letter for letter in "cab"]
    encoder = Encoder()
    for number, text in enumerate(texts):
        trace = made({"actions": [{"kind": "k", "name": "n", "inputs": {"t": text}}]}, number)
        encoder.add(f"{number}", (1, 2, 3, 4), "00" * 32, 1, facts_of(trace))
    segment = encoder.finish()
    assert np.argsort(segment.values).tolist() == [1, 2, 0]
    assert all(len(word) < CUT + 14 for word in segment.words.all())


def test_what_is_kept_of_every_name_takes_no_more_memory_than_it_needs():
    held = []
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(200):
            held += [form_of(Action(kind="k", name=f"name-{number}")), shape_of(["a"], [f"b{number}"])]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken < 2 * sum(map(sys.getsizeof, held))
