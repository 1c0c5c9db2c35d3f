"""Changes of a journal's lines: each gives the changed lines, and the number of the first one that differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from core.model.jsontext import canonical, parse
from core.store.envelope import seal, unseal


def edited(lines: list[bytes], data: st.DataObject) -> tuple[list[bytes], int]:
    """Another character at some place."""
    index = data.draw(st.integers(0, len(lines) - 1))
    line = bytearray(lines[index])
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(32, 126))
    lines[index] = bytes(line)
    return lines, index + 1


def deleted(lines: list[bytes], data: st.DataObject) -> tuple[list[bytes], int]:
    """A line taken out."""
    index = data.draw(st.integers(0, len(lines) - 1))
    del lines[index]
    return lines, index + 1


def moved(lines: list[bytes], data: st.DataObject) -> tuple[list[bytes], int]:
    """The lines in another order."""
    order = data.draw(st.permutations(range(len(lines))))
    first = next((place for place, index in enumerate(order) if place != index), 0)
    return [lines[index] for index in order], first + 1


def repeated(lines: list[bytes], data: st.DataObject) -> tuple[list[bytes], int]:
    """A line that stands twice."""
    index, place = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines.insert(place, lines[index])
    return lines, place + 1


def other_type(lines: list[bytes], data: st.DataObject) -> tuple[list[bytes], int]:
    """A line that is well-formed in every way, but one of whose values has another type."""
    index = data.draw(st.integers(0, len(lines) - 1))
    payload, signatures = unseal(lines[index])
    value = parse(payload)
    places = list(_leaves(value))
    holder, key = places[data.draw(st.integers(0, len(places) - 1))]
    holder[key] = data.draw(st.sampled_from(list(_swaps(holder[key]))))
    lines[index] = seal(canonical(value), signatures)
    return lines, index + 1


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, dict | list):
            yield from _leaves(item)
        else:
            yield value, key


def _swaps(value: Any) -> Iterator[Any]:
    yield from ([value], {"": value}, None if value is not None else "")
    if isinstance(value, bool):
        yield from (int(value), str(value))
    elif isinstance(value, int):
        yield from (str(value), float(value), bool(value))
    elif isinstance(value, str):
        yield from (0, True, list(value))
