"""Whatever stands in a file: no importer raises, every run it makes is a trace, and no text of it is interpreted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.importers.convert import found
from core.importers.direct import runs_of
from core.importers.effects import Effects, ToolRule
from core.importers.naming import file_name
from core.importers.registry import BUILT_IN
from core.importers.texts import source_of_bytes
from core.importers.values import Left, Options, Run
from core.model.jsontext import compact, parse
from core.model.text import visible
from core.model.trace import SideEffect, Trace
from tests.importers.importing import DATA, all_found, chat, lines
from tui.cli.main import main

FILES = [
    "openai_chat/runs.jsonl",
    "otlp/spans.jsonl",
    "otel_spans/LLAMA_INDEX__14b37411.json",
    "agents_sdk/traces.jsonl",
    "langsmith/runs.jsonl",
    "claude_code/session.jsonl",
    "agent_turns/turns.json",
    "swe_agent/humanevalfix-python-0__ea41a90d.traj",
    "expected/AGNO__172e8774.json",
]
EVIL = (
    "\x1b]0;owned\x07", "\u202egnp.exe", "[@click=app.quit]x[/]", "../../../../etc/passwd", "a\nb\rc", "\x00",
    "{{7*7}}", "'; rm -rf ~ #", '"""', "${HOME}", "\ue000\u200b", "CON", "x" * 5000, "",
)  # fmt: skip
VALUES = [
    *EVIL, None, True, False, 0, -1, 2**63 - 1, 2**64 - 1, -(2**63), 1e308, -0.0, [], {}, [[]], [{}], {"a": None},
    "99999999999999999999", "NaN", "2026-99-99", "1e999", [None] * 3, {"": {"": []}}, "9" * 400,
]  # fmt: skip
RULE = ToolRule("*", (SideEffect(kind="k", target="{path}{x}"),), ("c",), ("S",))
TYPES: dict[str, type | tuple[type, ...]] = {"id": str, "kind": str, "name": str, "parameters": dict, "metadata": dict}


def records_of(path: str) -> list[Any]:
    data = (DATA / path).read_bytes()
    return [parse(line) for line in data.splitlines()] if path.endswith(".jsonl") else [parse_big(data)]


