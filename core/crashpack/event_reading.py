"""Reading the events of a crashpack: part by part and column by column, as there may be hundreds of thousands.

What is written exactly as events are written is taken this quick way; anything else is looked at event by event, which
finds the same or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

import orjson

from core.crashpack.events import (
    EVENT_VERSION,
    KINDS,
    MAX_U64,
    TraceEvent,
    check_data,
    check_logical_time,
    decode_events,
    dump_events,
)
from core.model.jsontext import Json, parse, pretty
from core.model.record import DecodeError

_PART = 2**21
"""Bytes that are taken at a time at the least."""

_BETWEEN = b"\n  },\n  {\n"
_DEEP = b"\n" + b" " * 240
_FIELDS = ("version", "seq", "time", "logical_time", "kind", "data")
_COLUMNS = itemgetter(*_FIELDS)


def read_events(data: bytes) -> tuple[list[TraceEvent], bool]:
    """The events of a trace, and whether they are written as `dump_events` writes them.

    Raises JsonError, or DecodeError that names the event (from 0) and the field.
    """
    events = _quickly(data)
    if events is not None:
        return events, True
    events = decode_events(parse(data))
    return events, data == dump_events(events)


def events_of(value: Json) -> list[TraceEvent]:
    """The events of a parsed JSON list. Raises DecodeError that names the event (from 0) and the field."""
    if type(value) is list and all(map(_is_object, value)) and set(map(tuple, value)) == {_FIELDS}:
        found = _events(value)
        if found is not None:
            return found
    return decode_events(value)


def _quickly(data: bytes) -> list[TraceEvent] | None:
    """The events of what is written as events are; None where that cannot be told so."""
    if not data.startswith(b"[\n  {") or _DEEP in data:
        return None
    events: list[TraceEvent] = []
    for part in _parts(data):
        found = _part(part)
        if found is None:
            return None
        events += found
    return events


def _parts(data: bytes) -> Iterator[bytes]:
    """The list cut between events into shorter lists. A JSON text holds no line feed, so none is cut."""
    at = 1
    while (end := data.find(_BETWEEN, at + _PART)) >= 0:
        end += 4
        yield b"[" + data[at:end] + b"\n]"
        at = end + 1
    yield b"[" + data[at:]


def _part(part: bytes) -> list[TraceEvent] | None:
    try:
        items = orjson.loads(part)
    except orjson.JSONDecodeError:
        return None
    # Fields that repeat, numbers that are spelled otherwise and whatever else is unusual show in the bytes.
    if not all(map(_is_object, items)) or set(map(tuple, items)) != {_FIELDS} or pretty(items) != part:
        return None
    return _events(items)


def _is_object(value: object) -> bool:
    return type(value) is dict


def _events(items: Sequence[dict[str, Any]]) -> list[TraceEvent] | None:
    versions, seqs, times, logical, kinds, data = zip(*map(_COLUMNS, items), strict=True)
    numbers = (*(set(map(type, column)) for column in (versions, seqs, times)),)
    if numbers != ({int},) * 3 or set(versions) != {EVENT_VERSION} or set(map(type, kinds)) != {str}:
        return None
    if min(*seqs, *times) < 0 or max(*seqs, *times) > MAX_U64 or not KINDS.keys() >= set(kinds):
        return None
    try:
        for value in logical:
            if value is not None:
                check_logical_time(value)
        for value in data:
            if value != "None" and not (type(value) is dict and len(value) == 1 and type(value.get("Message")) is str):
                check_data(value)
    except DecodeError:
        return None
    return list(map(TraceEvent, versions, seqs, times, logical, map(KINDS.__getitem__, kinds), data))
