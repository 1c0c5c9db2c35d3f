from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.traces.decode import decode_trace
from core.traces.errors import TraceError
from tests.traces.building import json_values

MINIMAL = b'{"actions":[]}'


def fault(data: bytes, label: str = "in/a.json") -> TraceError:
    with pytest.raises(TraceError) as caught:
        decode_trace(data, label)
    return caught.value


def test_what_a_file_does_not_say_is_filled_in() -> None:
    trace = decode_trace(MINIMAL, "in/a.json")
    assert trace.source == "in/a.json"
    assert trace.source_hash == "sha256:" + sha256_hex(MINIMAL)
    assert trace.id == "trace_" + sha256_hex(MINIMAL)[:16]
    assert trace.version == 1


def test_what_a_file_says_stays() -> None:
    trace = decode_trace(b'{"id":"t","version":7,"source":"","source_hash":"h","actions":[]}', "x")
    assert (trace.id, trace.version, trace.source, trace.source_hash) == ("t", 7, "", "h")


def test_maps_are_sorted_at_every_depth_and_records_keep_their_order() -> None:
    trace = decode_trace(b'{"metadata":{"b":{"z":1,"a":2},"a":[{"y":1,"x":2}]},"actions":[{"name":"n","id":"i"}]}', "x")
    assert json.dumps(trace.metadata) == '{"a": [{"x": 2, "y": 1}], "b": {"a": 2, "z": 1}}'
    assert list(trace.actions[0].wire())[:3] == ["id", "kind", "name"]


def test_bytes_that_are_not_utf_8_are_a_read_error() -> None:
    found = fault(b'{"id":"\xff"}')
    assert (found.stage, found.place) == ("read", "byte 7")
    assert str(found).startswith("failed to read crystallization trace in/a.json: byte 7: not UTF-8 text")


@pytest.mark.parametrize("data", [b"", b"{", b"\xef\xbb\xbf{}", b"[NaN]", b'"\\ud800"', b"[01]", b'"\x01"', b"1e999"])
def test_text_that_is_not_json_is_a_parse_error_with_its_place(data: bytes) -> None:
    found = fault(data)
    assert found.stage == "parse"
    assert found.place.startswith("line 1 column ")
    assert str(found) == f"failed to parse crystallization trace in/a.json: {found.reason} at {found.place}"


def test_the_place_of_a_parse_error_counts_lines() -> None:
    assert fault(b'{\n "actions": [\n  tru\n]}').place.startswith("line 3 column ")


@pytest.mark.parametrize("depth", [128, 5_000, 200_000])
def test_deep_nesting_is_a_parse_error(depth: int) -> None:
    assert fault(b'{"actions":' + b"[" * depth + b"]" * depth + b"}").stage == "parse"


def test_the_deepest_nesting_that_is_allowed_is_read() -> None:
    deep = b"[" * 125 + b"]" * 125
    trace = decode_trace(b'{"actions":[],"metadata":{"d":' + deep + b"}}", "x")
    assert "d" in trace.metadata


@pytest.mark.parametrize(
    ("data", "place", "reason"),
    [
        (b'{"actions":[{},{"cost":null}]}', "actions[1].cost", "expected an object, got null"),
        (b'{"actions":{}}', "actions", "expected a list, got an object"),
        (b'{"actions":[],"version":1.0}', "version", "expected an integer, got the number 1.0"),
        (b'{"actions":[],"version":-1}', "version", "expected an integer in range, got the number -1"),
        (b'{"actions":[{"approval":{"required":1}}]}', "actions[0].approval.required", "expected true or false"),
        (
            b'{"actions":[{"duration_ms":9223372036854775808}]}',
            "actions[0].duration_ms",
            "expected an integer in range",
        ),
        (b'{"actions":[{"duration_ms":true}]}', "actions[0].duration_ms", "expected an integer, got true"),
        (b'{"actions":[],"id":null}', "id", "expected a string, got null"),
    ],
)
def test_decode_errors_name_the_field(data: bytes, place: str, reason: str) -> None:
    found = fault(data)
    assert (found.stage, found.place) == ("decode", place)
    assert found.reason.startswith(reason)
    assert str(found).startswith(f"failed to decode crystallization trace in/a.json: {place}: {reason}")


def test_run_records_are_recognised() -> None:
    assert decode_trace(b'{"stages":[]}', "x").workflow_id == ""
    assert decode_trace(b'{"_type":"workflow_run"}', "x").replay_allowlist[0].path == "/run_id"
    assert decode_trace(b'{"stages":3,"actions":[]}', "x").actions == ()


def test_faults_of_run_records_are_told_as_such() -> None:
    found = fault(b'{"stages":[{"usage":{"call_count":"1"}}]}')
    assert found.place == "stages[0].usage.call_count"
    assert str(found).startswith("failed to decode run record in/a.json as crystallization input: stages[0].usage")


@pytest.mark.parametrize("data", [b"[]", b"null", b"3", b"{}", b'{"_type":"other"}', b'"actions"'])
def test_other_json_is_neither(data: bytes) -> None:
    assert str(fault(data)) == "in/a.json is neither a crystallization trace nor a workflow run record"


def test_a_file_name_that_is_not_utf_8_can_be_written() -> None:
    trace = decode_trace(MINIMAL, "a\udcff.json")
    assert trace.source == "a\ufffd.json"


FIELDS = st.sampled_from(["id", "actions", "usage", "flow", "metadata", "stages", "version"])


@given(st.binary(max_size=40))
def test_any_bytes_give_a_trace_or_an_input_error(data: bytes) -> None:
    with suppress(InputError):
        assert decode_trace(data, "x").version > 0


@given(st.dictionaries(FIELDS, json_values))
def test_any_object_gives_a_trace_or_an_input_error(value: dict[str, object]) -> None:
    with suppress(InputError):
        assert decode_trace(json.dumps(value).encode(), "x").version > 0
