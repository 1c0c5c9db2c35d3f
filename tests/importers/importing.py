"""What the importers' tests share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.importers.convert import format_of, found
from core.importers.effects_file import load_effects
from core.importers.registry import named
from core.importers.texts import source_of_bytes
from core.importers.values import Found, Left, Options, Run
from core.model.jsontext import compact

DATA = Path(__file__).parent.parent / "data" / "importers"


def all_found(data: bytes, name: str = "runs.jsonl", options: Options | None = None, fmt: str = "") -> list[Found]:
    source = source_of_bytes(data, name)
    made = named(fmt) if fmt else format_of(source)
    assert made is not None, "no format sees it"
    return list(found(source, made, options or Options()))


def split(data: bytes, name: str = "runs.jsonl", **more: Any) -> tuple[list[dict[str, Any]], list[Left]]:
    """The runs of some bytes as plain JSON, and what was left out."""
    told = all_found(data, name, **more)
    runs = [one.trace for one in told if isinstance(one, Run)]
    return runs, [one for one in told if isinstance(one, Left)]


def runs_in(path: str, effects: str = "", workflow_id: str | None = None) -> list[dict[str, Any]]:
    """The runs of a file among the tests' data."""
    options = Options(workflow_id=workflow_id)
    if effects:
        options = Options(load_effects(DATA / effects), workflow_id)
    file = DATA / path
    return split(file.read_bytes(), file.name, options=options)[0]


def lines(*records: Any) -> bytes:
    """JSON Lines of some records."""
    return b"".join(compact(record) + b"\n" for record in records)


def chat(text: str = "hello", **more: Any) -> dict[str, Any]:
    """A chat with one call and one answer."""
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": compact({"q": text}).decode()}}
    return {
        "messages": [
            {"role": "user", "content": text},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "found"},
            {"role": "assistant", "content": f"it is {text}"},
        ],
        **more,
    }


def span(trace: str, number: int, **attributes: Any) -> dict[str, Any]:
    """An OTLP span."""
    held = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
    return {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "name": "x",
        "startTimeUnixNano": str(1_750_000_000_000_000_000 + number),
        "endTimeUnixNano": str(1_750_000_000_001_000_000 + number),
        "attributes": held,
    }


def otlp(*spans: dict[str, Any]) -> dict[str, Any]:
    """Spans as one export request."""
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": list(spans)}]}]}


def tool_span(trace: str, number: int, name: str = "look") -> dict[str, Any]:
    """A span that records a call of a tool."""
    return span(trace, number, **{"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name})
