"""Traces of OpenAI's Agents SDK, as its processors export them: `trace` and `trace.span` objects.

Sources: openai-agents-python, `Trace.export()` and `Span.export()` (src/agents/tracing/traces.py, spans.py) and the
`export()` of each kind of span (span_data.py); the exporter sends them as `{"data": […]}` (processors.py). Rules: a
`function` span is a tool call, `generation` and `response` spans are model calls `call_llm`, `handoff` and `guardrail`
spans actions of these kinds, a `custom` span an action of kind `custom`; `agent` spans, the SDK's own tasks and turns
(`custom` spans with an `sdk_span_type`) and those of other types (speech, transcription, lists of MCP tools) are left
out and counted. `error` is a failure; a function that neither ended nor has an output was not answered. The workflow's
id is the trace's `workflow_name`; its `group_id` and metadata are kept. No cost in money is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from core.importers.actions import CALL_LLM, action, arguments, model_call, settled, tool_call, trace, unanswered
from core.importers.jsonin import structured
from core.importers.otel_names import first_user_text
from core.importers.scalars import count, fields, milliseconds, moment, text, when
from core.importers.values import Format, Left, Mapped, Notes, Options, Part
from core.model.jsontext import Json

_HINTS = re.compile(rb'"(?:trace_id|id)"\s*:\s*"([^"\\]+)"')
_OBJECTS = ("trace", "trace.span")


class _Seen(NamedTuple):
    start: int | None
    end: int | None
    action: dict[str, Any] | None
    why_not: str
    failed: bool
    goal: str | None
    span_id: str
    left: tuple[Left, ...]


def _sees(record: Json) -> bool:
    held = fields(record)
    kind = held.get("object")
    return (kind == "trace.span" and "span_data" in held) or (kind == "trace" and "workflow_name" in held)


def _part(record: Json) -> Part | Left:
    held = fields(record)
    if held.get("object") not in _OBJECTS:
        return Left("", "it is neither a trace nor a span of the Agents SDK")
    if held["object"] == "trace":
        trace_id = text(held.get("id"))
        value: Any = {name: held.get(name) for name in ("workflow_name", "group_id", "metadata")}
    else:
        trace_id = text(held.get("trace_id"))
        value = _seen(held)
    return Part(trace_id, trace_id, (trace_id, value)) if trace_id else Left("", "its trace's id is missing")


def _seen(held: dict[str, Any]) -> _Seen:
    data = fields(held.get("span_data"))
    start, end = when(held.get("started_at")), when(held.get("ended_at"))
    kind = str(data.get("type"))[:40]
    if kind == "custom" and (own := text(fields(data.get("data")).get("sdk_span_type"))):
        kind = own[:40]
    notes = Notes()
    goal = first_user_text({"gen_ai.input.messages": data.get("input")}, []) if kind == "generation" else None
    made = _action(held, data, kind, (start, end), notes)
    why_not = f"a span of type {kind}" if made is None else ""
    return _Seen(
        start, end, made, why_not, bool(held.get("error")), goal, text(held.get("id")) or "", tuple(notes.take())
    )  # fmt: skip


def _action(
    held: dict[str, Any], data: dict[str, Any], kind: str, times: tuple[int | None, int | None], notes: Notes
) -> dict[str, Any] | None:
    error = text(fields(held.get("error")).get("message"))
    duration = milliseconds(*times)
    metadata = {
        **({"source_id": found} if (found := text(held.get("id"))) else {}),
        **({"error_message": error} if error else {}),
    }
    more: dict[str, Any] = {"timestamp": moment(times[0]), "duration_ms": duration, "metadata": metadata}
    match kind:
        case "function":
            name = text(data.get("name")) or "function"
            if server := text(fields(data.get("mcp_data")).get("server")):
                metadata["mcp_server"] = server
            return tool_call(
                name, arguments(data.get("input"), notes, name), None, observed=_plain(data.get("output")), **more
            )  # fmt: skip
        case "generation" | "response":
            usage = fields(data.get("usage"))
            cost = {
                "model": text(data.get("model")),
                "model_calls": 1,
                "input_tokens": count(usage.get("input_tokens"), usage.get("prompt_tokens")),
                "output_tokens": count(usage.get("output_tokens"), usage.get("completion_tokens")),
                "wall_ms": duration or 0,
            }
            if found := text(data.get("response_id")):
                metadata["response_id"] = found
            return model_call(CALL_LLM, data.get("output"), cost, **more)
        case "handoff":
            inputs = {"from_agent": data.get("from_agent"), "to_agent": data.get("to_agent")}
            return action("handoff", text(data.get("to_agent")) or "handoff", inputs=inputs, fuzzy=False, **more)
        case "guardrail":
            name = text(data.get("name")) or "guardrail"
            return action("guardrail", name, inputs={}, observed={"triggered": data.get("triggered")}, **more)
        case "custom":
            return action("custom", text(data.get("name")) or "custom", inputs=data.get("data"), **more)
    return None


def _plain(value: Json) -> Json:
    return structured(value) if isinstance(value, str) else value


def _runs(parts: Sequence[Any], options: Options) -> Mapped:
    notes = Notes()
    spans: dict[str, _Seen] = {}
    held: dict[str, Any] = {}
    for number, (_, value) in enumerate(parts):
        if isinstance(value, dict):
            held = value
        elif (before := spans.setdefault(span_id := value.span_id or f" {number}", value)) is not value:
            notes.rule("a span that stands in the file already")
            if before.end is None and value.end is not None:
                spans[span_id] = value  # which was recorded when it began as well
    actions = []
    for seen in sorted(spans.values(), key=lambda seen: (seen.start is None, seen.start or 0)):
        notes.add(seen.left)
        if seen.action is None:
            notes.rule(seen.why_not)
            continue
        if seen.action["kind"] == "tool_call":
            if seen.end is None and seen.action["observed_output"] is None and not seen.failed:
                unanswered(seen.action, options, notes)
            else:
                settled(seen.action, seen.failed, options, notes)
        elif seen.failed:
            seen.action["metadata"]["error"] = True
        actions.append(seen.action)
    yield from notes.take()
    if not actions:
        yield Left("", "no span of this trace is a call of a model or tool", fault=False)
        return
    yield _trace(str(parts[0][0]), held, list(spans.values()), actions)


def _trace(
    run_id: str, held: dict[str, Any], spans: list[_Seen], actions: list[dict[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    starts = [seen.start for seen in spans if seen.start is not None]
    ends = [seen.end for seen in spans if seen.end is not None]
    kept = {name: value for name, value in fields(held.get("metadata")).items() if isinstance(value, str | int | float)}
    metadata = kept | {"goal": next((seen.goal for seen in spans if seen.goal), None)}
    return trace(
        run_id,
        actions,
        metadata | {"group_id": text(held.get("group_id"))},
        workflow_id=text(held.get("workflow_name")),
        started_at=moment(min(starts, default=None)),
        finished_at=moment(max(ends, default=None)),
    )


FORMAT = Format("agents-sdk", "OpenAI Agents SDK trace", _sees, _part, _runs, _HINTS)
"""The Agents SDK's traces and spans, one run a trace."""
