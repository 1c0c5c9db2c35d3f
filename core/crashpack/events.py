"""Trace events: what happened, in order, as a crashpack records it (spec/crashpack.md, Trace event).

A pack can hold hundreds of thousands of them, so they are plain slotted values that are checked by hand.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.model.jsontext import Json, pretty
from core.model.record import DecodeError
from core.model.text import quoted

EVENT_VERSION = 1

_PART = 10_000

_KINDS = (
    "spawn schedule yield wake poll complete cancel_request cancel_ack worker_cancel_requested "
    "worker_cancel_acknowledged worker_drain_started worker_drain_completed worker_finalize_completed "
    "region_close_begin region_close_complete region_created region_cancelled obligation_reserve obligation_commit "
    "obligation_abort obligation_leak time_advance timer_scheduled timer_fired timer_cancelled io_requested io_ready "
    "io_result io_error rng_seed rng_value checkpoint futurelock_detected chaos_injection user_trace monitor_created "
    "monitor_dropped down_delivered link_created link_dropped exit_delivered task_spawn_enqueued task_admitted "
    "budget_installed budget_consumed"
)
KINDS: dict[str, str] = {kind: kind for kind in _KINDS.split()}
"""Every kind of event; a kind is looked up here, so that equal texts are kept once."""

_U32, MAX_U64 = 2**32 - 1, 2**64 - 1


@dataclass(slots=True)
class TraceEvent:
    """One event; treat it as immutable. Written as JSON in field order.

    `seq` orders the events, `time` is in nanoseconds. `logical_time` and `data` are JSON values as they were read,
    with their key order; `data` is `"None"` or an object of one key that names its form.
    """

    version: int = EVENT_VERSION
    seq: int = 0
    time: int = 0
    logical_time: Json = None
    kind: str = "user_trace"
    data: Json = "None"

    @property
    def message(self) -> str | None:
        """The text of a message event."""
        return self.data.get("Message") if isinstance(self.data, dict) else None


def dump_events(events: Sequence[TraceEvent]) -> bytes:
    """The events as a pretty JSON list."""
    made = io.BytesIO()
    for start in range(0, len(events), _PART):
        part = pretty(list(map(_wire, events[start : start + _PART])))
        made.write(b"," if start else b"[")
        made.write(memoryview(part)[1:-2])
    made.write(b"\n]" if events else b"[]")
    return made.getvalue()


def _wire(event: TraceEvent) -> dict[str, Json]:
    # Dictionaries are written three times as fast as slotted values.
    return {
        "version": event.version,
        "seq": event.seq,
        "time": event.time,
        "logical_time": event.logical_time,
        "kind": event.kind,
        "data": event.data,
    }


def decode_events(value: Json) -> list[TraceEvent]:
    """The events of a parsed JSON list. Raises DecodeError that names the event (from 0) and the field."""
    if type(value) is not list:
        raise DecodeError("expected a list of events")
    events: list[TraceEvent] = []
    for index, item in enumerate(value):
        try:
            events.append(_event(item))
        except DecodeError as error:
            raise DecodeError(f"[{index}]{error}") from None
    return events


def _event(item: Json) -> TraceEvent:
    if type(item) is not dict:
        raise DecodeError(": expected an object")
    get = item.get
    version, seq, time, kind = get("version", EVENT_VERSION), get("seq"), get("time"), get("kind")
    if type(version) is not int or version != EVENT_VERSION:
        raise DecodeError(f".version: expected {EVENT_VERSION}")
    if type(seq) is not int or not 0 <= seq <= MAX_U64:
        raise DecodeError(".seq: expected an integer from 0 to 2^64-1")
    if type(time) is not int or not 0 <= time <= MAX_U64:
        raise DecodeError(".time: expected nanoseconds, an integer from 0 to 2^64-1")
    if type(kind) is not str:
        raise DecodeError(".kind: expected a string")
    known = KINDS.get(kind)
    if known is None:
        raise DecodeError(f".kind: {quoted(kind)} is no kind of event")
    logical, data = get("logical_time"), get("data")
    if logical is not None:
        check_logical_time(logical)
    if data != "None":
        check_data(data)
    return TraceEvent(EVENT_VERSION, seq, time, logical, known, data)


def check_logical_time(value: Json) -> None:
    """Raise DecodeError for what is no logical time."""
    if type(value) is not dict or len(value) != 1:
        raise DecodeError(".logical_time: expected null or an object of one key")
    match value:
        case {"lamport": int(ticks)} if _is_u64(ticks):
            return
        case {"vector": {"entries": dict(entries)}} if all(map(_is_u64, entries.values())):
            return
        case {"hybrid": {"physical": int(physical), "logical": int(logical)}} if _is_u64(physical) and _is_u64(logical):
            return
    raise DecodeError(".logical_time: expected a lamport, vector or hybrid time")


def check_data(data: Json) -> None:
    """Raise DecodeError for what is no data of an event besides `"None"`."""
    if type(data) is not dict or len(data) != 1:
        raise DecodeError('.data: expected "None" or an object of one key')
    for tag, payload in data.items():
        if tag == "Message":
            if type(payload) is not str:
                raise DecodeError(".data.Message: expected a string")
        elif type(payload) is not dict:
            raise DecodeError(f".data[{quoted(tag)}]: expected an object")
        elif check := _SHAPES.get(tag):
            check(payload, f".data.{tag}")


def _is_u64(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_U64


def _check_id(value: Json, place: str) -> None:
    if type(value) is not dict or type(value.get("kind")) is not str:
        raise DecodeError(f"{place}: expected an id of kind, index and generation")
    for part in ("index", "generation"):
        number = value.get(part)
        if type(number) is not int or not 0 <= number <= _U32:
            raise DecodeError(f"{place}.{part}: expected an integer from 0 to 2^32-1")


def _check_task(payload: dict[str, Any], place: str) -> None:
    _check_id(payload.get("task"), f"{place}.task")
    _check_id(payload.get("region"), f"{place}.region")


def _check_region(payload: dict[str, Any], place: str) -> None:
    _check_id(payload.get("region"), f"{place}.region")
    if payload.get("parent") is not None:
        _check_id(payload["parent"], f"{place}.parent")


def _check_region_cancel(payload: dict[str, Any], place: str) -> None:
    _check_id(payload.get("region"), f"{place}.region")
    reason = payload.get("reason")
    if type(reason) is not dict or type(reason.get("kind")) is not str:
        raise DecodeError(f"{place}.reason.kind: expected a string")
    if type(reason.get("message")) not in (str, type(None)):
        raise DecodeError(f"{place}.reason.message: expected a string or null")


def _numbers(*names: str) -> Callable[[dict[str, Any], str], None]:
    def check(payload: dict[str, Any], place: str) -> None:
        for name in names:
            if not _is_u64(payload.get(name)):
                raise DecodeError(f"{place}.{name}: expected an integer from 0 to 2^64-1")

    return check


_SHAPES: dict[str, Callable[[dict[str, Any], str], None]] = {
    "Task": _check_task,
    "Region": _check_region,
    "RegionCancel": _check_region_cancel,
    "Checkpoint": _numbers("sequence", "active_tasks", "active_regions"),
    "RngSeed": _numbers("seed"),
    "RngValue": _numbers("value"),
}
"""The forms of data that the logs spell out; other forms only have to be objects."""
