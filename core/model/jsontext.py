"""JSON as the specification wants it: strict reading, fixed number texts, canonical digests.

Sources: spec/README.md (canonical JSON, strict equality), goldens/README.md (number texts, what a parser refuses).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, TypeAlias

import orjson

Json: TypeAlias = Any
"""A JSON value: None, bool, int (64 bits), float, str, list or dict with str keys."""

MAX_DEPTH = 127
"""Deepest nesting of arrays and objects that is read."""

_STRING = rb'"(?:[^"\\]|\\.)*"'
_NEGATIVE_ZERO = re.compile(rb"-0(?<![^\s:\[,]-0)(?![0-9.eE])")
"""What looks like the number -0: the names in strings that end so are passed over here already."""

_STRING_OR_NEGATIVE_ZERO = re.compile(_STRING + rb"|-0(?![0-9.eE])", re.DOTALL)
_CONTAINERS = frozenset({dict, list})
_PER_VALUE, _ESCAPED = 200, 4
"""Bytes that are looked at in the time of one list or object, and how much longer it takes where some are escaped."""

_NOT_MARKS = bytes(set(range(256)) - set(b'"[]{}'))
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_QUOTED = re.compile(rb'"[^"]*"')


class JsonError(ValueError):
    """Text that is not JSON; the message names the place, `line L column C`, if it is one place that is wrong."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        self.reason, self.line, self.column = reason, line, column
        self.place = f"line {line} column {column}" if line else ""
        super().__init__(f"{reason} at {self.place}" if line else reason)


def parse(data: bytes, max_depth: int = MAX_DEPTH) -> Json:
    """The value of a JSON text in UTF-8, of duplicate keys the last one.

    `-0` reads as the float -0.0 and integers beyond 64 bits as floats. Raises JsonError, also for a byte order mark,
    NaN, lone surrogates and nesting deeper than `max_depth`.
    """
    try:
        value = orjson.loads(data)
        # Only of what is JSON: where a string has no end, looking for strings takes time with the square of the length.
        if has_negative_zero(data):
            data = _STRING_OR_NEGATIVE_ZERO.sub(lambda m: b"-0.0" if m[0] == b"-0" else m[0], data)
            value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        reason = error.msg.partition(": line ")[0]
        raise JsonError(reason, error.lineno, error.colno) from None
    brackets = data.count(b"[") + data.count(b"{")
    if brackets > max_depth:
        # Going through few values takes less than going through many bytes.
        by_values = brackets * _PER_VALUE < len(data) * (_ESCAPED if b"\\" in data else 1)
        if holds_deeper(value, max_depth) if by_values else is_deeper(data, max_depth):
            raise JsonError(f"nesting deeper than {max_depth} levels")
    return value


def has_negative_zero(data: bytes) -> bool:
    """Whether a JSON text holds the number -0, or a text that reads like it."""
    return _NEGATIVE_ZERO.search(data) is not None


def holds_deeper(value: Json, most: int) -> bool:
    """Whether a value is nested deeper than `most` levels, looking at one level after the other."""
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(most):
        level = [
            inner
            for held in level
            for inner in (held.values() if type(held) is dict else held)
            if type(inner) in _CONTAINERS
        ]
        if not level:
            return False
    return bool(level)


def is_deeper(data: bytes, most: int) -> bool:
    """Whether what is known to be JSON is nested deeper than `most` levels.

    Looks at nothing but its brackets: those in strings go first, then the innermost pairs, level by level.
    """
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Where two strings follow each other, the quotes between them may go: what is inside stays inside.
    marks = data.translate(_AS_LISTS, _NOT_MARKS).replace(b'""', b"")
    left = _QUOTED.sub(b"", marks) if b'"' in marks else marks
    for _ in range(most):
        if not left:
            return False
        left = left.replace(b"[]", b"")
    return bool(left)


def sort_keys(value: Json) -> Json:
    """A copy of a JSON value with the keys of every object in ascending byte order."""
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _wire(value: object) -> object:
    """What a record is written as; records know it themselves (core.model.record)."""
    wire = getattr(value, "wire", None)
    if wire is None:
        raise TypeError(f"{type(value).__name__} has no JSON form")
    return wire()


def compact(value: Json) -> bytes:
    """JSON without spaces, records in field order, maps as they are."""
    return orjson.dumps(value, default=_wire)


def pretty(value: Json) -> bytes:
    """JSON indented by two spaces, records in field order, maps as they are; no final newline."""
    return orjson.dumps(value, default=_wire, option=orjson.OPT_INDENT_2)


def canonical(value: Json) -> bytes:
    """Canonical JSON: no spaces, all keys in ascending byte order (spec/README.md)."""
    return orjson.dumps(value, default=_wire, option=orjson.OPT_SORT_KEYS)


def plain(value: Json) -> Json:
    """A record, or anything that holds records, as plain JSON values in writing order."""
    return orjson.loads(compact(value))


def sha256_hex(data: bytes) -> str:
    """The sha256 of some bytes as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Json) -> str:
    """`sha256:` and the hex digest of a value's canonical JSON."""
    return "sha256:" + sha256_hex(canonical(value))


def scalar_text(value: Json) -> str:
    """The value text of a scalar: a string as it is, others as JSON (`1`, `1.0`, `true`, `null`)."""
    return value if isinstance(value, str) else compact(value).decode()


def same(left: Json, right: Json) -> bool:
    """Strict equality: 1, 1.0, true and "1" are four different values; 0.0 equals -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def pointer(*parts: str | int) -> str:
    """A JSON pointer from keys and indexes (RFC 6901); `/` for the root, as in the reports."""
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in parts)
