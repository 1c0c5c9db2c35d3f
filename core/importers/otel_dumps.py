"""Spans as the SDKs' exporters dump them, decoded straight into spans; what is not plainly one goes the general way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from core.importers.dense import too_many
from core.importers.jsonin import is_plain, loads
from core.importers.otel_spans import Span, id_of, status_of, with_kind
from core.importers.scalars import counted, fields, text
from core.importers.values import Typed
from core.model.jsontext import JsonError

_FAULTS = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, UnicodeDecodeError, JsonError)
_BEGIN = re.compile(rb'\s*\{\s*"spans"\s*:')
_LONG_IDS = re.compile(rb'_id":\s?[0-9]{10,39}(?=[,}])')
_SCALARS = frozenset({str, bool, float, type(None)})
_Id = str | int | None


class _Context(msgspec.Struct, gc=False):
    trace_id: _Id
    span_id: _Id = None


class _Event(msgspec.Struct, gc=False):
    name: str
    attributes: dict[str, Any] = {}


class _Status(msgspec.Struct, gc=False):
    status_code: _Id = None
    description: str | None = None


class _Dump(msgspec.Struct, gc=False):
    name: str
    context: _Context
    attributes: dict[str, Any]
    parent: _Context | str | int | None = None
    parent_id: _Id = None
    start_time: _Id = None
    end_time: _Id = None
    events: list[_Event] = []
    status: _Status | None = None
    span_kind: str | None = None
    status_code: _Id = None
    status_message: str | None = None
    resource: msgspec.Raw = msgspec.Raw(b"null")
    otlp: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="traceId")


class _Dumps(msgspec.Struct, gc=False):
    spans: list[msgspec.Raw]


_DUMP, _DUMPS = msgspec.json.Decoder(_Dump), msgspec.json.Decoder(_Dumps)


def dumps_in(data: bytes) -> tuple[bool, Iterator[Typed]] | None:
    """Whether a JSON text is one dumped span, and its spans; None for what is not plainly dumped spans."""
    try:
        if not _BEGIN.match(data):
            return True, iter([_typed(data.strip())])
        if too_many(data):
            return None
        found = _DUMPS.decode(data).spans
        if not found or isinstance(_typed(bytes(found[0]))[0], JsonError):
            return None
        return False, map(_one, found)
    except _FAULTS:
        return None


def _one(raw: msgspec.Raw) -> Typed:
    held = bytes(raw)
    try:
        return _typed(held)
    except _FAULTS:
        pass
    try:
        return loads(held), None
    except JsonError as error:
        return error, None


def _typed(held: bytes) -> Typed:
    """A span. Raises one of the faults unless it is plainly that."""
    if not held.isascii():
        held.decode()
    one = _DUMP.decode(held)
    if one.otlp is not msgspec.UNSET or not (is_plain(held) or _ids_apart(one, held)):
        raise JsonError("not plain", 1, 1)
    parent = one.parent
    return _span(one, parent.span_id if isinstance(parent, _Context) else parent), held


def _ids_apart(one: _Dump, held: bytes) -> bool:
    """Whether a span is plain but for ids that are numbers of 128 bits."""
    values = one.attributes.values()
    return (
        not one.events
        and all(type(value) in _SCALARS or (type(value) is int and abs(value) < 1 << 63) for value in values)
        and is_plain(_LONG_IDS.sub(b'_id":0', held))
    )


def _span(one: _Dump, parent_id: _Id) -> Span:
    return Span(
        id_of(one.context.trace_id),
        id_of(one.context.span_id),
        id_of(parent_id if parent_id is not None else one.parent_id),
        one.name,
        counted(one.start_time) or None,
        counted(one.end_time) or None,
        with_kind(one.attributes, one.span_kind),
        [(event.name, event.attributes) for event in one.events],
        status_of(one.status.status_code if one.status else one.status_code),
        (one.status.description if one.status else one.status_message) or None,
        _service(bytes(one.resource)),
    )


@lru_cache(maxsize=256)
def _service(resource: bytes) -> str | None:
    return text(fields(fields(loads(resource)).get("attributes")).get("service.name"))
