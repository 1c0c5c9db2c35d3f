"""What importing would take in memory: as our own files do (core.traces.bounds), and what JSON in texts takes besides.

Formats write arguments and answers as JSON text, which is parsed too; and a message of thirty bytes becomes an action.
"""

from __future__ import annotations

import re

from core.model.jsontext import Json
from core.traces.bounds import LARGE, allowed, marks_of, weight, width

ACTION, RUN = 2_000, 6_500
"""Bytes that an action and a run take besides what their records were parsed into."""

PART = 2_000
"""Bytes that a part of a run and the action that it becomes take, besides its texts."""

TOO_DENSE = "so many values in so few bytes are not read"

_PLAIN = 4 * LARGE
"""Bytes of a text up to which its values fit into `ROOM`, whatever they are, unless they become actions."""

_ITEM = 96
_TEXT = 1.2
_ENDS = b"}]\n "
_DIGEST = 32
_FEW = 64
_JSON_TEXT = re.compile(rb'"(?:\\[nrt]|\s){0,16}[\[{](?:[^"\\]|\\.)*"', re.DOTALL)
_MARKS = ((b",", 40), (b'"', 25), (b"[", 64), (b"{", 170))


class Room:
    """Bytes of memory that are left for what is made of a file, besides its bytes: these are held, or written."""

    def __init__(self, size: int) -> None:
        """`size` is that of the file, in bytes."""
        self.left = allowed(size) - size


def taken_by(text: bytes, actions: int) -> int:
    """About how many bytes a part of a run takes that is made of a JSON text and may become so many actions.

    The text may be followed by a digest, which tells it from others.
    """
    json = text if text[-1:] in _ENDS else text[:-_DIGEST]
    is_plain = json.isascii() and b"\\" not in json
    return PART + actions * ACTION + int(_TEXT * len(json) * (1 if is_plain else width(json)))


def too_dense(data: bytes, actions: int = 0) -> bool:
    """Whether a JSON text would take more memory than is allowed for its size, if it became so many actions."""
    if len(data) <= (LARGE if actions else _PLAIN):
        return False
    room = allowed(len(data)) - weight(data) - actions * ACTION
    for found in _JSON_TEXT.finditer(data):
        if room < 0:
            break
        room -= sum(found[0].count(mark) * taken for mark, taken in _MARKS)
    return room < 0


def too_many(data: bytes) -> bool:
    """Whether the items of the lists of a text would, by themselves, take more than is allowed."""
    return len(data) > _PLAIN and marks_of(data).most_items * _ITEM + 2 * len(data) > allowed(len(data))


def most_actions(value: Json) -> int:
    """How many actions a record may become: as many as the longest list in it has items, or its members' members."""
    inner = list(value.values()) if isinstance(value, dict) else [value]
    inner += [one for held in inner if isinstance(held, dict) for one in held.values()]
    longest = max((len(held) for held in inner if isinstance(held, list)), default=0)
    return longest if longest > _FEW else 0
