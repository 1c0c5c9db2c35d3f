"""A file of other tools as JSON texts: JSON Lines, one JSON text, or indented JSON texts one after the other.

Files are read as a stream, but for one that is a single JSON text.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal, NamedTuple

from core.importers.jsonin import loads
from core.importers.values import Left
from core.model.jsontext import JsonError

MOST = 1024 * 1024 * 1024
"""Bytes of a single JSON text beyond which it is not read."""

_PEEK = 64 * 1024
_LINES = (".jsonl", ".ndjson")
_CLOSERS = (b"}", b"]")


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
