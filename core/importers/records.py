"""A file of other tools as records: JSON Lines, one JSON text, or indented JSON texts one after the other.

A malformed line costs that line. Files are read as a stream, but for one that is a single JSON text; that is split into
its records before these are parsed, so that only one record at a time is held in parsed form.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, Literal, NamedTuple, TypeAlias

import msgspec

from core.importers.chat_forms import ITEMS
from core.importers.dense import TOO_DENSE, too_many
from core.importers.jsonin import loads
from core.importers.values import Left, Typed
from core.model.jsontext import Json, JsonError

MOST = 1024 * 1024 * 1024
"""Bytes of a single JSON text beyond which it is not read."""

_SMALL = 1024 * 1024
_PEEK = 64 * 1024
_LINES = (".jsonl", ".ndjson")
_CLOSERS = (b"}", b"]")
_WRAPPERS: dict[str, frozenset[str]] = {
    "spans": frozenset({"context", "attributes"}),
    "data": frozenset({"object"}),
    "runs": frozenset({"run_type"}),
}
"""Members that hold records, and what these have."""

_TRIED = 64
"""Records that are looked at to tell what holds them."""


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that can be read from their beginning as often as it takes."""

    name: str
    """As given; shown, and used for the extension."""
    size: int
    open: Callable[[], BinaryIO]
    passed: Callable[[int], None] | None = None
    """Told how many bytes were taken in since it was told last."""


def source_of_bytes(data: bytes, name: str) -> Source:
    """Bytes in memory as a source."""
    return Source(name, len(data), lambda: io.BufferedReader(io.BytesIO(data)))


class Chunk(NamedTuple):
    """A piece of a file that is one JSON text."""

    place: str
    data: bytes


class Record(NamedTuple):
    """One record, parsed."""

    place: str
    value: Json
    """Or what a format's `typed` made of it."""
    text: bytes | None = None
    """The bytes that tell it from others, where it is no plain JSON value."""


Found: TypeAlias = Iterator[Record | Left]


def chunks(source: Source, max_record: int) -> Iterator[Chunk | Left]:
    """The JSON texts of a file, in order, with what is too large to be one."""
    with source.open() as file:
        kind = _kind(file, source.name)
        file.seek(0)
        if kind == "whole" and source.size > MOST:
            yield Left("", f"one JSON text of {source.size:,} bytes is not read; write it as JSON Lines")
            return
        texts = _lines(file, max_record) if kind == "lines" else _blocks(file) if kind == "blocks" else _whole(file)
        before = 0
        for text in texts:
            yield text
            if source.passed is not None:
                source.passed((here := file.tell()) - before)
                before = here


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


def _kind(file: BinaryIO, name: str) -> Literal["lines", "blocks", "whole"]:
    """How a file is laid out, by its extension and its first line that is not blank."""
    if name.endswith(_LINES):
        return "lines"
    while (line := file.readline(_PEEK)) and not line.strip():
        pass
    first = line.strip()
    if first in (b"{", b"["):
        return "blocks"
    if len(line) == _PEEK:  # a long line: a text of one line, or JSON Lines; the end of the line tells
        return "lines" if _goes_on(file) else "whole"
    try:
        loads(first)
    except JsonError:
        return "lines" if first[:1] == b"{" and first[-1:] == b"}" else "whole"
    return "lines"


def _goes_on(file: BinaryIO) -> bool:
    """Whether the line that is being read ends in a bracket, and another one follows."""
    last = b""
    while piece := file.readline(_PEEK):
        if piece.endswith(b"\n"):
            return (last + piece).rstrip()[-1:] in _CLOSERS and bool(file.readline(_PEEK).strip())
        last = piece[-4:]
    return False


def _whole(file: BinaryIO) -> Iterator[Chunk | Left]:
    if data := file.read():
        yield Chunk("", data)


def _lines(file: BinaryIO, most: int) -> Iterator[Chunk | Left]:
    number = 0
    while line := file.readline(most + 1):
        number += 1
        if len(line) > most and not line.endswith(b"\n"):
            while (line := file.readline(most)) and not line.endswith(b"\n"):
                pass
            yield Left(f"line {number}", f"a line of more than {most:,} bytes is not read")
        elif line.strip():
            yield Chunk(f"line {number}", line)


def _blocks(file: BinaryIO) -> Iterator[Chunk | Left]:
    """Indented JSON texts: each ends with the line that closes it, which is not indented.

    Where no line is indented (`indent=0`), that is the line which no other one that closes something follows.
    """
    gathered, number, start, flat = bytearray(), 0, 1, False
    while line := file.readline(MOST):
        number += 1
        if not gathered:
            start = number
        elif number == start + 1:
            flat = line[:1] not in (b" ", b"\t")
        gathered += line
        if len(gathered) > MOST:
            yield Left(
                f"line {start}", f"one JSON text of more than {MOST:,} bytes is not read; write it as JSON Lines"
            )
            return
        if line.rstrip() in _CLOSERS and not (flat and file.peek(1)[:1] in _CLOSERS):  # type: ignore[attr-defined]
            data, gathered = bytes(gathered), bytearray()
            yield Chunk(f"line {start}" if start > 1 or file.peek(1) else "", data)  # type: ignore[attr-defined]
    if gathered.strip():
        yield Chunk(f"line {start}" if start > 1 else "", bytes(gathered))
