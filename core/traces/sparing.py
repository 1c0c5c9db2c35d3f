"""Large files, read so that as little as possible of them is in memory at once (design: engine, hostile files).

Where a file fits by what its marks say, it is parsed as a whole and its actions are let go of in parsed form one by
one. Where it does not, its actions are parsed one by one as well, and what they take is added up as it is, so that a
run of many small actions is read wherever there is room for it.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from core.model.jsontext import MAX_DEPTH, Json, JsonError, parse
from core.model.record import DecodeError, Record
from core.model.trace import Action, Trace
from core.traces.bounds import (
    LARGE,
    MAX_ACTIONS,
    allowed,
    kept,
    marks_of,
    sort_in_place,
    weight,
    weight_of_records,
)
from core.traces.errors import TRACE, TraceError
from core.traces.normalise import normalised_action

TOO_DENSE = "so many values in so few bytes"
"""How the reason begins why a file is not read that would take too much memory."""

_SMALL = "so many small actions in one run"
_MANY = f"actions are more than the {MAX_ACTIONS:,} that are read"

_RAW = 72
"""Bytes that a part of a file takes that is told from the others and not parsed yet."""

_FACTS = 500
"""Bytes of what is told of an action in exact mode, besides a quarter of what the action takes."""

AnyRecord = TypeVar("AnyRecord", bound=Record)


def check_weight(found: int, size: int, label: str, what: str = TRACE, reason: str = TOO_DENSE) -> None:
    """Raise TraceError for so many bytes of memory when they are more than a file of a size may take."""
    if found > (most := allowed(size)):
        told = f"{reason}: it would take about {found >> 20:,} MiB of memory, more than {most >> 20:,}"
        raise TraceError(label, "decode", f"{told} (four times its size, or 16)", what=what)


def decode_record(kind: type[AnyRecord], value: Json, label: str, *, what: str = TRACE) -> AnyRecord:
    """A record of a file's JSON value. Raises TraceError that names the field."""
    try:
        return kind.decode(value)
    except DecodeError as error:
        place, _, reason = str(error).partition(": ")
        if not reason or place == "value":
            place, reason = "", str(error)
        raise TraceError(label, "decode", reason, place, what=what) from None


def check_count(count: int, label: str) -> None:
    """Raise TraceError for a run with more actions than are read."""
    if count > MAX_ACTIONS:
        raise TraceError(label, "decode", f"{count:,} {_MANY}", "actions")


def is_too_much(reason: str) -> bool:
    """Whether a reason says that there is more in one file than is read, and not that anything in it is wrong."""
    return reason.startswith((TOO_DENSE, _SMALL)) or reason.endswith(_MANY)


def fits(fields: dict[str, Any], data: bytes) -> bool:
    """Whether a run that was parsed as a whole may become records."""
    return weight(data) + weight_of_records(fields) <= allowed(len(data))


def sparingly(fields: dict[str, Any], label: str) -> Trace:
    """A run whose actions are let go of in parsed form as they become records, normalised. Raises TraceError."""
    actions = fields.pop("actions")
    for number, held in enumerate(actions):
        actions[number] = _action(held, number, label)
    return decode_record(Trace, fields, label).replace(actions=tuple(actions))


def piecemeal(data: bytes, label: str) -> Trace | None:
    """The run that a file holds, its actions normalised; None for what is not plainly a run, nor sound JSON.

    Raises TraceError when a record has the wrong form, or the run takes more memory than it may.
    """
    size = len(data)
    room = allowed(size) - size
    if _RAW * marks_of(data).most_items > room:
        return None
    try:
        fields: dict[str, Any] = dict(msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
        raws = msgspec.json.decode(fields.pop("actions"), type=list[msgspec.Raw])
        check_count(len(raws), label)
        for name, raw in fields.items():
            room -= weight(raw := bytes(raw))
            if room < 0:
                return None
            fields[name] = sort_in_place(parse(raw, MAX_DEPTH - 1))
        room -= weight_of_records(fields) + _RAW * len(raws)
        actions: list[Any] = raws
        for number, raw in enumerate(raws):
            held = bytes(raw)
            if len(held) > LARGE and weight(held) > room:
                return None
            actions[number] = _action(sort_in_place(parse(held, MAX_DEPTH - 2)), number, label)
            taken = kept(actions[number])
            room -= taken + taken // 4 + _FACTS
            if room < 0:
                done = number + 1
                check_weight(size + (allowed(size) - size - room) * len(raws) // done, size, label, reason=_SMALL)
    except (msgspec.DecodeError, RecursionError, JsonError, KeyError):
        return None
    return decode_record(Trace, fields, label).replace(actions=tuple(actions))


def _action(held: Json, number: int, label: str) -> Action:
    """The how manyth action of a run, counted from 0. Raises TraceError."""
    try:
        return normalised_action(Action.decode(held), number + 1)
    except DecodeError as error:
        place, _, reason = str(error).partition(": ")
        inner = reason and place != "value"
        where = f"actions[{number}]" + (f".{place}" if inner else "")
        raise TraceError(label, "decode", reason if inner else str(error).removeprefix("value: "), where) from None
