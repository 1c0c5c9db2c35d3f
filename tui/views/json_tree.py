"""A JSON value as lines with folds; what is folded is not even walked, so huge payloads cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.model.jsontext import Json, compact, pointer
from core.model.text import visible
from tui.views.json_rows import BLOCK, key_label

OPEN_DEPTH = 2
"""Levels that are open at first."""

MAX_OPEN = 60
"""Entries (or lines of a text) beyond which a value starts folded, whatever its level."""

LONG_TEXT = 400
"""Characters beyond which a text without lines starts cut."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One line: the pointer of its value, its text, and whether it can be opened or closed."""

    pointer: str
    text: str
    foldable: bool = False
    opened: bool = True


def tree(value: Json, toggled: frozenset[str] = frozenset(), root: Path = ()) -> Iterator[Node]:
    """The lines of a value; `toggled` holds the pointers whose fold is not as it starts."""
    yield from _walk(value, root, "", 0, toggled)


def is_open(value: Json, depth: int) -> bool:
    """Whether a value starts open."""
    if isinstance(value, str):
        return "\n" in value and value.count("\n") < MAX_OPEN and len(value) <= LONG_TEXT * 10
    return depth < OPEN_DEPTH and len(value) <= MAX_OPEN


def _walk(value: Json, path: Path, label: str, depth: int, toggled: frozenset[str]) -> Iterator[Node]:
    indent, here = "  " * depth, pointer(*path)
    if isinstance(value, (dict, list)) and value:
        yield from _branch(value, path, label, depth, toggled)
    elif isinstance(value, str) and ("\n" in value or len(value) > LONG_TEXT):
        yield from _text(value, here, indent, label, opened=is_open(value, depth) != (here in toggled))
    else:
        yield Node(here, indent + label + visible(compact(value).decode()))


def _branch(value: Json, path: Path, label: str, depth: int, toggled: frozenset[str]) -> Iterator[Node]:
    indent, here = "  " * depth, pointer(*path)
    brackets, noun = ("{}", "key") if isinstance(value, dict) else ("[]", "item")
    if is_open(value, depth) == (here in toggled):
        size = f"{len(value):,} {noun}{'' if len(value) == 1 else 's'}"
        yield Node(here, f"{indent}{label}{brackets[0]}…{brackets[1]} {size}", True, False)
        return
    yield Node(here, indent + label + brackets[0], True)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*path, key), key_label(key), depth + 1, toggled)
    else:
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index), "", depth + 1, toggled)
    yield Node(here, indent + brackets[1])


def _text(value: str, here: str, indent: str, label: str, *, opened: bool) -> Iterator[Node]:
    """A text of several lines, or a long one: shown as a block, or cut with its length."""
    if not opened:
        start = visible(compact(value[:80]).decode())[:-1]
        yield Node(here, f'{indent}{label}{start}…" {len(value):,} characters', True, False)
        return
    yield Node(here, indent + label + BLOCK, True)
    for line in value.split("\n"):
        yield Node(here, f"{indent}  {visible(line)}")
    yield Node(here, indent + BLOCK)
