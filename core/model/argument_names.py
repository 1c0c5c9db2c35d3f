"""The names of arguments: dotted paths in which `tags[]` is a list and `lines[].id` what its records have at a key.

What has a meaning in a name, or in the target of an effect that names it, is escaped in a key: `order\\.id` is one key.
"""

from __future__ import annotations

import re
from functools import lru_cache

from core.model.jsontext import pointer

Path = tuple[str | None, ...]
"""The keys that lead to an argument; None stands for every element of a list."""

_MEANINGFUL = re.compile(r"([\\.\[\]{}])")
_PARTS = re.compile(r"\.((?:\\.|[^\\.])*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=65536)
def name_of(key: str) -> str:
    """The name of the argument that stands at a key."""
    return _MEANINGFUL.sub(r"\\\1", key)


def path_of(name: str) -> Path:
    """Where an argument stands."""
    path: list[str | None] = []
    for part in _PARTS.findall(f".{name}"):
        path.append(_ESCAPED.sub(r"\1", part.removesuffix("[]")))
        if is_list(part):
            path.append(None)
    return tuple(path)


def pointer_of(name: str) -> str:
    """The JSON pointer to an argument, with `*` for every element of a list."""
    return pointer(*("*" if key is None else key for key in path_of(name)))


def argument_at(place: str) -> str:
    """The argument that a place among a step's arguments names (what stands behind `in/`)."""
    return place.replace("~1", "/").replace("~0", "~")


@lru_cache(maxsize=65536)
def exclude(one: str, other: str) -> bool:
    """Whether two arguments are forms of the same one, a value and a list for instance: no call has both."""
    pairs = zip(path_of(one), path_of(other), strict=False)
    first = next((pair for pair in pairs if pair[0] != pair[1]), (None, None))
    return one != other and None in first


def is_list(name: str) -> bool:
    """Whether an argument is a list of values."""
    return name.endswith("[]")
