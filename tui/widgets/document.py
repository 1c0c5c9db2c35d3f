"""Lines of text that know their identity: only what is visible is drawn, and a change never moves the reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.actions import bindings
from tui.views.line import Builder, Line

CURSOR = "▌ "
"""What marks the selected line besides its colour."""


def _nothing(_: int) -> Sequence[Line]:
    return ()


class Document(ScrollView, can_focus=True):
    """A list of lines that is laid out anew for every width and keeps its selected line and place by key.

    Either no line has a key, and the keys scroll, or nearly all have, and the keys select; long stretches without a
    key among lines with one could not be reached.
    """

    COMPONENT_CLASSES = {"document--cursor", "document--blurred"}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *bindings("document")]

    @dataclass
    class Moved(Message):
        """Another line was selected."""

        document: Document
        key: str

        @property
        def control(self) -> Document:
            """The document, for `on` selectors."""
            return self.document

    @dataclass
    class Opened(Message):
        """A line was opened with Enter, a double click, or a click when it is pressable."""

        document: Document
        key: str

        @property
        def control(self) -> Document:
            """The document, for `on` selectors."""
            return self.document

    def __init__(self, builder: Builder = _nothing, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._builder = builder
        self._lines: Sequence[Line] = ()
        self._stops: list[int] = []
        self._cursor = 0
        self._width = 0
        self._arriving: Callable[[], None] | None = None

    @property
    def selected(self) -> str:
        """The key of the selected line; empty when no line can be selected."""
        return self._lines[self._stops[self._cursor]].key if self._stops else ""

    @property
    def keys(self) -> list[str]:
        """The keys of all lines that can be selected, in order."""
        return [self._lines[index].key for index in self._stops]

    @property
    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join(line.content.plain.rstrip() for line in self._lines)

    def show(self, builder: Builder) -> None:
        """Show other lines; the selected line and its height on the screen stay when its key is still there."""
        self._builder = builder
        self._rebuild()

    def arrive(self, then: Callable[[], None]) -> None:
        """Do something that needs the lines: now, or as soon as they have been laid out for the first time."""
        if self._width:
            then()
        else:
            self._arriving = then

    def select(self, key: str) -> bool:
        """Select the first line with a key and bring it into view; False when there is none."""
        for position, index in enumerate(self._stops):
            if self._lines[index].key == key:
                self._go(position)
                return True
        return False

    def visible_rows(self) -> list[tuple[int, str]]:
        """The lines on the screen that can be selected: how far below the top each is, and its key."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        return [(at - top, self._lines[at].key) for at in self._stops if top <= at < top + height]

    def _rebuild(self) -> None:
        width = self.scrollable_content_region.width
        if not width:
            # Hidden: whatever width it comes back with, the lines have to be made then.
            self._width = 0
            return
        self._width = width
        row, selected, old = self._row, self.selected, self._cursor
        lines = self._builder(width - len(CURSOR))
        self._lines = lines
        self._stops = [
            index for index, line in enumerate(lines) if line.key and (not index or lines[index - 1].key != line.key)
        ]
        same = (place for place, index in enumerate(self._stops) if lines[index].key == selected)
        self._cursor = next(same, min(old, max(len(self._stops) - 1, 0)))
        self._resize(Size(width, len(lines)))
        if self._stops and selected:
            top = self.scroll_offset.y
            # The selected line stays where it is on the screen; at the top, what the lines begin with stays as well.
            stays = not top and self._row < self.size.height
            self.scroll_to(y=0 if stays else top + self._row - row, animate=False, force=True, immediate=True)
        self.refresh()
        if self.selected != selected:
            self.post_message(self.Moved(self, self.selected))
        if self._arriving is not None:
            then, self._arriving = self._arriving, None
            then()

    def _resize(self, size: Size) -> None:
        """Have another size; the screen is laid out anew, which takes longer than all else, only where that matters."""
        height = self.scrollable_content_region.height
        is_as_barred = (size.height > height) == (self.virtual_size.height > height)
        if self.styles.is_auto_height or size.width != self.virtual_size.width or not is_as_barred:
            self.virtual_size = size
        else:
            self.set_reactive(Document.virtual_size, size)
            self._scroll_update(size)

    @property
    def _row(self) -> int:
        return self._stops[self._cursor] if self._stops else 0

    def _last_row(self) -> int:
        """The last of the lines that share the selected line's key."""
        row, key = self._row, self.selected
        while row + 1 < len(self._lines) and self._lines[row + 1].key == key:
            row += 1
        return row

    def _go(self, position: int) -> None:
        if not self._stops:
            return
        before, self._cursor = self.selected, max(0, min(position, len(self._stops) - 1))
        # Lines before the first stop are its heading and come into view with it.
        top = 0 if self._cursor == 0 else self._row
        height = min(self._last_row() - top + 1, max(self.size.height, 1))
        region = Region(0, top if height > self._row - top else self._row, self._width, height)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False)
        self.refresh()
        if self.selected != before:
            self.post_message(self.Moved(self, self.selected))

    def on_resize(self) -> None:
        """Lay the lines out for the new width."""
        if self.scrollable_content_region.width != self._width:
            self._rebuild()

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        width, index = self.size.width, y + self.scroll_offset.y
        base = self.visual_style
        if index >= len(self._lines):
            return Strip.blank(width, base.rich_style)
        line = self._lines[index]
        chosen = bool(line.key) and self._row <= index and line.key == self.selected and index <= self._last_row()
        if chosen:
            base = self.get_visual_style("document--cursor" if self.has_focus else "document--blurred")
        segments = [Segment(CURSOR if chosen else "  ", base.rich_style)]
        content, x = self._with_selection(line.content, index), 0
        for text, style in content.render(base, end="", parse_style=self._get_style):
            segments.append(Segment(text, (base + style).rich_style_with_offset(x, index)))
            x += len(text)
        return Strip(segments).adjust_cell_length(width, base.rich_style)

    def _with_selection(self, content: Content, index: int) -> Content:
        """A line with what the mouse selected in it marked."""
        if (selection := self.text_selection) is None or (span := selection.get_span(index)) is None:
            return content
        start, end = span
        style = self.screen.get_visual_style("screen--selection")
        return content.stylize(style, start, len(content) if end == -1 else end)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that was selected with the mouse."""
        return selection.extract("\n".join(line.content.plain for line in self._lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def on_focus(self) -> None:
        """Draw the selected line as active."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw the selected line as inactive."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked line; open it when it is pressable or clicked twice."""
        index = event.y + self.scroll_offset.y
        if index >= len(self._lines) or not (line := self._lines[index]).key:
            return
        stop = max((place for place, start in enumerate(self._stops) if start <= index), default=0)
        self._go(stop)
        if line.pressable or event.chain == 2:
            self.action_open()

    def action_open(self) -> None:
        """Open the selected line."""
        if self.selected:
            self.post_message(self.Opened(self, self.selected))

    def action_cursor_down(self) -> None:
        """Select the next line."""
        self._move(1)

    def action_cursor_up(self) -> None:
        """Select the previous line."""
        self._move(-1)

    def action_page_down(self) -> None:
        """Move down by the height of the screen."""
        self._page(1)

    def action_page_up(self) -> None:
        """Move up by the height of the screen."""
        self._page(-1)

    def action_first(self) -> None:
        """Go to the first line."""
        self._end(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self._end(-1)

    def _move(self, by: int) -> None:
        """Select a neighbour; with nothing to select, scroll."""
        if self._stops:
            self._go(self._cursor + by)
        else:
            self.scroll_relative(y=by, animate=False)

    def _page(self, by: int) -> None:
        height = max(self.size.height - 1, 1)
        if not self._stops:
            self.scroll_relative(y=by * height, animate=False)
            return
        target = self._row + by * height
        nearest = min(range(len(self._stops)), key=lambda place: abs(self._stops[place] - target))
        self._go(nearest if nearest != self._cursor else self._cursor + by)

    def _end(self, position: int) -> None:
        if self._stops:
            self._go(position % len(self._stops))
        else:
            self.scroll_to(y=0 if position == 0 else self.max_scroll_y, animate=False)
