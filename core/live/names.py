"""Paths below the traces folder as text that can be written, compared and turned back into the name on disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import le

_ESCAPED = re.compile(r"\\x([89a-f][0-9a-f]|5c|23)")
_NUMBERED = re.compile(r"\.(?:json|jsonl|ndjson|traj)(#[1-9][0-9]{0,17})\Z")
_RAW = re.compile("[\udc80-\udcff\\\\]")


def unit_of(path: str) -> str:
    """The unit of a path as `os` gives it: the path itself, but for bytes that are not UTF-8, spelled `\\xff`.

    Two paths never share a unit: a name that has such a byte, or that reads as if it had been spelled, has its
    backslashes spelled as well. A name that reads like a run of a file, `runs.jsonl#3`, has its `#` spelled `\\x23`.
    """
    if path.isascii() and "\\" not in path and "#" not in path:
        return path
    if found := _NUMBERED.search(path):
        return rf"{_spelled(path[: found.start(1)])}\x23{path[found.start(1) + 1 :]}"
    if not _ESCAPED.search(path) and not any("\udc80" <= char <= "\udcff" for char in path):
        return path
    return _spelled(path)


def units_of(paths: Sequence[str]) -> Sequence[str]:
    """The units of many paths."""
    every = "/".join(paths)
    plain = every.isascii() and "\\" not in every and "#" not in every
    return paths if plain else list(map(unit_of, paths))


def _spelled(path: str) -> str:
    return _RAW.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", path)


def file_of(unit: str) -> str:
    """The unit of the file in which a run lies: without the number that tells it from the file's other runs."""
    if "#" not in unit:
        return unit
    found = _NUMBERED.search(unit)
    return unit[: found.start(1)] if found else unit


def path_of(unit: str) -> str:
    """The path of a unit, for `os`: for that of a file the inverse of `unit_of`, for that of a run its file's."""
    if "#" not in unit and "\\" not in unit:
        return unit
    unit = file_of(unit)

    def char(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return chr(code if code < 0x80 else 0xDC00 + code)

    return _ESCAPED.sub(char, unit)


def order_of(unit: str) -> str:
    """A sort key by path components: `a/b.json` comes before `a.json` (spec/traces.md, Loading), and runs of one file
    by their numbers.
    """
    if "#" in unit and (found := _NUMBERED.search(unit)):
        unit = f"{unit[: found.start(1)]}#{int(found[1][1:]):020d}"
    return unit.replace("/", "\0")


def in_order(units: Iterable[str]) -> list[str]:
    """Units in path order (`order_of`); the keys of very many that lie in order are found in one step."""
    listed = list(units)
    joined = "\n".join(listed)
    if "#" in joined or joined.count("\n") >= max(len(listed), 1):
        return sorted(listed, key=order_of)
    keys = joined.replace("/", "\0").split("\n")
    if all(map(le, keys, islice(keys, 1, None))):
        return listed
    return [listed[place] for place in sorted(range(len(listed)), key=keys.__getitem__)]


def below(unit: str, folder: str) -> bool:
    """Whether a unit is a path, or lies below it; everything lies below ""."""
    return not folder or unit == folder or unit.startswith(folder + "/")
