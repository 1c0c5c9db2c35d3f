"""OpenTelemetry spans of generative AI: OTLP/JSON, dumps of SDK spans, OpenInference's and early attribute names.

Rules: the spans of one trace id are one run, in the order of their starts. A span that records a call of a model
becomes a model call `call_llm`, one that records a call of a tool a tool call, retrievals and guardrails become actions
of these kinds; spans that only hold others, and spans of no agent's operation, are left out and counted. A model span
inside another, with no tool and no agent between, is the same call seen by two instrumentations: the outer counts.
Whether a tool is deterministic is not recorded. A status of error is a failure, of the span or of the tool's answer.
The run starts and ends with its root spans; what the user said first is its goal; the workflow's id is
`gen_ai.workflow.name`, where that is recorded.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from core.importers.actions import CALL_LLM, action, arguments, model_call, settled, tool_call, trace, unanswered
from core.importers.otel_dumps import dumps_in
from core.importers.otel_names import (
    CALL_ID,
    HOLDERS,
    TOOL_NAME,
    Role,
    cost,
    first,
    first_user_text,
    output,
    role,
)
from core.importers.otel_spans import Span, is_span, span_of
from core.importers.otel_tools import answer_of, arguments_of
from core.importers.otlp import spans_in
from core.importers.scalars import fields, milliseconds, moment, text
from core.importers.values import Format, Left, Mapped, Notes, Options, Part, Typed
from core.model.jsontext import Json

_HINTS = re.compile(rb'"trace_?[iI]d"\s*:\s*"?(?:0x)?([0-9A-Za-z+/=_-]+)')
_HEX = re.compile(r"[0-9a-fA-F]{32}")
_BASE64 = re.compile(r"[0-9A-Za-z+/]{22}==")
_SIGNALS = {"resourceMetrics", "resourceLogs"}
_KEPT = {
    "gen_ai.agent.name": "agent",
    "gen_ai.conversation.id": "conversation_id",
    "session.id": "session_id",
}


class _Seen(NamedTuple):
    """What is kept of a span until its run is complete."""

    span_id: str
    parent_id: str
    start: int | None
    end: int | None
    role: Role | None
    action: dict[str, Any] | None
    status: str
    goal: str | None
    workflow: str | None
    kept: dict[str, str]
    left: tuple[Left, ...]

    @property
    def failed(self) -> bool:
        """Whether the span's status is error."""
        return self.status == "error"


def _part(record: Json) -> Part | Left:
    if type(record) is Span:
        span = record
    elif is_span(record):
        span = span_of(record)
    elif fields(record).get("type") in ("metric", "log") or fields(record).keys() & _SIGNALS:
        return Left("", "a metric or log line, which is no span", fault=False)
    else:
        return Left("", "it is no span: it has no trace id, span id, name or attributes")
    if not span.trace_id:
        return Left("", "the span's trace id is missing")
    held = span.held
    kept = {_KEPT[key]: found for key in _KEPT if key in held and (found := text(held[key]))}
    if span.service and not span.service.startswith("unknown_service"):
        kept["service"] = span.service
    kind = role(held)
    failed = False
    made: dict[str, Any] | None = None
    goal: str | None = None
    left: tuple[Left, ...] = ()
    if kind is not None and kind not in HOLDERS:
        notes = Notes()
        made, failed = _action(span, kind, notes)
        goal = first_user_text(held, span.events) if kind == "model" else None
        left = tuple(notes.take()) if notes else ()
    seen = _Seen(
        span.span_id,
        span.parent_id,
        span.start,
        span.end,
        kind,
        made,
        "error" if failed else span.status,
        goal,
        text(held.get("gen_ai.workflow.name")),
        kept,
        left,
    )
    return Part(span.trace_id, span.trace_id, (span.trace_id, seen))


def _run_id(trace_id: str) -> str:
    """The trace id in hexadecimal, as which dumps of numbers, and of protocol buffers in base64, write it too."""
    if not _HEX.fullmatch(trace_id) and trace_id.isascii() and trace_id.isdigit() and len(trace_id) < 40:
        trace_id = f"{int(trace_id):032x}"
    elif _BASE64.fullmatch(trace_id):
        trace_id = base64.b64decode(trace_id).hex()
    return f"otel-{trace_id.lower()}"


def _action(span: Span, kind: Role, notes: Notes) -> tuple[dict[str, Any], bool]:
    """An action, and whether a failure is said elsewhere than in its span's status."""
    held = span.held
    duration = milliseconds(span.start, span.end)
    call_id = first(held, CALL_ID)
    metadata: dict[str, Any] = {"source_id": call_id} if isinstance(call_id, str) else {}
    metadata["span_id"] = span.span_id
    metadata["status"] = span.status
    if span.message:
        metadata["status_message"] = span.message
    when = moment(span.start)
    if kind == "model":
        made = model_call(
            CALL_LLM,
            output(held, span.events),
            cost(held, duration),
            timestamp=when,
            duration_ms=duration,
            metadata=metadata,
        )
        return made, False
    more: dict[str, Any] = {"timestamp": when, "duration_ms": duration, "metadata": metadata}
    if kind == "embedding":
        return action("model_call", "embeddings", inputs={}, cost=cost(held, duration), fuzzy=False, **more), False
    answer, failed = answer_of(held, span.events)
    if kind == "tool":
        name = text(first(held, TOOL_NAME)) or span.name
        return tool_call(name, _inputs(span, name, notes), None, observed=answer, **more), failed
    name = text(held.get("gen_ai.data_source.id")) or span.name
    return action(kind, name, inputs=_inputs(span, name, notes), observed=answer, **more), failed


