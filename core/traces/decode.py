"""The bytes of a trace file as a normalised run; pure (spec/traces.md, Loading)."""

from __future__ import annotations

from typing import Any

from core.model.jsontext import Json, JsonError, parse, sha256_hex, sort_keys
from core.model.text import as_utf8
from core.model.trace import Trace
from core.traces.bounds import LARGE, MAX_ACTIONS, STAGE, allowed, check_utf8, is_light, sort_in_place, weight
from core.traces.errors import RUN_RECORD, TRACE, TraceError
from core.traces.normalise import completed, normalise
from core.traces.plain import plain_run
from core.traces.run_record import RunRecord, is_run_record, trace_of
from core.traces.sparing import TOO_DENSE as TOO_DENSE
from core.traces.sparing import check_count, check_weight, fits, piecemeal, sparingly
from core.traces.sparing import decode_record as decode_record

_COPIES = 3
"""How many times what a run takes there may be at once while it is read as a whole: sorting its keys makes a copy."""


def decode_trace(data: bytes, label: str, source: str | None = None) -> Trace:
    """The run that a file holds, a trace or a run record, normalised; `label` is its path as given.

    A run that names no source gets `source`, or the label where that is not given. Raises TraceError.
    """
    trace, is_normalised = _decoded(data, label)
    named = trace.replace(
        source=as_utf8(label if source is None else source) if trace.source is None else trace.source,
        source_hash=f"sha256:{sha256_hex(data)}" if trace.source_hash is None else trace.source_hash,
    )
    return completed(named) if is_normalised else normalise(named)


def parse_file(data: bytes, label: str, *, what: str = TRACE) -> Json:
    """The JSON value of a file with the keys of every object sorted, so that equal maps are written alike.

    Raises TraceError: bytes that are not UTF-8 cannot be read, other faults cannot be parsed.
    """
    _check_utf8(data, label, what)
    if len(data) > LARGE:
        check_weight(weight(data), len(data), label, what)
    return _parsed(data, label, what, sparing=len(data) > LARGE)


def _check_utf8(data: bytes, label: str, what: str = TRACE) -> None:
    try:
        check_utf8(data)
    except UnicodeDecodeError as error:
        raise TraceError(label, "read", f"not UTF-8 text ({error.reason})", f"byte {error.start}", what=what) from None


def _parsed(data: bytes, label: str, what: str = TRACE, *, sparing: bool) -> Json:
    try:
        return sort_in_place(parse(data)) if sparing else sort_keys(parse(data))
    except JsonError as error:
        raise TraceError(label, "parse", error.reason, error.place, what=what) from None


def _decoded(data: bytes, label: str) -> tuple[Trace, bool]:
    """The run that a file holds, and whether its actions are normalised already. Raises TraceError."""
    _check_utf8(data, label)
    if len(data) <= LARGE or is_light(data, _COPIES):
        value = _parsed(data, label, sparing=False)
        if _is_run(value) and len(value["actions"]) <= MAX_ACTIONS and (trace := plain_run(value)) is not None:
            return trace, True
        return _recognised(value, label, data, sparing=False), False
    if weight(data) <= allowed(len(data)):
        value = _parsed(data, label, sparing=True)
        if not _is_run(value) or fits(value, data):
            return _recognised(value, label, data, sparing=True), False
        check_count(len(value["actions"]), label)
        del value
    if (trace := piecemeal(data, label)) is not None:
        return trace, False
    check_weight(max(weight(data), allowed(len(data)) + 1), len(data), label)
    raise AssertionError("what does not fit is refused")


def _is_run(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("actions"), list)


def _recognised(value: Json, label: str, data: bytes, *, sparing: bool) -> Trace:
    fields: dict[str, Any] = value if isinstance(value, dict) else {}
    if "actions" in fields:
        if isinstance(fields["actions"], list):
            check_count(len(fields["actions"]), label)
        if sparing and isinstance(fields["actions"], list):
            return sparingly(fields, label)
        return decode_record(Trace, fields, label)
    if is_run_record(fields):
        if len(data) > LARGE:
            parts = [held for held in fields.values() if isinstance(held, list)]
            check_weight(weight(data) + STAGE * sum(map(len, parts)), len(data), label, RUN_RECORD)
        return trace_of(decode_record(RunRecord, fields, label, what=RUN_RECORD))
    raise TraceError(label, "recognise", "is neither a crystallization trace nor a workflow run record")
