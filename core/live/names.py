"""Paths below the traces folder as text that can be written, compared and turned back into the name on disk."""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\x([89a-f][0-9a-f]|5c)")
_RAW = re.compile("[\udc80-\udcff\\\\]")


def unit_of(path: str) -> str:
    """The unit of a path as `os` gives it: the path itself, but for bytes that are not UTF-8, spelled `\\xff`.

    Two paths never share a unit: a name that has such a byte, or that reads as if it had been spelled, has its
    backslashes spelled as well.
    """
    if path.isascii() and "\\" not in path:
        return path
    if not _ESCAPED.search(path) and not any("\udc80" <= char <= "\udcff" for char in path):
        return path
    return _RAW.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", path)


def path_of(unit: str) -> str:
    """The path of a unit, for `os`; the inverse of `unit_of`."""
    if "\\" not in unit:
        return unit

    def char(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return chr(code if code < 0x80 else 0xDC00 + code)

    return _ESCAPED.sub(char, unit)


def order_of(unit: str) -> str:
    """A sort key by path components: `a/b.json` comes before `a.json` (spec/traces.md, Loading)."""
    return unit.replace("/", "\0")


def is_trace_name(name: str) -> bool:
    """Whether a file's extension is exactly `json`; `.json` alone is a name without extension."""
    return name.endswith(".json") and name != ".json"


def below(unit: str, folder: str) -> bool:
    """Whether a unit is a path, or lies below it; everything lies below ""."""
    return not folder or unit == folder or unit.startswith(folder + "/")
