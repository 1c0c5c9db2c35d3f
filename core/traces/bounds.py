"""What keeps the memory that reading a file takes in proportion to its size (design: engine, hostile files).

Three bytes of JSON, `{},`, can become a kilobyte of objects. So what a file would take is estimated from its marks
before anything is made of it, and one that would take more than four times its size is not read. Files of less than a
quarter of `ROOM` may take `ROOM`: a run of actions with hardly any text takes five to ten times its size however it is
held as objects, and such runs are to be read as long as they are small.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from core.model.jsontext import Json
from core.model.record import Record

LARGE = 32 * 1024
"""Bytes above which a file is weighed, and read sparingly; below, whatever is in it fits into `ROOM`."""

ROOM = 16 * 1024 * 1024
"""Bytes that reading a file may take however small it is."""

MAX_ACTIONS = 50_000
"""Actions above which a run is not read."""

ACTION, ENTRY = 1_100, 800
"""Bytes that the record of an action takes besides its payload, and that of a side effect, rule or receipt."""

STAGE = 5_500
"""Bytes that a stage, recording or question of a run record takes besides its payload."""

_COMMA, _TEXT, _LIST, _OBJECT, _SHARED, _NAME = 52, 50, 64, 250, 25, 110
_WIDE = 40
"""Members of an object from which on their names are taken for different ones."""

_ALIGNED = 8
"""Bytes that lie unused beside an object, on average."""

_WIDEST = 8
"""The most that `width` says."""

_CHUNK = 1 << 16
_NOT_MARKS = bytes(set(range(256)) - set(b'[{,:"'))
_NOT_ASTRAL = bytes(range(0xF0))
_ESCAPED_ASTRAL = re.compile(rb"\\u[dD][89aAbB]")


def check_utf8(data: bytes) -> None:
    """Raise UnicodeDecodeError, with the place in all of the data, unless it is UTF-8."""
    if len(data) <= LARGE:
        data.decode()
        return
    if data.isascii():
        return
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(data)
    begin = 0
    try:
        for start in range(0, len(data) + _CHUNK, _CHUNK):
            begin = min(start, len(data)) - len(decoder.getstate()[0])
            decoder.decode(view[start : start + _CHUNK], final=start >= len(data))
    except UnicodeDecodeError as error:
        raise UnicodeDecodeError("utf-8", data, begin + error.start, begin + error.end, error.reason) from None


def allowed(size: int) -> int:
    """Bytes of memory that reading so many bytes may take."""
    return max(4 * size, ROOM)


Letters = Callable[[bytes], tuple[int, int, int, int]]
"""Counts as `letters_in` does."""


class Marks(NamedTuple):
    """How many values of each kind a JSON text holds, by its marks outside of texts."""

    commas: int
    names: int
    texts: int
    """Names among them."""
    lists: int
    objects: int

    @property
    def most_items(self) -> int:
        """As many items as all lists together have at most: an object has a comma less than it has members."""
        return self.commas - self.names + self.objects + self.lists


def marks_of(data: bytes) -> Marks:
    """What stands in a JSON text."""
    texts = commas = names = lists = objects = is_inside = 0
    marks = (_unescaped(data) if b"\\" in data else data).translate(None, _NOT_MARKS)
    for start in range(0, len(marks), _CHUNK):
        pieces = marks[start : start + _CHUNK].split(b'"')
        outside = b"".join(pieces[is_inside::2])
        commas += outside.count(b",")
        names += outside.count(b":")
        lists += outside.count(b"[")
        objects += outside.count(b"{")
        texts += len(pieces) - 1
        is_inside ^= (len(pieces) - 1) & 1
    return Marks(commas, names, texts // 2, lists, objects)


def weight(data: bytes) -> int:
    """About how many bytes of memory it takes to hold a JSON text, to parse it and to hold what it becomes.

    Rather too many than too few: what is written here for each kind of value was measured, and is tested.
    """
    found = marks_of(data)
    names = min(found.names, found.texts)
    made = found.commas * _COMMA + found.lists * _LIST + found.objects * _OBJECT
    made += (found.texts - names) * _TEXT + names * _SHARED
    if found.commas > _WIDE * (found.objects + 1):
        made += min(found.texts, found.commas) * _NAME
    return made + len(data) * (2 + width(data))


def letters_in(data: bytes) -> tuple[int, int, int, int]:
    """How many commas, quotes, brackets and braces open in some bytes, wherever they stand."""
    return data.count(b","), data.count(b'"'), data.count(b"["), data.count(b"{")


def is_light(data: bytes, times: int = 1, letters: Letters = letters_in) -> bool:
    """Whether so many times a trace takes no more than is allowed, even if all marks in its texts were marks.

    A quick look, by what counts `letters`.
    """
    commas, quotes, brackets, braces = letters(data)
    made = commas * (_COMMA + _NAME) + quotes * _TEXT // 2 + brackets * _LIST + braces * (_OBJECT + ACTION)
    return times * (made + len(data) * (2 + _WIDEST)) <= allowed(len(data))


def width(data: bytes) -> int:
    """Bytes that a letter of a JSON text takes at most, by the letters that there are, and as UTF-8 beside."""
    if b"\\u" in data and _ESCAPED_ASTRAL.search(data):
        return _WIDEST
    if data.isascii():
        return 2 if b"\\u" in data else 1
    return _WIDEST if data.translate(None, _NOT_ASTRAL) else 2


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


def kept(value: object) -> int:
    """Bytes of memory that a JSON value or record takes, by what Python tells; short names count as shared."""
    taken, todo = 0, [value]
    while todo:
        held = todo.pop()
        taken += sys.getsizeof(held) + _ALIGNED
        if isinstance(held, Record):
            held = held.__dict__
            taken += sys.getsizeof(held)
        if isinstance(held, dict):
            todo += held.values()
            if len(held) > _WIDE:
                todo += held
        elif isinstance(held, list | tuple):
            todo += held
    return taken


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
