"""Where two JSON values differ, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.model.jsontext import Json, pointer, same


class Missing(Enum):
    """The type of MISSING."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""What stands in a difference where one side has no such field or element; null is a value."""


@dataclass(frozen=True, slots=True)
class JsonDifference:
    """One place at which two JSON values differ: a JSON pointer (`/` for the root) and what stands there."""

    pointer: str
    expected: Json
    observed: Json
    element: bool = False
    """Whether the place is an element of a list, not a field of an object."""


def iter_differences(expected: Json, observed: Json, place: tuple[str | int, ...] = ()) -> Iterator[JsonDifference]:
    """All differences, depth first, the keys of objects in byte order over both sides (spec/pipeline.md §4)."""
    if isinstance(expected, dict) and isinstance(observed, dict):
        for key in sorted(expected.keys() | observed.keys()):
            yield from _below(expected.get(key, MISSING), observed.get(key, MISSING), (*place, key), element=False)
    elif isinstance(expected, list) and isinstance(observed, list):
        for index in range(max(len(expected), len(observed))):
            yield from _below(_at(expected, index), _at(observed, index), (*place, index), element=True)
    elif not same(expected, observed):
        yield JsonDifference(pointer(*place), expected, observed)


def json_differences(expected: Json, observed: Json) -> tuple[JsonDifference, ...]:
    """All differences of two JSON values; none exactly when the values are the same."""
    return tuple(iter_differences(expected, observed))


def _at(values: list[Json], index: int) -> Json:
    return values[index] if index < len(values) else MISSING


def _below(expected: Json, observed: Json, place: tuple[str | int, ...], *, element: bool) -> Iterator[JsonDifference]:
    if expected is MISSING or observed is MISSING:
        yield JsonDifference(pointer(*place), expected, observed, element)
    else:
        yield from iter_differences(expected, observed, place)
