"""Spans that are decoded in one pass become the runs that the general way makes of them, fault by fault."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.importers import otel_dumps, otlp
from core.importers.convert import found
from core.importers.otel import FORMAT
from core.importers.otel_spans import Span
from core.importers.texts import source_of_bytes
from core.importers.values import Left, Run
from core.model.jsontext import compact
from tests.importers.importing import DATA, tool_span
from tests.importers.importing import otlp as request
from tests.importers.test_hostile import VALUES, changed, places

GENERAL = replace(FORMAT, typed=None)
FILES = [*sorted((DATA / "otlp").iterdir()), *sorted((DATA / "otel_spans").iterdir())[:8]]


def lines(*records: Any) -> bytes:
    """JSON Lines, also with numbers beyond 64 bits."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def told(data: bytes, name: str, made: Any) -> list[Any]:
    """What is found, but for the hash of the records, which is over their bytes in one case."""
    out: list[Any] = []
    for one in found(source_of_bytes(data, name), made):
        if isinstance(one, Run):
            one.trace["source_hash"] = None
            out.append((one.number, one.place, compact(one.trace)))
        else:
            assert isinstance(one, Left)
            # A text that stands alone is told of with the place in itself, not in the whole.
            out.append((one.place, one.reason.partition(" at line")[0].partition(" at column")[0], one.number))
    return out


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    data = path.read_bytes()
    assert told(data, path.name, FORMAT) == told(data, path.name, GENERAL)
    as_lines = lines(*json.loads(data)["spans"]) if path.parent.name == "otel_spans" else b""
    assert told(as_lines, "a.jsonl", FORMAT) == told(as_lines, "a.jsonl", GENERAL)


def sample(kind: str) -> list[Any]:
    if kind != "otlp":
        spans = list(json.loads((DATA / "otel_spans" / "AGNO__172e8774.json").read_bytes())["spans"])
        aside = {"span_kind": "TOOL", "status_code": "ERROR", "status_message": "no", "status": None}
        return [span | aside for span in spans] if kind == "phoenix" else spans
    return [json.loads(line) for line in (DATA / "otlp" / "spans.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("kind", ["dumps", "phoenix", "otlp"])
def test_the_samples_go_the_quick_way(kind: str) -> None:
    for record in sample(kind):
        made = (otlp.spans_in if kind == "otlp" else otel_dumps.dumps_in)(json.dumps(record).encode())
        assert made is not None
        assert {type(value) for value, _ in made[1]} == {Span}


MORE = [
    *VALUES, 1.5, "7", "-7", "x" * 19, 10**18, {"intValue": "12"}, {"intValue": 12}, {"doubleValue": 5},
    {"doubleValue": "NaN"}, {"boolValue": False}, {"bytesValue": "AA=="}, {"stringValue": None}, {"stringValue": ""},
    {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "a"}, 3]}}, {"arrayValue": None},
    {"kvlistValue": {"values": [{"key": "k", "value": {"stringValue": "v"}}]}}, {"key": "k", "value": {"intValue": 1}},
    {"code": 2, "message": "no"}, {"code": "STATUS_CODE_ERROR"}, {"status_code": "StatusCode.ERROR"},
]  # fmt: skip


@pytest.mark.parametrize("kind", ["dumps", "phoenix", "otlp"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_value_anywhere(kind: str, data: st.DataObject) -> None:
    records = sample(kind)
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(records) - 1))
        place = data.draw(st.sampled_from(places(records[number])))
        how = data.draw(st.sampled_from(["change", "leave out"]))
        records[number] = changed(records[number], place, data.draw(st.sampled_from(MORE)), how)
    made = lines(*records)
    assert told(made, "a.jsonl", FORMAT) == told(made, "a.jsonl", GENERAL)
    if kind != "otlp":
        whole = json.dumps({"spans": records}).encode()
        assert told(whole, "a.json", FORMAT) == told(whole, "a.json", GENERAL)


@pytest.mark.parametrize(
    ("value", "told_tokens"),
    [
        ({"intValue": "70"}, 70),
        ({"code": 2, "message": "no"}, 0),
        ({"code": 2, "intValue": "70"}, 70),
        ({"stringValue": None, "intValue": 70}, 70),
        ({"boolValue": None, "arrayValue": None, "intValue": "70"}, 70),
        ({}, 0),
    ],
)
def test_a_value_is_what_has_a_type_of_the_format(value: Any, told_tokens: int) -> None:
    records = sample("otlp")
    attributes = records[1]["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"]
    next(one for one in attributes if one["key"] == "gen_ai.usage.input_tokens")["value"] = value
    for made in (FORMAT, GENERAL):
        runs = [run.trace for run in found(source_of_bytes(lines(*records), "a.jsonl"), made) if isinstance(run, Run)]
        (call,) = [a for run in runs for a in run["actions"] if a["kind"] == "model_call" and a["id"] == "a0001"][:1]
        assert call["cost"]["input_tokens"] == told_tokens


@pytest.mark.parametrize("bad", [b"\xff", b'"\\ud800"', b"NaN", b"[" * 300, b"[" * 100_000, b"99999999999999999999"])
def test_bytes_that_are_no_json_cost_what_the_general_way_says(bad: bytes) -> None:
    good = tool_span("ab" * 16, 1)
    text = compact(request(good, good | {"spanId": "cd", "x": "MARK"}, good | {"spanId": "ef"}))
    data = text.replace(b'"MARK"', bad) + b"\n" + lines(request(good | {"spanId": "99"}))
    assert told(data, "a.jsonl", FORMAT) == told(data, "a.jsonl", GENERAL)


def test_a_run_is_told_from_one_that_differs_in_a_field_that_is_not_kept() -> None:
    one = request(tool_span("ab" * 16, 1) | {"links": []})
    other = request(tool_span("ab" * 16, 1) | {"links": [1]})
    moved = {"resourceSpans": [one["resourceSpans"][0] | {"resource": {"attributes": []}}]}
    hashes = [
        run.trace["source_hash"]
        for text in (one, other, moved, one)
        for run in found(source_of_bytes(lines(text), "a.jsonl"), FORMAT)
        if isinstance(run, Run)
    ]
    assert len(hashes) == 4
    assert len(set(hashes)) == 3
    assert hashes[0] == hashes[3]
