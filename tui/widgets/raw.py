"""The text of a file as numbered lines that wrap, spelled out; only what is visible is drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.content import Content

from core.model.text import lower, visible
from tui.widgets.lines import Lines

PIECE = 400
"""Characters of a line of the file that stand in one row; the rest follows in further rows."""


class RawText(Lines):
    """Rows by key `LINE.PIECE`, both counted from 1."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(self._row, id=id)
        self._text: Sequence[str] = ()
        self._needle = ""
        self._wide = 0

    def load(self, text: str) -> None:
        """Show a text."""
        self._text = text.split("\n")
        if self._text and not self._text[-1]:
            self._text = self._text[:-1]
        self._lay_out()

    def on_resize(self) -> None:
        """Wrap anew for another width."""
        if self._wide and self._wide != self._room:
            self._lay_out()
        super().on_resize()

    @property
    def line(self) -> int:
        """The number of the selected line; 1 when there is none."""
        return int((self.selected or "1.1").partition(".")[0])

    @property
    def said(self) -> str:
        """The whole selected line."""
        return self._text[self.line - 1] if self._text else ""

    def go(self, line: int, column: int = 1) -> None:
        """Select a line, or the last one when there are not so many, at a column."""
        number = max(min(line, len(self._text)), 1)
        self.select(f"{number}.{(column - 1) // self._wide + 1}" if self._wide else "") or self.select(f"{number}.1")

    def find(self, needle: str) -> list[int]:
        """The numbers of the lines in which a text occurs, whatever the case; it is marked there."""
        self._needle = lower(needle)
        self.refresh()
        if not needle:
            return []
        return [number for number, line in enumerate(self._text, 1) if self._needle in lower(visible(line))]

    @property
    def _room(self) -> int:
        """Characters of the text that fit into a row."""
        return min(max(self.room - self._edge, 20), PIECE)

    @property
    def _edge(self) -> int:
        return len(f"{len(self._text):,}") + 2

    def _lay_out(self) -> None:
        self._wide = self._room
        keys = []
        for number, line in enumerate(self._text, 1):
            keys += [f"{number}.{piece}" for piece in range(1, max(-(-len(line) // self._wide), 1) + 1)]
        self.show(keys)

    def _row(self, key: str, _: int) -> Content:
        number, piece = key.split(".")
        start = (int(piece) - 1) * self._wide
        said = visible(self._text[int(number) - 1][start : start + self._wide])
        content = Content(said)
        if self._needle:
            for match in re.finditer(re.escape(self._needle), lower(said)):
                content = content.stylize("reverse bold", *match.span())
        shown = f"{int(number):,}" if piece == "1" else ""
        return Content.assemble((shown.rjust(self._edge - 2) + "  ", "$text-muted"), content)
