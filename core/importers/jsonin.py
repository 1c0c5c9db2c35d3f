"""Other tools' JSON: strict like our own, but for integers beyond 64 bits, which are kept as text."""

from __future__ import annotations

import re

from core.importers.dense import TOO_DENSE, too_dense
from core.model.jsontext import Json, JsonError, has_negative_zero, parse

DEPTH = 120
"""Deepest nesting of a record; in a trace it lies some levels deeper, and that must still be read."""

_BIG = re.compile(rb":(\s{0,8})(-[0-9]{19,}|[2-9][0-9]{19,}|1[89][0-9]{18,}|[0-9]{21,})(?=\s{0,8}[,}\r\n])")
"""What looks like a member's value that 64 bits may not hold."""

_RUN = b"0" * 20
_DIGITS = bytes(ord("0") if chr(code) in "-0123456789" else ord(" ") for code in range(256))
_AT_ONCE = 1 << 20


def loads(data: bytes) -> Json:
    """The value of a JSON text. Raises JsonError, also for what would take a multiple of its size in memory."""
    if too_dense(data):
        raise JsonError(TOO_DENSE)
    if _has_long_number(data):
        data = _BIG.sub(_quoted, data)
    return parse(data, DEPTH)


def is_plain(data: bytes) -> bool:
    """Whether a JSON text holds nothing that `loads` reads otherwise than other decoders: no number beyond 64 bits, no
    -0, no deep nesting.
    """
    if data.count(b"{") + data.count(b"[") > DEPTH or has_negative_zero(data):
        return False
    return not _has_long_number(data) or _BIG.search(data) is None


def structured(text: str) -> Json:
    """Text that is a JSON object or list as that, any other text as it is (`"12"` stays text)."""
    start = text[:1]
    if start.isspace():
        start = text[:64].lstrip()[:1]
    if start not in ("{", "["):
        return text
    try:
        return loads(text.encode())
    except (JsonError, UnicodeEncodeError):
        return text


def _has_long_number(data: bytes) -> bool:
    """Whether as many digits and signs stand side by side as a number beyond 64 bits has; twice as fast as `_BIG`."""
    if len(data) <= _AT_ONCE:
        return _RUN in data.translate(_DIGITS)
    view = memoryview(data)
    pieces = (bytes(view[at : at + _AT_ONCE + len(_RUN)]) for at in range(0, len(data), _AT_ONCE))
    return any(_RUN in piece.translate(_DIGITS) for piece in pieces)


def _quoted(found: re.Match[bytes]) -> bytes:
    """A member with its number as text where 64 bits do not hold it."""
    number = found[2]
    if len(number) < 21 and -(2**63) <= int(number) < 2**64:
        return found[0]
    return b":" + found[1] + b'"' + number + b'"' if _is_member(found.string, found.start()) else found[0]


def _is_member(data: bytes, colon: int) -> bool:
    """Whether a colon in a JSON text follows a name, and does not stand in a string.

    It does when right before it stands a name in quotes: what precedes that is no backslash, and its characters are
    none that could end a string and begin another one.
    """
    if data[colon - 1 : colon] != b'"':
        return False
    start = data.rfind(b'"', 0, colon - 1)
    name = data[start + 1 : colon - 1].translate(None, b"_.-")
    return start > 0 and name.isalnum() and data[start - 1 : start] != b"\\"
