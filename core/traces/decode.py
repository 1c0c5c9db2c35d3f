"""The bytes of a trace file as a normalised run; pure (spec/traces.md, Loading)."""

from __future__ import annotations

from typing import Any, TypeVar

from core.model.jsontext import Json, JsonError, parse, sha256_hex, sort_keys
from core.model.record import DecodeError, Record
from core.model.trace import Action, Trace
from core.traces.bounds import (
    LARGE,
    MAX_ACTIONS,
    STAGE,
    allowed,
    check_utf8,
    sort_in_place,
    weight,
    weight_of_records,
)
from core.traces.errors import RUN_RECORD, TRACE, TraceError
from core.traces.normalise import normalise, normalised_action
from core.traces.run_record import RunRecord, is_run_record, trace_of

TOO_DENSE = "so many values in so few bytes"
"""How the reason begins why a file is not read that would take too much memory."""

AnyRecord = TypeVar("AnyRecord", bound=Record)


def decode_trace(data: bytes, label: str, source: str | None = None) -> Trace:
    """The run that a file holds, a trace or a run record, normalised; `label` is its path as given.

    A run that names no source gets `source`, or the label where that is not given. Raises TraceError.
    """
    trace = _recognised(parse_file(data, label), label, data)
    return normalise(
        trace.replace(
            source=as_utf8(label if source is None else source) if trace.source is None else trace.source,
            source_hash=f"sha256:{sha256_hex(data)}" if trace.source_hash is None else trace.source_hash,
        )
    )


def parse_file(data: bytes, label: str, *, what: str = TRACE) -> Json:
    """The JSON value of a file with the keys of every object sorted, so that equal maps are written alike.

    Raises TraceError: bytes that are not UTF-8 cannot be read, other faults cannot be parsed.
    """
    try:
        check_utf8(data)
    except UnicodeDecodeError as error:
        raise TraceError(label, "read", f"not UTF-8 text ({error.reason})", f"byte {error.start}", what=what) from None
    if len(data) > LARGE:
        _weighed(weight(data), len(data), label, what)
    try:
        return sort_in_place(parse(data)) if len(data) > LARGE else sort_keys(parse(data))
    except JsonError as error:
        raise TraceError(label, "parse", error.reason, f"line {error.line} column {error.column}", what=what) from None


def _weighed(found: int, size: int, label: str, what: str = TRACE) -> None:
    """Raise TraceError for what would take too much memory."""
    if found > (most := allowed(size)):
        told = f"{TOO_DENSE}: it would take about {found >> 20:,} MiB of memory, more than {most >> 20}"
        raise TraceError(label, "decode", f"{told} (four times its size, and 64)", what=what)


def decode_record(kind: type[AnyRecord], value: Json, label: str, *, what: str = TRACE) -> AnyRecord:
    """A record of a file's JSON value. Raises TraceError that names the field."""
    try:
        return kind.decode(value)
    except DecodeError as error:
        place, _, reason = str(error).partition(": ")
        if not reason or place == "value":
            place, reason = "", str(error)
        raise TraceError(label, "decode", reason, place, what=what) from None


def _recognised(value: Json, label: str, data: bytes) -> Trace:
    fields: dict[str, Any] = value if isinstance(value, dict) else {}
    if "actions" in fields:
        if isinstance(fields["actions"], list) and (count := len(fields["actions"])) > MAX_ACTIONS:
            told = f"{count:,} actions are more than the {MAX_ACTIONS:,} that are read"
            raise TraceError(label, "decode", told, "actions")
        if len(data) > LARGE and isinstance(fields["actions"], list):
            return _sparingly(fields, label, data)
        return decode_record(Trace, fields, label)
    if is_run_record(fields):
        if len(data) > LARGE:
            parts = [held for held in fields.values() if isinstance(held, list)]
            _weighed(weight(data) + STAGE * sum(map(len, parts)), len(data), label, RUN_RECORD)
        return trace_of(decode_record(RunRecord, fields, label, what=RUN_RECORD))
    raise TraceError(label, "recognise", "is neither a crystallization trace nor a workflow run record")


def _sparingly(fields: dict[str, Any], label: str, data: bytes) -> Trace:
    """A trace whose actions are let go of in parsed form as they become records. Raises TraceError."""
    _weighed(weight(data) + weight_of_records(fields), len(data), label)
    actions = fields.pop("actions")
    for number, held in enumerate(actions):
        try:
            actions[number] = normalised_action(Action.decode(held), number + 1)
        except DecodeError as error:
            place, _, reason = str(error).partition(": ")
            inner = reason and place != "value"
            where = f"actions[{number}]" + (f".{place}" if inner else "")
            raise TraceError(label, "decode", reason if inner else str(error).removeprefix("value: "), where) from None
    return decode_record(Trace, fields, label).replace(actions=tuple(actions))


def as_utf8(label: str) -> str:
    """A path as text that can be written; bytes of a file name that are not UTF-8 become U+FFFD."""
    return label.encode(errors="surrogateescape").decode(errors="replace")