def parse_big(data: bytes) -> Any:
    from core.importers.jsonin import loads

    return loads(data)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a value."""
    made = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value[:6]) if isinstance(value, list) else ()
    for key, held in inner:
        made += places(held, (*path, key))
    return made


def changed(value: Any, path: tuple[Any, ...], new: Any, how: str) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and how == "leave out" and isinstance(copy, dict):
        del copy[path[0]]
    else:
        copy[path[0]] = changed(value[path[0]], path[1:], new, how)
    return copy


def check(data: bytes, name: str, options: Options) -> None:
    """Nothing raises in any format; what comes out is a trace and can be read back."""
    for made in BUILT_IN:
        for one in found(source_of_bytes(data, name), made, options):
            if isinstance(one, Left):
                assert "fails on it" not in one.reason, one
                continue
            text = compact(one.trace)
            assert parse(text)["id"]
            Trace.decode(parse(text))
            assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,90}\.json", file_name(one.trace["id"]))
    runs_of(data, name)


@pytest.mark.parametrize("path", FILES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_value_anywhere(path: str, data: st.DataObject) -> None:
    records = records_of(path)
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(records) - 1))
        place = data.draw(st.sampled_from(places(records[number])))
        how = data.draw(st.sampled_from(["change", "leave out"]))
        records[number] = changed(records[number], place, data.draw(st.sampled_from(VALUES)), how)
    made = compact(records[0]) if len(records) == 1 else lines(*records)
    check(made, Path(path).name, Options(Effects((RULE,))))


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_any_value_as_the_role_of_a_message(value: Any) -> None:
    odd = [{"role": value, "content": "b"}, {"type": "message", "role": value, "content": "b"}]
    said = [{"role": "user", "content": "a"}, *odd, {"role": "assistant", "content": "c"}]
    check(compact({"id": "r", "messages": said}), "runs.json", Options())
    check(compact({"id": "r", "input": said, "output": said}), "runs.json", Options())


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_any_value_as_the_name_of_an_attribute(value: Any) -> None:
    """A span that is not plainly one is read the general way, which has to take as much."""
    spans = ("resourceSpans", 0, "scopeSpans", 0, "spans", 0)
    named = (*spans, "attributes", 2, "key")
    records = records_of("otlp/spans.jsonl")
    check(
        lines(*(changed(one, named, value, "change") if named in places(one) else one for one in records)),
        "spans.jsonl",
        Options(Effects((RULE,))),
    )


@pytest.mark.parametrize("path", FILES)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_bytes_anywhere(path: str, data: st.DataObject) -> None:
    held = bytearray((DATA / path).read_bytes()[:30_000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(held) - 1))
        end = at + data.draw(st.integers(0, 40))
        held[at:end] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"NaN", b"[" * 300, b'"', b"\\", b"\xff", b"\n"])
        )
    check(bytes(held), Path(path).name, Options())


NAMES = (
    *("messages", "role", "content", "tool_calls", "function", "name", "arguments", "id", "input", "actions"),
    *("trajectory", "info", "action", "history", "object", "trace_id", "span_data", "type", "run_type", "inputs"),
    *("sessionId", "message", "uuid", "iteration", "traceId", "spanId", "attributes", "context", "spans"),
    *("resourceSpans", "data", "usage", "timestamp", "start_time", "value", "key"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.sampled_from(EVIL),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON, min_size=1, max_size=4))
def test_any_json_with_the_formats_own_names(records: list[Any]) -> None:
    check(lines(*records), "a.jsonl", Options(Effects((RULE,))))
    check(compact(records), "a.json", Options())


@pytest.mark.parametrize("text", EVIL)
def test_no_text_of_a_file_reaches_the_terminal_as_it_is(tmp_path: Path, text: str) -> None:
    record = chat(text, id=text or "x", goal=text)
    call = record["messages"][1]["tool_calls"][0]
    call["function"]["name"] = text
    stray = {"role": text, "content": text}
    record["messages"] += [stray, {"role": "assistant", "content": [{"type": text}]}]
    source = tmp_path / f"{'x' if '/' in text or chr(0) in text else text[:40]}.jsonl"
    source.write_bytes(lines(record, record | {"metadata": {"x": 1}}, {"messages": [stray]}))
    target = tmp_path / "to"
    for arguments in (["import", str(source), "--to", str(target)], ["effects", "suggest", str(source)]):
        told = CliRunner().invoke(main, arguments)
        for line in (told.stdout + told.stderr).split("\n"):
            assert visible(line) == line or line == visible(line, lines=True)
        assert told.exception is None or type(told.exception).__name__ in ("NothingFound", "SystemExit")
    assert {path.parent for path in tmp_path.rglob("*")} == {tmp_path, target}
    for path in target.glob("*.json"):
        assert Trace.decode(parse(path.read_bytes())).id == record["id"]


def test_many_spans_in_one_another_take_no_longer_than_beside_one_another() -> None:
    count = 6_000
    spans = [
        {
            "traceId": "ab" * 16,
            "spanId": f"{number:016x}",
            "parentSpanId": f"{number - 1:016x}" if number else "",
            "name": "x",
            "attributes": [{"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}}],
        }
        for number in range(count)
    ]
    runs = [one for one in all_found(lines(*reversed(spans))) if isinstance(one, Run)]
    assert len(runs[0].trace["actions"]) == count


@pytest.mark.parametrize(
    "data",
    [
        b'"' + b"\\" * 200_000 + b'"',
        b'{"a":' * 50_000,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"messages": "' + b'\\"a' * 100_000,
        b'{"x": ' + b"9" * 200_000 + b', "messages": []}',
        b":99999999999999999999 " * 20_000,
        b'"a"' * 100_000,
        b"\n" * 100_000,
        b'{"spans": [' + b"{}," * 50_000 + b"{}]}",
    ],
    ids=range(9),
)
def test_long_nonsense_ends(data: bytes) -> None:
    for name in ("a.json", "a.jsonl"):
        check(data, name, Options())
