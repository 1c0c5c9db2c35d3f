"""Spans as OTLP/JSON (`resourceSpans`) and as the SDKs' exporters, Phoenix and any-agent dump them, in one form.

Sources: the OTLP specification (attributes as key and typed value, integers as text, hexadecimal ids, times in
nanoseconds); the Python SDK's `ReadableSpan.to_json` (times as ISO 8601, ids as `0x…`); any-agent's dumps (times in
nanoseconds, in others' also in coarser units; ids as numbers); Phoenix's (kind and status beside the attributes);
JavaScript's (OTLP's ids, attributes as a map, times as seconds and nanoseconds), which GitHub Copilot writes too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from core.importers.scalars import counted, fields, items, nanoseconds, text
from core.model.jsontext import Json

_CODES = {1: "ok", 2: "error", "STATUS_CODE_OK": "ok", "STATUS_CODE_ERROR": "error", "OK": "ok", "ERROR": "error"}
_SCALARS = ("stringValue", "boolValue", "doubleValue", "bytesValue")
_DEEPEST = 20


class Span(NamedTuple):
    """One span."""

    trace_id: str
    """As it is written, without `0x`."""
    span_id: str
    parent_id: str
    name: str
    start: int | None
    """Nanoseconds since 1970."""
    end: int | None
    held: dict[str, Any]
    """Its attributes."""
    events: list[tuple[str, dict[str, Any]]]
    status: str
    """ok, error or unset."""
    message: str | None
    """What the status says."""
    service: str | None


def is_span(value: Json) -> bool:
    """Whether a record is a span in either form."""
    held = fields(value)
    if "traceId" in held:
        return "spanId" in held and "name" in held
    return "trace_id" in fields(held.get("context")) and "attributes" in held and "name" in held


def span_of(held: dict[str, Any]) -> Span:
    """A span; what is missing or of a wrong type in it is as if it were not stated."""
    return _otlp(held) if "traceId" in held else _dumped(held)


def _otlp(held: dict[str, Any]) -> Span:
    status = fields(held.get("status"))
    resource = held.get("resource")
    return Span(
        id_of(held.get("traceId")),
        id_of(held.get("spanId")),
        id_of(held.get("parentSpanId") or fields(held.get("parentSpanContext")).get("spanId")),
        str(held.get("name")),
        nanoseconds(held.get("startTimeUnixNano")) or _hr_time(held.get("startTime")),
        nanoseconds(held.get("endTimeUnixNano")) or _hr_time(held.get("endTime")),
        _attributes(held.get("attributes")),
        [(str(e.get("name")), _attributes(e.get("attributes"))) for e in map(fields, items(held.get("events")))]
        if "events" in held
        else [],
        status_of(status.get("code")) if status else "unset",
        text(status.get("message")) if status else None,
        _service(resource.get("attributes")) if isinstance(resource, dict) else None,
    )


def _hr_time(value: Json) -> int | None:
    """A moment as JavaScript's SDK has it, seconds and nanoseconds."""
    match value:
        case [int(seconds), int(nanos)] if seconds >= 0 and 0 <= nanos < 10**9:
            return nanoseconds(seconds * 10**9 + nanos) or None
    return None


def _dumped(held: dict[str, Any]) -> Span:
    context, status = fields(held.get("context")), fields(held.get("status"))
    parent = held.get("parent", held.get("parent_id"))
    parent_id = fields(parent).get("span_id") if isinstance(parent, dict) else parent
    return Span(
        id_of(context.get("trace_id")),
        id_of(context.get("span_id")),
        id_of(parent_id if parent_id is not None else held.get("parent_id")),
        str(held.get("name")),
        counted(held.get("start_time")) or None,
        counted(held.get("end_time")) or None,
        with_kind(fields(held.get("attributes")), held.get("span_kind")),
        [(str(e.get("name")), fields(e.get("attributes"))) for e in map(fields, items(held.get("events")))],
        status_of(status.get("status_code") if status else held.get("status_code")),
        text(status.get("description") if status else held.get("status_message")),
        text(fields(fields(held.get("resource")).get("attributes")).get("service.name")),
    )


def with_kind(attributes: dict[str, Any], kind: Json) -> dict[str, Any]:
    """Attributes with the kind of span, which Phoenix takes out of them."""
    if not isinstance(kind, str):
        return attributes
    return {"openinference.span.kind": kind} | attributes


def id_of(value: Json) -> str:
    """An id as text; of `0x…` what follows."""
    if isinstance(value, str):
        return value[2:] if value[:2] == "0x" else value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def status_of(code: Json) -> str:
    """A status code as ok, error or unset."""
    if isinstance(code, str):
        code = code.rpartition(".")[2].upper() if not code.startswith("STATUS_CODE") else code
    return _CODES.get(code, "unset") if isinstance(code, str | int) else "unset"


def _attributes(value: Json) -> dict[str, Any]:
    """OTLP's list of attributes as a map; what is one already, as it is."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return {}
    made: dict[str, Any] = {}
    for one in value:
        try:
            name, typed = one["key"], one["value"]
            plain = typed.get("stringValue")
            if isinstance(name, str):
                made[name] = value_of(typed, 0) if plain is None else plain
        except (AttributeError, KeyError, TypeError):
            continue  # without a name or a typed value it states nothing
    return made


def _service(attributes: Json) -> str | None:
    """The name of the service that a resource's attributes state."""
    if isinstance(attributes, dict):
        return text(attributes.get("service.name"))
    for one in items(attributes):
        if isinstance(one, dict) and one.get("key") == "service.name":
            return text(fields(one.get("value")).get("stringValue"))
    return None


def value_of(value: Json, depth: int) -> Json:
    """OTLP's typed value as plain JSON; None for what has none of its types."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return None
    if (number := value.get("intValue")) is not None and value.get("stringValue") is None:
        return integer_of(number)
    for kind in _SCALARS:
        if (held := value.get(kind)) is not None:
            return float(held) if kind == "doubleValue" and type(held) is int else held
    if "arrayValue" in value:
        return [value_of(one, depth + 1) for one in items(fields(value["arrayValue"]).get("values"))]
    if "kvlistValue" in value:
        pairs = map(fields, items(fields(value["kvlistValue"]).get("values")))
        return {str(pair.get("key")): value_of(pair.get("value"), depth + 1) for pair in pairs}
    return None


def integer_of(value: Json) -> Json:
    """A whole number, which OTLP writes as text; what is none of 63 bits stays as it is."""
    if isinstance(value, str) and len(value) < 19 and value.removeprefix("-").isdigit() and value.isascii():
        return int(value)
    return value
