"""The text of a file as numbered lines that wrap, spelled out; only what is visible is drawn."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from core.model.text import lower, visible
from tui.text import row_starts
from tui.widgets.lines import Lines

PIECE = 400
"""Most characters of a line that stand in one row; the rest follows in further rows."""


class FileLines(NamedTuple):
    """The lines of a file; spelling them out takes a while where there is much to spell."""

    read: Sequence[str] = ()
    """As they are."""
    said: Sequence[str] = ()
    """Spelled out."""


def lines_of(text: str) -> FileLines:
    """The lines of a text, without an empty one behind the last line feed."""
    read = text.split("\n")
    if not read[-1]:
        del read[-1]
    return FileLines(read, [visible(line) for line in read])


class RawText(Lines):
    """Rows by key `LINE.PIECE`, both counted from 1."""

    # A scroll bar that comes with the rows would leave them less room than they were wrapped for.
    DEFAULT_CSS = "RawText { scrollbar-gutter: stable; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(self._row, id=id)
        self._lines = FileLines()
        self._needle = ""
        self._wide = 0
        self._wrapped: dict[int, Sequence[int]] = {}
        """Where the rows of a line begin, by its number; of those that are not here they are all as wide."""

    def load(self, lines: FileLines) -> None:
        """Show a file."""
        self._lines = lines
        self._lay_out()

    def on_resize(self) -> None:
        """Wrap anew for another width; what the selected row begins with stays selected."""
        if self._wide and self._wide != self._room:
            number, piece = self._place(self.selected or "1.1")
            begin = self._starts(number)[piece - 1] if self._lines.read else 0
            self._lay_out()
            self._select(number, begin)
        super().on_resize()

    @property
    def line(self) -> int:
        """The number of the selected line; 1 when there is none."""
        return self._place(self.selected or "1.1")[0]

    @property
    def said(self) -> str:
        """The whole selected line."""
        return self._lines.read[self.line - 1] if self._lines.read else ""

    def go(self, line: int, column: int = 1) -> None:
        """Select a line, or the last one when there are not so many, at a column."""
        if self._lines.read:
            number = max(min(line, len(self._lines.read)), 1)
            self._select(number, len(visible(self._lines.read[number - 1][: column - 1])))

    def find(self, needle: str) -> list[int]:
        """The numbers of the lines in which a text occurs, whatever the case; it is marked there."""
        self._needle = lower(needle)
        self.refresh()
        if not needle:
            return []
        return [number for number, line in enumerate(self._lines.said, 1) if self._needle in lower(line)]

    @property
    def _room(self) -> int:
        """Cells of the text that fit into a row."""
        return min(max(self.room - self._edge, 20), PIECE)

    @property
    def _edge(self) -> int:
        return len(f"{len(self._lines.read):,}") + 2

    @staticmethod
    def _place(key: str) -> tuple[int, int]:
        number, _, piece = key.partition(".")
        return int(number), int(piece)

    def _starts(self, number: int) -> Sequence[int]:
        """Where the rows of a line begin in what is said of it."""
        return self._wrapped.get(number) or range(0, max(len(self._lines.said[number - 1]), 1), self._wide)

    def _select(self, number: int, at: int) -> None:
        """Select the row of a line that has a character of what is said of it."""
        if self._lines.read:
            self.select(f"{number}.{bisect_right(self._starts(number), at)}")

    def _lay_out(self) -> None:
        self._wide, self._wrapped = self._room, {}
        keys = []
        for number, said in enumerate(self._lines.said, 1):
            starts = row_starts(said, self._wide, PIECE)
            if not isinstance(starts, range):
                self._wrapped[number] = starts
            keys += [f"{number}.{piece}" for piece in range(1, len(starts) + 1)]
        self.show(keys)

    def _row(self, key: str, _: int) -> Content:
        number, piece = self._place(key)
        begin, *end = self._starts(number)[piece - 1 : piece + 1]
        said = self._lines.said[number - 1][begin : end[0] if end else None]
        content = Content(said)
        if self._needle:
            for match in re.finditer(re.escape(self._needle), lower(said)):
                content = content.stylize("reverse bold", *match.span())
        shown = f"{number:,}" if piece == 1 else ""
        return Content.assemble((shown.rjust(self._edge - 2) + "  ", "$text-muted"), content)
