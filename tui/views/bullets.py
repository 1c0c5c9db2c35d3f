"""Wrapped text with a sign before its first line."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from tui.views.line import Line, paragraph


def bullet(sign: Content, content: Content, width: int) -> Iterator[Line]:
    """Content that wraps in its own column, with a sign on the left of the first line only."""
    edge = sign
    for line in paragraph(content, max(width - sign.cell_length, 8)):
        yield Line(edge + line.content)
        edge = Content(" " * sign.cell_length)
