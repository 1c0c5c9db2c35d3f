"""One line of a document, and the few ways in which screens build them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from tui.text import fitted
from tui.views.folding import fold


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the screen; lines without a key cannot be selected, a pressable one opens at a single click."""

    content: Content
    key: str = ""
    pressable: bool = False


Builder = Callable[[int], Sequence[Line]]
"""Makes the lines for a width in cells; the texts in them have gone through `visible`."""


def text(said: str, style: str = "") -> Content:
    """Visible text in one style, never read as markup."""
    return Content.styled(said, style)


def heading(said: str, note: str = "") -> Iterator[Line]:
    """A title with an empty line before it and a quiet note beside it."""
    yield Line(Content())
    yield Line(Content.assemble((said, "bold"), (f"  {note}" if note else "", "$text-muted")))


def paragraph(content: Content, width: int, indent: int = 0) -> Iterator[Line]:
    """Content wrapped between words, every line indented."""
    blank = Content(" " * indent)
    for part in _wrapped(content, max(width - indent, 8)):
        yield Line(blank + part)


def labelled(label: str, content: Content, width: int, column: int = 16, sign: Content | None = None) -> Iterator[Line]:
    """A quiet label, and beside it content that wraps in its own column; a `sign` stands before the first line."""
    sign = sign or Content()
    blank = Content(" " * sign.cell_length)
    for number, part in enumerate(_wrapped(content, max(width - column - sign.cell_length, 8))):
        name = text((label if number == 0 else "").ljust(column), "$text-muted")
        yield Line((blank if number else sign) + name + part)


def edged(edge: Content, lines: Iterable[Line]) -> Iterator[Line]:
    """Lines with the same before every one of them, as what belongs together has."""
    return (Line(edge + line.content, line.key, line.pressable) for line in lines)


def bullet(sign: Content, content: Content, width: int) -> Iterator[Line]:
    """Content behind a sign; the lines after the first one are indented by as much."""
    blank = Content(" " * sign.cell_length)
    for number, part in enumerate(_wrapped(content, max(width - sign.cell_length, 8))):
        yield Line((blank if number else sign) + part)


def beside(left: Sequence[Line], right: Sequence[Line], width: int, gap: int = 4) -> list[Line]:
    """Two lists of lines next to each other, the left one `width` cells wide."""
    empty = Line(Content())
    rows = max(len(left), len(right))
    lefts, rights = [*left, *[empty] * (rows - len(left))], [*right, *[empty] * (rows - len(right))]
    return [
        Line(fitted(a.content, width) + Content(" " * gap) + b.content, a.key, a.pressable)
        for a, b in zip(lefts, rights, strict=True)
    ]


def joined(parts: Iterable[Content], separator: str = " · ") -> Content:
    """Contents in a row with a quiet separator."""
    return text(separator, "$text-muted").join(parts)


def _wrapped(content: Content, width: int) -> list[Content]:
    """Wrapped at spaces where that works, and cut at cells where a word is too long or has no plain width."""
    if content.cell_length <= width:
        return [content]
    lines: list[Content] = []
    for part in _at_spaces(content, width):
        lines += fold(part, width)
    return lines


def _at_spaces(content: Content, width: int) -> list[Content]:
    plain, cuts, start, used = content.plain, [], 0, 0
    for word in plain.split(" "):
        size = cell_len(word)
        if used and used + size > width:
            cuts.append(start)
            used = 0
        used += size + 1
        start += len(word) + 1
    return [part.rstrip(" ") for part in content.divide(cuts)] if cuts else [content]
