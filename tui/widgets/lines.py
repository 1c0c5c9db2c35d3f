"""A list of rows that draws only what is visible and never loses your place.

Rows are known by key. When they change, the selected key stays selected and on the same line of the screen; when it
is gone, the nearest row takes over and `Moved` says so. Marked keys stay marked as long as they are listed or folded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import chain, islice

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import bindings
from tui.text import fitted

Painter = Callable[[str, int], Content]
"""What stands in the row of a key, in so many cells; must be built of visible text."""

GUTTER = 2
"""Cells before each row: the sign of the selected one, and that of a marked one."""
MARKED = "•"
"""The sign of a marked row."""
MARGIN = 1
"""Cells after each row."""


class Lines(ScrollView, can_focus=True):
    """A virtual list of one-line rows."""

    ALLOW_SELECT = False
    BINDINGS = bindings("list")
    COMPONENT_CLASSES = {"lines--row", "lines--cursor", "lines--heading"}

    class Moved(Message):
        """Another row is selected, by a person or because the former one is gone."""

        def __init__(self, lines: Lines, key: str | None) -> None:
            super().__init__()
            self.lines, self.key = lines, key

        @property
        def control(self) -> Lines:
            """The list."""
            return self.lines

    class Toggled(Message):
        """A heading was clicked."""

        def __init__(self, lines: Lines, key: str) -> None:
            super().__init__()
            self.lines, self.key = lines, key

    class Opened(Message):
        """A row was double-clicked."""

        def __init__(self, lines: Lines, key: str) -> None:
            super().__init__()
            self.lines, self.key = lines, key

        @property
        def control(self) -> Lines:
            """The list."""
            return self.lines

    selected: reactive[str | None] = reactive(None, init=False, repaint=False)
    """The key of the selected row; None only in a list without rows."""

    def __init__(self, paint: Painter, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._paint = paint
        self._keys: Sequence[str] = ()
        self._at: dict[str, int] = {}
        self._headings: Collection[str] = frozenset()
        self._folds: Collection[str] = frozenset()
        self.marked: frozenset[str] = frozenset()
        """The keys of the marked rows; whoever changes it calls `refresh`."""

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all rows, headings included, from top to bottom."""
        return self._keys

    @property
    def room(self) -> int:
        """The cells that a row has."""
        return max(self.scrollable_content_region.width - GUTTER - MARGIN, 1)

    def show(
        self, keys: Sequence[str], headings: Collection[str] = frozenset(), closed: Collection[str] = frozenset()
    ) -> None:
        """Show these rows (keys are unique); selection and place stay.

        Headings cannot be selected, but for the `closed` ones, whose rows are not shown.
        """
        anchor, before, at = self._anchor(), self._keys, self._at.get(self.selected or "", 0)
        self._keys, self._headings, self._folds = keys, headings, closed
        self._at = {key: index for index, key in enumerate(keys)}
        selected = self._survivor(before, at)
        self.virtual_size = Size(0, len(keys))
        if anchor and anchor[0] in self._at:
            self._scroll(self._at[anchor[0]] - anchor[1])
        self.selected = selected
        self.refresh()

    def select(self, key: str) -> bool:
        """Select a row and bring it into view; False when there is no such row."""
        if not self._selectable(key):
            return False
        self.selected = key
        self.reveal()
        return True

    def visible_rows(self) -> list[tuple[int, str]]:
        """The rows on the screen that can be selected: how far below the top each is, and its key."""
        top = self.scroll_offset.y
        shown = enumerate(self._keys[top : top + self._height])
        return [(y, key) for y, key in shown if self._selectable(key)]

    def reveal(self) -> None:
        """Scroll no further than needed to show the selected row, with its heading where that is next to it."""
        if self.selected is None:
            return
        at, top, height = self._at[self.selected], self.scroll_offset.y, self._height
        above = at - 1 if at and self._keys[at - 1] in self._headings else at
        if above < top:
            self._scroll(above)
        elif at >= top + height:
            self._scroll(at - height + 1)

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        index, width = self.scroll_offset.y + y, self.scrollable_content_region.width
        room = max(width - GUTTER - MARGIN, 1)
        if not 0 <= index < len(self._keys):
            return Strip.blank(width, self.get_visual_style("lines--row").rich_style)
        key = self._keys[index]
        chosen = key == self.selected
        part = "lines--cursor" if chosen else "lines--heading" if key in self._headings else "lines--row"
        mark = (MARKED, "$accent bold") if key in self.marked else " "
        edge = Content.assemble("▌", mark) if chosen else Content.assemble(mark, " ")
        line = Content.assemble(edge, fitted(self._paint(key, room), room), " ")
        base = self.get_visual_style(part)
        segments = [Segment(text, style.rich_style) for text, style in line.render(base, "", self._get_style)]
        return Strip(segments).adjust_cell_length(width, base.rich_style)

    def watch_selected(self, before: str | None, after: str | None) -> None:
        """Redraw the two rows that changed and tell the screen."""
        for key in (before, after):
            if key is not None and key in self._at:
                self.refresh_line(self._at[key])
        self.post_message(self.Moved(self, after))

    def on_resize(self) -> None:
        """Keep the selected row in view."""
        self.reveal()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked row; a double click opens it, and a click on a heading asks to fold it."""
        index = event.y + self.scroll_offset.y
        if not 0 <= index < len(self._keys):
            return
        key = self._keys[index]
        if key in self._headings:
            self.post_message(self.Toggled(self, key))
        elif self.select(key) and event.chain == 2:
            self.post_message(self.Opened(self, key))

    def action_cursor_down(self) -> None:
        """Go to the next row."""
        self._step(1, 1)

    def action_cursor_up(self) -> None:
        """Go to the previous row."""
        self._step(-1, -1)

    def action_page_down(self) -> None:
        """Go one page down."""
        self._step(max(self._height - 1, 1), 1)

    def action_page_up(self) -> None:
        """Go one page up."""
        self._step(-max(self._height - 1, 1), -1)

    def action_first(self) -> None:
        """Go to the first row."""
        self._step(-len(self._keys), -1)

    def action_last(self) -> None:
        """Go to the last row."""
        self._step(len(self._keys), 1)

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _anchor(self) -> tuple[str, int] | None:
        """The row whose place on the screen has to stay: the selected one, or the top one after scrolling away."""
        top = self.scroll_offset.y
        at = self._at.get(self.selected or "", -1)
        if top <= at < top + self._height:
            return self._keys[at], at - top
        return (self._keys[top], 0) if 0 < top < len(self._keys) else None

    def _survivor(self, before: Sequence[str], at: int) -> str | None:
        """The selected row; when it is gone, the nearest one of those around it; else the first one."""
        around = chain(islice(before, at, None), (before[i] for i in range(min(at, len(before)) - 1, -1, -1)))
        return next((key for key in chain(around, self._keys) if self._selectable(key)), None)

    def _selectable(self, key: str) -> bool:
        return key in self._at and (key not in self._headings or key in self._folds)

    def _step(self, by: int, direction: int) -> None:
        """Select the row `by` lines away, or the nearest one in that direction, then in the other."""
        if self.selected is None:
            return
        target = min(max(self._at[self.selected] + by, 0), len(self._keys) - 1)
        onwards = range(target, len(self._keys) if direction > 0 else -1, direction)
        back = range(target, -1 if direction > 0 else len(self._keys), -direction)
        self.select(next(key for index in chain(onwards, back) if self._selectable(key := self._keys[index])))
