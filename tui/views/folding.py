"""Styled text cut into lines of a width; nothing is ever left out, whatever the characters are."""

from __future__ import annotations

from rich.cells import chop_cells
from textual.content import Content


def fold(content: Content, width: int, indent: int = 0) -> list[Content]:
    """The content in pieces of at most `width` cells; pieces after the first are indented by that many spaces.

    Textual's own folding takes a line with combining characters for the last one, and words would vanish.
    """
    width = max(width, 2)
    if content.cell_length <= width:
        return [content]
    indent = min(indent, width // 2, width - 2)
    first, *_ = chop_cells(content.plain, width)
    rest = chop_cells(content.plain[len(first) :], width - indent)
    cuts = [len(first)]
    for piece in rest[:-1]:
        cuts.append(cuts[-1] + len(piece))
    # Characters without a width at the very end belong to the last piece: dividing keeps them.
    pieces = content.divide(cuts) if rest else [content]
    blank = Content(" " * indent)
    return [pieces[0], *(blank + piece for piece in pieces[1:])]
