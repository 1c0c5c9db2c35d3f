"""The records of a JSON text that other tools wrote.

A malformed record costs that record. A large text is split into its records before these are parsed, so that only one
at a time is held in parsed form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import msgspec

from core.importers.chat_forms import ITEMS
from core.importers.dense import TOO_DENSE, too_many
from core.importers.jsonin import loads
from core.importers.texts import Chunk
from core.importers.values import Left, Typed
from core.model.jsontext import Json, JsonError

_SMALL = 1024 * 1024
_WRAPPERS: dict[str, frozenset[str]] = {
    "spans": frozenset({"context", "attributes"}),
    "data": frozenset({"object"}),
    "runs": frozenset({"run_type"}),
}
"""Members that hold records, and what these have."""

_TRIED = 64
"""Records that are looked at to tell what holds them."""


class Record(NamedTuple):
    """One record, parsed."""

    place: str
    value: Json
    """Or what a format's `typed` made of it."""
    text: bytes | None = None
    """The bytes that tell it from others, where it is no plain JSON value."""


Found: TypeAlias = Iterator[Record | Left]


def opened(chunk: Chunk, typed: Callable[[bytes], tuple[bool, Iterable[Typed]] | None] | None = None) -> Found:
    """The records of a JSON text: what a known wrapper or a list holds, else the text itself.

    `typed` is a format's own way, which is asked first.
    """
    if typed is not None and (made := typed(chunk.data)) is not None:
        single, records = made
        head = f"{chunk.place} item " if chunk.place else "item "
        for number, (value, text) in enumerate(records, 1):
            place = chunk.place if single else head + str(number)
            yield _refused(place, value) if isinstance(value, JsonError) else Record(place, value, text)
        return
    try:
        single, values = _taken_apart(chunk.data)
    except JsonError as error:
        yield _refused(chunk.place, error)
        return
    for number, value in enumerate(values, 1):
        place = chunk.place if single else f"{chunk.place} item {number}".lstrip()
        yield _refused(place, value) if isinstance(value, JsonError) else Record(place, value)


def _refused(place: str, error: JsonError) -> Left:
    if error.reason == TOO_DENSE:  # which is no matter of a place, and no fault of the JSON
        return Left(place, TOO_DENSE)
    where = f"column {error.column}" if place.startswith("line ") and error.line == 1 else error.place
    return Left(place, f"invalid JSON: {error.reason}{' at ' if where else ''}{where}")


Values: TypeAlias = Iterable[Json | JsonError]


def _taken_apart(data: bytes) -> tuple[bool, Values]:
    """Whether a JSON text is one record, and its records. Raises JsonError."""
    return _unwrapped(loads(data)) if len(data) < _SMALL else _split(data)


def _unwrapped(value: Json) -> tuple[bool, Values]:
    """The records of a parsed text."""
    if isinstance(value, list):
        return (True, [value]) if _is_one_run(value) else (False, value)
    if not isinstance(value, dict):
        return True, [value]
    if isinstance(groups := value.get("resourceSpans"), list):
        return False, _otlp(groups)
    for name in _WRAPPERS:
        if isinstance(held := value.get(name), list) and _wraps(name, held):
            return False, held
    return True, [value]


def _is_one_run(held: Iterable[Json | JsonError]) -> bool:
    """Whether a list is a run of its own: of messages or turns, not of runs; a bad first one tells nothing."""
    first: dict[str, Any] = next((one for one in islice(held, _TRIED) if isinstance(one, dict)), {})
    kind = first.get("type")
    return "role" in first or "iteration" in first or (isinstance(kind, str) and kind in ITEMS)


def _wraps(name: str, held: Iterable[Json | JsonError]) -> bool:
    """Whether a member of an object that is a list holds records; one bad record does not spoil the others."""
    return any(isinstance(one, dict) and _WRAPPERS[name] <= one.keys() for one in islice(held, _TRIED))


def _otlp(groups: Iterable[Json]) -> Iterator[Json]:
    """The spans of OTLP's resources and scopes, each with its resource."""
    for group in groups:
        held = group if isinstance(group, dict) else {}
        scopes = held.get("scopeSpans", held.get("instrumentationLibrarySpans"))
        if not isinstance(scopes, list):
            yield group
            continue
        for scope in scopes:
            spans = scope.get("spans") if isinstance(scope, dict) else None
            for span in spans if isinstance(spans, list) else [scope]:
                yield with_resource(span, held.get("resource"))


def with_resource(span: Json, resource: Json) -> Json:
    """A span with the resource that it belongs to."""
    if isinstance(span, dict):
        span["resource"] = resource
    return span


class _Scope(msgspec.Struct):
    spans: list[msgspec.Raw] = []


class _Resource(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"null")
    scopeSpans: list[_Scope] | None = None  # noqa: N815 - the name in the file
    instrumentationLibrarySpans: list[_Scope] | None = None  # noqa: N815 - its name before


class _Otlp(msgspec.Struct):
    resourceSpans: list[_Resource]  # noqa: N815 - the name in the file


def _split(data: bytes) -> tuple[bool, Values]:
    """The records of a large text, each parsed when it is asked for. Raises JsonError."""
    if too_many(data):
        raise JsonError(TOO_DENSE)
    try:
        if data.lstrip()[:1] == b"[":
            held = msgspec.json.decode(data, type=list[msgspec.Raw])
            return (True, [loads(data)]) if _is_one_run(_each(held)) else (False, _each(held))
        members = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        if "resourceSpans" in members:
            return False, _each_span(msgspec.json.decode(data, type=_Otlp))
        for name in _WRAPPERS:
            if bytes(members.get(name, b"")).lstrip()[:1] == b"[":
                held = msgspec.json.decode(members[name], type=list[msgspec.Raw])
                if _wraps(name, _each(held)):
                    return False, _each(held)
    except (msgspec.DecodeError, RecursionError):
        pass  # what it is that is wrong, the parser says better
    return _unwrapped(loads(data))


def _each(held: list[msgspec.Raw]) -> Iterator[Json | JsonError]:
    for raw in held:
        yield _parsed(raw)


def _each_span(held: _Otlp) -> Iterator[Json | JsonError]:
    for group in held.resourceSpans:
        resource = _parsed(group.resource)
        for scope in group.scopeSpans or group.instrumentationLibrarySpans or ():
            for raw in scope.spans:
                span = resource if isinstance(resource, JsonError) else _parsed(raw)
                yield span if isinstance(span, JsonError) else with_resource(span, resource)


def _parsed(raw: msgspec.Raw) -> Json | JsonError:
    try:
        return loads(bytes(raw))
    except JsonError as error:
        return error
