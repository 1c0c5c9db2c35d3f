"""OTLP/JSON (`resourceSpans`) decoded straight into spans, in one pass and without the dicts between.

What is not plainly of that form is left to the general way (`records` and `otel_spans`), a whole text or a single span
of it; both ways are tested to be equal, but that nothing is said here of what no one reads, however deep it is nested.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from core.importers.dense import too_many
from core.importers.jsonin import is_plain, loads
from core.importers.otel_spans import Span, id_of, integer_of, status_of, value_of
from core.importers.records import with_resource
from core.importers.scalars import nanoseconds
from core.importers.values import Typed
from core.model.jsontext import Json, JsonError
from core.traces.bounds import check_utf8

_BEGIN = re.compile(rb'\s*\{\s*"resourceSpans"\s*:')
_BITS = 64
_NO_VALUE = msgspec.Raw(b"")


class _Value(msgspec.Struct, gc=False, rename="camel"):
    string_value: str | None = None
    int_value: int | str | None = None
    bool_value: bool | None = None
    double_value: float | str | None = None
    array_value: msgspec.Raw = _NO_VALUE
    kvlist_value: msgspec.Raw = _NO_VALUE
    bytes_value: str | None = None


class _Attribute(msgspec.Struct, gc=False):
    key: str
    value: _Value


class _Event(msgspec.Struct, gc=False):
    name: str
    attributes: list[_Attribute] = []


class _Status(msgspec.Struct, gc=False):
    code: int | str | None = None
    message: str | None = None


class _Span(msgspec.Struct, gc=False, rename="camel"):
    trace_id: str
    span_id: str
    name: str
    parent_span_id: str | None = None
    start_time_unix_nano: str | int | None = None
    end_time_unix_nano: str | int | None = None
    attributes: list[_Attribute] = []
    events: list[_Event] | None = None
    status: _Status | None = None


class _Resource(msgspec.Struct, gc=False):
    attributes: list[_Attribute] = []


class _Scope(msgspec.Struct, gc=False):
    spans: list[msgspec.Raw]


class _Group(msgspec.Struct, gc=False, rename="camel"):
    scope_spans: list[_Scope]
    resource: msgspec.Raw = msgspec.Raw(b"null")


class _Request(msgspec.Struct, gc=False, rename="camel"):
    resource_spans: list[_Group]


_REQUEST, _SPAN = msgspec.json.Decoder(_Request), msgspec.json.Decoder(_Span)
_RESOURCE = msgspec.json.Decoder(_Resource | None)
_FAULTS = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, JsonError)


def spans_in(data: bytes) -> tuple[bool, Iterator[Typed]] | None:
    """False, for no text is one span alone, and the spans of a JSON text; None for what is no plain OTLP/JSON."""
    if not _BEGIN.match(data) or too_many(data):
        return None
    try:
        if not data.isascii():
            check_utf8(data)
        groups = _REQUEST.decode(data).resource_spans
        for group in groups:
            if not is_plain(bytes(group.resource)):
                return None
        return False, _spans(groups)
    except (*_FAULTS, UnicodeDecodeError):
        return None


def _spans(groups: list[_Group]) -> Iterator[Typed]:
    for group in groups:
        raw = bytes(group.resource)
        digest = hashlib.sha256(raw).digest()
        try:
            service = _service(_RESOURCE.decode(raw))
        except _FAULTS:
            for scope in group.scope_spans:
                yield from (_general(bytes(one), raw) for one in scope.spans)
            continue
        for scope in group.scope_spans:
            for one in scope.spans:
                text = bytes(one)
                try:
                    made = _span(_SPAN.decode(text), service)
                except _FAULTS:
                    yield _general(text, raw)
                else:
                    yield made, text + digest


def _general(text: bytes, resource: bytes) -> Typed:
    """A span that is not plainly one, as the general way has it."""
    try:
        return with_resource(loads(text), loads(resource)), None
    except JsonError as error:
        return error, None


def _service(resource: _Resource | None) -> str | None:
    for one in resource.attributes if resource else ():
        if one.key == "service.name":
            return one.value.string_value or None
    return None


def _span(one: _Span, service: str | None) -> Span:
    status = one.status
    return Span(
        id_of(one.trace_id),
        id_of(one.span_id),
        id_of(one.parent_span_id),
        one.name,
        nanoseconds(one.start_time_unix_nano) or None,
        nanoseconds(one.end_time_unix_nano) or None,
        _attributes(one.attributes),
        [(event.name, _attributes(event.attributes)) for event in one.events] if one.events else [],
        "unset" if status is None else status_of(status.code),
        None if status is None else status.message or None,
        service,
    )


def _attributes(found: list[_Attribute]) -> dict[str, Any]:
    return {
        one.key: plain if (plain := one.value.string_value) is not None else _plain(one.value) for one in found
    }  # fmt: skip


def _plain(value: _Value) -> Json:
    if (number := value.int_value) is not None:
        if isinstance(number, int):
            return number if -(1 << _BITS - 1) <= number < 1 << _BITS else str(number)
        return integer_of(number)
    for held in (value.bool_value, value.double_value, value.bytes_value):
        if held is not None:
            return held
    if text := bytes(value.array_value):
        return value_of({"arrayValue": loads(text)}, 0)
    if text := bytes(value.kvlist_value):
        return value_of({"kvlistValue": loads(text)}, 0)
    return None
