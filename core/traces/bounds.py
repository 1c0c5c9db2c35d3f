"""What keeps the memory that reading a file takes in proportion to its size (design: engine, hostile files).

Three bytes of JSON, `{},`, can become three kilobytes of objects, so their number has a limit besides the bytes'. Large
files are checked and sorted in ways that are slower and copy nothing.
"""

from __future__ import annotations

import codecs
from typing import Any

from core.model.jsontext import Json

LARGE = 4 * 1024 * 1024
"""Bytes above which a file is read sparingly."""

MAX_VALUES = 2_000_000
"""JSON values above which a file is not read."""

MAX_ACTIONS = 50_000
"""Actions above which a run is not read."""

_CHUNK = 1 << 20
_NOT_MARKS = bytes(set(range(256)) - set(b'[{,"'))


def check_utf8(data: bytes) -> None:
    """Raise UnicodeDecodeError, with the place in all of the data, unless it is UTF-8."""
    if len(data) <= LARGE:
        data.decode()
        return
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(data)
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(view[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        data.decode()  # tells the place from the beginning


def most_values(data: bytes) -> int:
    """How many values a JSON text holds, or a few more; any number for what is no JSON."""
    marks = (_unescaped(data) if b"\\" in data else data).translate(None, _NOT_MARKS)
    count, is_inside = 1, 0
    for start in range(0, len(marks), _CHUNK):
        pieces = marks[start : start + _CHUNK].split(b'"')
        count += sum(map(len, pieces[is_inside::2]))
        is_inside ^= (len(pieces) - 1) & 1
    return count


def _unescaped(data: bytes) -> bytes:
    return data.replace(b"\\\\", b"").replace(b'\\"', b"")


def sorted_keys(value: Json) -> Json:
    """The value with the keys of every object in ascending byte order, without a copy of its texts."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, list | dict):
                value[index] = sorted_keys(item)
        return value
    if isinstance(value, dict):
        made: dict[str, Any] = {}
        for key in sorted(value):
            item = value[key]
            made[key] = sorted_keys(item) if isinstance(item, list | dict) else item
        return made
    return value
