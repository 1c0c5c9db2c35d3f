"""How JSON values are built, apart from the texts of their scalars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from core.model.jsontext import Json

_TRUTH = ("false", "true")
_CONTAINERS = frozenset({dict, list})


def structure(value: Json, values: list[str]) -> Any:
    """How a value is built, without its scalars, whose texts are added to `values` in the same order.

    A scalar is None; a dict is its keys, with the structure beside it where the value is no scalar; a list begins
    with 0.
    """
    kind = type(value)
    if kind is dict:
        made: list[Any] = []
        for key, item in value.items():
            kind = type(item)
            if kind is str:
                values.append(item)
                made.append(key)
            elif kind in _CONTAINERS:
                made.append((key, structure(item, values)))
            else:
                values.append(_text(item))
                made.append(key)
        return tuple(made)
    if kind is list:
        return (0, *[structure(item, values) for item in value])
    values.append(_text(value))
    return None


def scalars_of(members: dict[str, Json], values: list[str]) -> tuple[str, ...]:
    """The names of the members that are scalars, whose texts are added to `values` in the same order."""
    names = []
    for name, value in members.items():
        kind = type(value)
        if kind is str:
            values.append(value)
            names.append(name)
        elif kind not in _CONTAINERS:
            values.append(_text(value))
            names.append(name)
    return tuple(names)


def _text(value: Json) -> str:
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if value is None:
        return "null"
    return orjson.dumps(value).decode() if kind is float else _TRUTH[value]


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
