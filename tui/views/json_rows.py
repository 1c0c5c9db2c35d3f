"""JSON values as lines of text, alone and compared; strings of several lines are shown as blocks of lines.

Lines carry no commas: they are for reading, and a comma would differ only because a neighbour does. Keys stand in
ascending byte order on both sides, as the replay oracle walks them. All text has gone through `visible`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.model.jsontext import Json, compact, pointer, same
from core.model.text import visible
from core.shadow.jsondiff import MISSING, Missing
from tui.views.words_changed import Span, changed_words

MAX_ALIGNED = 2_000
"""Lines of a block beyond which lines are paired by their number; difflib is slow on more."""

BLOCK = '"""'
"""What stands before and after the lines of a string that has several."""


@dataclass(frozen=True, slots=True)
class Side:
    """One line of one side: its text, indented by two spaces a level, and the words that the other side lacks."""

    text: str
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison; a side is None where the other one has a line more."""

    pointer: str
    left: Side | None
    right: Side | None
    same: bool


def json_lines(value: Json, label: str = "", depth: int = 0) -> list[str]:
    """A JSON value as lines, indented by two spaces a level."""
    return [text for _, text in _lines(value, (), label, depth)]


def compare_rows(left: Json | Missing, right: Json | Missing) -> tuple[Row, ...]:
    """Two JSON values aligned by keys and indexes; either may be MISSING."""
    rows: list[Row] = []
    _compare(left, right, (), "", 0, rows)
    return tuple(rows)


Path = tuple[str | int, ...]


def _compare(left: Json | Missing, right: Json | Missing, path: Path, label: str, depth: int, rows: list[Row]) -> None:
    if left is not MISSING and right is not MISSING:
        if same(left, right):
            rows.extend(_both(left, path, label, depth))
            return
        if _branches(left, right):
            _compare_children(left, right, path, label, depth, rows)
            return
        if _is_block(left) and _is_block(right):
            _compare_blocks(left, right, path, label, depth, rows)
            return
    lefts = [] if left is MISSING else [text for _, text in _lines(left, path, label, depth)]
    rights = [] if right is MISSING else [text for _, text in _lines(right, path, label, depth)]
    rows.extend(_pair(lefts, rights, pointer(*path)))


def _branches(left: Json, right: Json) -> bool:
    """Whether both are objects, or both lists, with something inside."""
    return bool(left and right) and (
        (isinstance(left, dict) and isinstance(right, dict)) or (isinstance(left, list) and isinstance(right, list))
    )


def _compare_children(left: Json, right: Json, path: Path, label: str, depth: int, rows: list[Row]) -> None:
    brackets = "{}" if isinstance(left, dict) else "[]"
    indent = "  " * depth
    here = pointer(*path)
    rows.append(_equal(here, indent + label + brackets[0]))
    if isinstance(left, dict):
        for key in sorted(left.keys() | right.keys()):
            _compare(left.get(key, MISSING), right.get(key, MISSING), (*path, key), key_label(key), depth + 1, rows)
    else:
        for index in range(max(len(left), len(right))):
            _compare(_at(left, index), _at(right, index), (*path, index), "", depth + 1, rows)
    rows.append(_equal(here, indent + brackets[1]))


def _at(values: list[Json], index: int) -> Json | Missing:
    return values[index] if index < len(values) else MISSING


def _compare_blocks(left: str, right: str, path: Path, label: str, depth: int, rows: list[Row]) -> None:
    indent, here = "  " * depth, pointer(*path)
    rows.append(_equal(here, indent + label + BLOCK))
    lefts, rights = list(_block(left, depth)), list(_block(right, depth))
    if max(len(lefts), len(rights)) > MAX_ALIGNED:
        rows.extend(_pair(lefts, rights, here))
    else:
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, lefts, rights, autojunk=False).get_opcodes():
            if tag == "equal":
                rows.extend(_equal(here, text) for text in lefts[i1:i2])
            else:
                rows.extend(_pair(lefts[i1:i2], rights[j1:j2], here))
    rows.append(_equal(here, indent + BLOCK))


def _pair(lefts: list[str], rights: list[str], here: str) -> Iterator[Row]:
    """Lines of both sides next to each other, the changed words of each pair marked."""
    for index in range(max(len(lefts), len(rights))):
        left = lefts[index] if index < len(lefts) else None
        right = rights[index] if index < len(rights) else None
        if left is None or right is None:
            yield Row(here, _side(left), _side(right), False)
        elif left == right:
            yield _equal(here, left)
        else:
            marks = changed_words(left, right)
            yield Row(here, Side(left, marks[0]), Side(right, marks[1]), False)


def _side(text: str | None) -> Side | None:
    return None if text is None else Side(text)


def _equal(here: str, text: str) -> Row:
    side = Side(text)
    return Row(here, side, side, True)


def _both(value: Json, path: Path, label: str, depth: int) -> Iterator[Row]:
    last, said = None, ""
    for here, text in _lines(value, path, label, depth):
        if here is not last:
            last, said = here, pointer(*here)
        yield _equal(said, text)


def _lines(value: Json, path: Path, label: str, depth: int) -> Iterator[tuple[Path, str]]:
    indent = "  " * depth
    if isinstance(value, dict) and value:
        yield path, indent + label + "{"
        for key in sorted(value):
            yield from _lines(value[key], (*path, key), key_label(key), depth + 1)
        yield path, indent + "}"
    elif isinstance(value, list) and value:
        yield path, indent + label + "["
        for index, item in enumerate(value):
            yield from _lines(item, (*path, index), "", depth + 1)
        yield path, indent + "]"
    elif _is_block(value):
        yield path, indent + label + BLOCK
        for text in _block(value, depth):
            yield path, text
        yield path, indent + BLOCK
    else:
        yield path, indent + label + scalar(value)


def scalar(value: Json) -> str:
    """A JSON value on one line, spelled out."""
    return visible(compact(value).decode())


def key_label(key: str) -> str:
    """An object's key as it stands before its value."""
    return scalar(key) + ": "


def _is_block(value: Json) -> bool:
    return isinstance(value, str) and "\n" in value


def _block(text: str, depth: int) -> Iterator[str]:
    indent = "  " * (depth + 1)
    for line in text.split("\n"):
        yield indent + visible(line)
