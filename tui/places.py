"""Where in a JSON text something stands: from the words of a problem or a JSON pointer to a line and column."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined] # public in effect: it has no other way to a key's end
from typing import Any

from tui.editing import Spot

_LINE = re.compile(r"line ([1-9][0-9]{0,8})(?: column ([1-9][0-9]{0,8}))?")
_PART = re.compile(r"([^.\[\]]+)|\[([0-9]{1,9})\]")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
"""An index in a JSON pointer; what else Python takes for digits, and what no list is long enough for, is a key."""
_BLANK = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode

Path = tuple[str | int, ...]


def spot_of(text: str, place: str) -> Spot:
    """Where a place of a problem is: `line 3 column 7`, `actions[2].cost`, `/actions/2`; else the beginning."""
    if found := _LINE.fullmatch(place):
        return Spot(int(found[1]), int(found[2] or 1))
    return locate(text, path_of(place))


def path_of(place: str) -> Path:
    """The keys and indexes of a place that is written with dots and brackets, or as a JSON pointer."""
    if place.startswith("/"):
        parts = (part.replace("~1", "/").replace("~0", "~") for part in place[1:].split("/"))
        return tuple(int(part) if _INDEX.fullmatch(part) else part for part in parts if part)
    return tuple(int(index) if index else key for key, index in _PART.findall(place))


def locate(text: str, path: Path) -> Spot:
    """The place of a value, or of the innermost one that holds it and is there."""
    at = _skip(text, 0)
    try:
        for part in path:
            found = _child(text, at, part)
            if found is None:
                break
            at = found
    except (ValueError, IndexError, RecursionError):
        pass
    before = text[:at]
    return Spot(before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1)


def _child(text: str, at: int, part: str | int) -> int | None:
    """Where the value of a key or index begins in the object or list at a place."""
    opening, at = text[at : at + 1], _skip(text, at + 1)
    number = 0
    while opening in ("{", "[") and text[at : at + 1] not in ("}", "]", ""):
        key: Any = number
        if opening == "{":
            key, at = scanstring(text, at + 1, False)
            at = _skip(text, _skip(text, at) + 1)
        if key == part or str(key) == str(part):
            return at
        at = _skip(text, _decode(text, at)[1])
        if text[at : at + 1] != ",":
            break
        at, number = _skip(text, at + 1), number + 1
    return None


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
