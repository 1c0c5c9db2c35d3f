"""Things to tick one by one; Space or a click ticks, Enter never does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from core.model.text import visible
from tui.actions import bindings
from tui.text import stacked
from tui.views.line import Line, labelled, text


class Tick(Widget, can_focus=True):
    """One thing to tick."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("tick")

    ticked = reactive(False)

    @dataclass
    class Changed(Message):
        """It was ticked or unticked."""

        tick: Tick

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said

    def render(self) -> Content:
        """The box and the text beside it."""
        return stacked(line.content for line in self._lines(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text needs."""
        return len(self._lines(width))

    def _lines(self, width: int) -> list[Line]:
        box = text("[✓] " if self.ticked else "[ ] ", "bold $text-success" if self.ticked else "bold $text-warning")
        lines = list(labelled("", Content(visible(self.said)), max(width, 12), 0, Content("    ")))
        return [Line(box + lines[0].content[4:]), *lines[1:]]

    def on_click(self) -> None:
        """A click ticks."""
        self.action_tick()

    def action_tick(self) -> None:
        """Tick or untick."""
        self.ticked = not self.ticked
        self.post_message(self.Changed(self))


class Checklist(Vertical):
    """A title and things to tick."""

    def __init__(self, items: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._items = tuple(items)

    def compose(self) -> ComposeResult:
        """One line of box and text for each thing."""
        for item in self._items:
            yield Tick(item)

    @property
    def ticked(self) -> tuple[str, ...]:
        """What is ticked, as it was given."""
        return tuple(tick.said for tick in self.query(Tick) if tick.ticked)

    @property
    def unticked(self) -> list[Tick]:
        """What is not ticked yet."""
        return [tick for tick in self.query(Tick) if not tick.ticked]
