"""How JSON values are built, apart from the texts of their scalars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from core.model.jsontext import Json


def structure(value: Json, values: list[str]) -> Any:
    """How a value is built, without its scalars, whose texts are added to `values` in the same order.

    A scalar is None; a dict is its keys, with the structure beside it where the value is no scalar; a list begins
    with 0.
    """
    kind = type(value)
    if kind is str:
        values.append(value)
        return None
    if kind is dict:
        return tuple([_member(key, item, values) for key, item in value.items()])
    if kind is list:
        return (0, *[structure(item, values) for item in value])
    values.append(str(value) if kind is int else orjson.dumps(value).decode())
    return None


def _member(key: str, value: Json, values: list[str]) -> Any:
    if type(value) is str:
        values.append(value)
        return key
    inner = structure(value, values)
    return key if inner is None else (key, inner)


def paths_of(structure: Any, path: str) -> Iterator[str]:
    """The paths of the scalars of a structure, in the order of their texts."""
    if structure is None:
        yield path
    elif structure[:1] == (0,):
        for index, inner in enumerate(structure[1:]):
            yield from paths_of(inner, f"{path}[{index}]")
    else:
        for member in structure:
            key, inner = (member, None) if type(member) is str else member
            yield from paths_of(inner, f"{path}.{key}")