def _inputs(span: Span, name: str, notes: Notes) -> Json:
    value = arguments_of(span.held, span.events)
    return None if value is None else arguments(value, notes, name)


def _runs(parts: Sequence[Any], options: Options) -> Mapped:
    notes = Notes()
    spans = _once((seen for _, seen in parts), notes)
    by_id = {seen.span_id: seen for seen in spans if seen.span_id}
    inside = _inside_models(spans, by_id)
    actions = []
    for seen in spans:
        if seen.left:
            notes.add(seen.left)
        if why := _why_not(seen, inside):
            notes.rule(why)
        elif seen.action is not None:
            if seen.action["kind"] == "tool_call":
                if seen.end is None and seen.action["observed_output"] is None and not seen.failed:
                    unanswered(seen.action, options, notes)
                else:
                    settled(seen.action, seen.failed, options, notes)
            elif seen.failed:
                seen.action["metadata"]["error"] = True
            actions.append(seen.action)
    yield from notes.take()
    if actions:
        yield _trace(_run_id(parts[0][0]), spans, actions, by_id)
    else:
        yield Left("", "no span of this trace records a call of a model or tool", fault=False)


def _once(spans: Iterator[_Seen], notes: Notes) -> list[_Seen]:
    """Spans in the order of their starts, each once; of several with one id the first that ended, else the first."""
    kept: dict[str, _Seen] = {}
    for number, seen in enumerate(spans):
        before = kept.setdefault(seen.span_id or f" {number}", seen)
        if before is seen:
            continue
        if before != seen and not _began_as(seen, before):
            notes.fault("a span has the id of an earlier span of its trace")
            continue
        notes.rule("a span that stands in the file already")
        if before.end is None and seen.end is not None:
            kept[seen.span_id] = seen
    return sorted(kept.values(), key=lambda seen: (seen.start is None, seen.start or 0))


def _began_as(seen: _Seen, other: _Seen) -> bool:
    """Whether two records of one id are a span as it began and as it ended."""
    return seen.start == other.start and seen.role == other.role and (seen.end is None) != (other.end is None)


def _why_not(seen: _Seen, inside: dict[str, bool]) -> str | None:
    """Why a span is no action; None when it is one."""
    if seen.role in HOLDERS:
        return "a span that only holds others (agent, chain, workflow)"
    if seen.role is None:
        return "a span that names no operation of an agent"
    if seen.role == "model" and inside.get(seen.span_id):
        return "a model call inside another one is the same call recorded twice"
    return None


def _inside_models(spans: list[_Seen], by_id: dict[str, _Seen]) -> dict[str, bool]:
    """By the ids of model spans, whether the span lies in another one; each span is looked at once."""
    known: dict[str, bool] = {}
    for seen in spans:
        if seen.role != "model":
            continue
        path: list[str] = []
        here, answer = seen, False
        while here.span_id not in known:
            known[here.span_id] = False  # for parents that run in a circle
            path.append(here.span_id)
            parent = by_id.get(here.parent_id)
            if parent is None:
                break
            if parent.role == "model":
                answer = parent.span_id not in path  # in a circle that may be the span itself
                break
            if parent.role not in (None, "frame"):
                break  # what a tool or another agent asks a model is a call of its own
            here = parent
        else:
            answer = known[here.span_id]
        known.update((span_id, answer) for span_id in path)
    return known


def _trace(run_id: str, spans: list[_Seen], actions: list[dict[str, Any]], by_id: dict[str, _Seen]) -> dict[str, Any]:
    roots = [seen for seen in spans if seen.parent_id not in by_id]
    root = roots[0] if roots else spans[0]
    ends = [seen.end for seen in roots or spans if seen.end is not None]
    kept: dict[str, Any] = {}
    for seen in (root, *spans):
        if seen.kept and not seen.kept.keys() <= kept.keys():
            kept = seen.kept | kept
    metadata = {"goal": next((seen.goal for seen in spans if seen.goal), None), "status": root.status, **kept}
    return trace(
        run_id,
        actions,
        metadata,
        workflow_id=next((seen.workflow for seen in (root, *spans) if seen.workflow), None),
        started_at=moment(root.start),
        finished_at=moment(max(ends)) if ends else None,
    )


def _typed(data: bytes) -> tuple[bool, Iterator[Typed]] | None:
    return spans_in(data) or dumps_in(data)


FORMAT = Format("otel", "OpenTelemetry spans of generative AI", is_span, _part, _runs, _HINTS, _typed)
"""Spans, one run a trace id."""
