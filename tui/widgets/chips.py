"""The terms of a filter as chips; a click on one takes it away."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.text import plain

CROSS = " ✕ "
"""What each chip ends with."""


class Chips(Widget):
    """One line of chips; those that have no room are counted."""

    ALLOW_SELECT = False

    class Removed(Message):
        """The chip of a term was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._terms: Sequence[str] = ()

    def show(self, terms: Sequence[str]) -> None:
        """Show these terms."""
        self._terms = tuple(terms)
        self.refresh()

    def render(self) -> Content:
        """The chips that have room, and how many more there are."""
        parts = self._shown()
        if left := len(self._terms) - len(parts):
            parts.append(Content.styled(f"+{left} more", "$text-muted"))
        return Content(" ").join(parts).truncate(max(self.size.width, 1), ellipsis=True)

    def _shown(self) -> list[Content]:
        """The chips that have room; the first one always."""
        parts: list[Content] = []
        used = 0
        for term in self._terms:
            chip = _chip(term)
            if parts and used + chip.cell_length + 8 > self.size.width:
                break
            parts.append(chip)
            used += chip.cell_length + 1
        return parts

    def on_click(self, event: events.Click) -> None:
        """Take the clicked term away; beside the chips the filter is written on."""
        left = 0
        for place, chip in enumerate(self._shown()):
            right = left + chip.cell_length
            if left <= event.x < right:
                event.stop()
                self.post_message(self.Removed(place))
                return
            left = right + 1


def _chip(term: str) -> Content:
    return Content.assemble(plain(f" {term}", "$foreground on $panel"), (CROSS, "$text-muted on $panel"))
