"""What keeps the memory that reading a file takes in proportion to its size (design: engine, hostile files).

Three bytes of JSON, `{},`, can become three kilobytes of objects. So what a file would take is estimated from its marks
before anything is made of it, and one that would take more than four times its size and some room is not read.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from core.model.jsontext import Json

LARGE = 128 * 1024
"""Bytes above which a file is weighed, and read sparingly; below, whatever is in it fits into `ROOM`."""

ROOM = 64 * 1024 * 1024
"""Bytes that reading a file may take besides four times its size."""

MAX_ACTIONS = 50_000
"""Actions above which a run is not read."""

ACTION, ENTRY = 1_100, 800
"""Bytes that the record of an action takes besides its payload, and that of a side effect, rule or receipt."""

STAGE = 5_500
"""Bytes that a stage, recording or question of a run record takes besides its payload."""

_COMMA, _TEXT, _LIST, _OBJECT, _NAME = 40, 50, 64, 170, 110
_WIDE = 40
"""Members of an object from which on their names are taken for different ones."""

_CHUNK = 1 << 16
_NOT_MARKS = bytes(set(range(256)) - set(b'[{,"'))
_NOT_ASTRAL = bytes(range(0xF0))


def check_utf8(data: bytes) -> None:
    """Raise UnicodeDecodeError, with the place in all of the data, unless it is UTF-8."""
    if len(data) <= LARGE:
        data.decode()
        return
    if data.isascii():
        return
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(data)
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(view[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        data.decode()  # tells the place from the beginning


def allowed(size: int) -> int:
    """Bytes of memory that reading so many bytes may take."""
    return 4 * size + ROOM


def weight(data: bytes) -> int:
    """About how many bytes of memory it takes to hold a JSON text, to parse it and to hold what it becomes.

    Rather too many than too few: what is written here for each kind of value was measured, and is tested.
    """
    made = texts = commas = lists = objects = 0
    marks = (_unescaped(data) if b"\\" in data else data).translate(None, _NOT_MARKS)
    is_inside = 0
    for start in range(0, len(marks), _CHUNK):
        pieces = marks[start : start + _CHUNK].split(b'"')
        outside = b"".join(pieces[is_inside::2])
        commas += outside.count(b",")
        lists += outside.count(b"[")
        objects += outside.count(b"{")
        texts += len(pieces) - 1
        is_inside ^= (len(pieces) - 1) & 1
    texts //= 2
    made = commas * _COMMA + texts * _TEXT + lists * _LIST + objects * _OBJECT
    if commas > _WIDE * (objects + 1):
        made += min(texts, commas) * _NAME
    return made + len(data) * (2 + _width(data))


def _width(data: bytes) -> int:
    """Bytes that a letter of a text takes at most, by the letters that there are, and as UTF-8 beside."""
    if data.isascii():
        return 1
    return 8 if data.translate(None, _NOT_ASTRAL) else 2


def weight_of_records(trace: Mapping[str, Any]) -> int:
    """Bytes that the records of a trace, and what is kept of them, take besides what they were parsed into."""
    count = entries = 0
    for action in _list(trace.get("actions")):
        count += 1
        if isinstance(action, dict) and "side_effects" in action:
            entries += len(_list(action["side_effects"]))
    entries += len(_list(trace.get("replay_allowlist")))
    if isinstance(replay := trace.get("replay_run"), dict):
        entries += sum(len(_list(held)) for held in replay.values())
    return count * ACTION + entries * ENTRY


def _list(value: Json) -> list[Any]:
    return value if isinstance(value, list) else []


def _unescaped(data: bytes) -> bytes:
    return data.replace(b"\\\\", b"").replace(b'\\"', b"")


def sort_in_place(value: Json) -> Json:
    """The value itself, the keys of every object now in ascending byte order; takes no copy."""
    todo = [value]
    while todo:
        held = todo.pop()
        if isinstance(held, dict):
            if sorted(held) != list(held):
                members = sorted(held.items(), key=_name)
                held.clear()
                held.update(members)
            todo += [item for item in held.values() if isinstance(item, list | dict)]
        elif isinstance(held, list):
            todo += [item for item in held if isinstance(item, list | dict)]
    return value


def _name(member: tuple[str, Any]) -> str:
    return member[0]
