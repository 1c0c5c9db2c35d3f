"""A live table: columns that make room by a stated priority, sections, and a head that sorts."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui.text import fitted
from tui.widgets.lines import GUTTER, Lines

Row = TypeVar("Row")
GAP = 2
"""Cells between two columns."""
SPARE = 50
"""What is kept less than this makes room for others to be read in full."""
WORTH = 45
"""For what is kept so much or more others become brief."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column."""

    key: str
    title: str
    cell: Callable[[Row, int], Content]
    """What stands in it, for a width in cells."""
    least: int
    """Cells below which it is left out instead of cut."""
    best: int
    """Cells beyond which more room is of no use."""
    keep: int
    """When room is short, the column with the lowest number goes first."""
    order: Callable[[Row], Any]
    """What it sorts by, ascending."""
    right: bool = False
    """Whether it is aligned to the right, as numbers are."""
    falling: bool = False
    """Whether the largest comes first when it is sorted by."""
    good: int = 0
    """Cells that it should have before columns of little worth (`keep` below SPARE) are shown."""
    brief: int = 0
    """Cells to which it gives way, without its title, where another one has less than is good; 0 when it does not."""


def fit(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """The columns that have room in `width` cells, with their widths; at least one, and none below its least."""
    made = _fit(columns, width)
    shown = {column.key for column, _ in made}
    if _is_good(made) and all(column.key in shown for column in columns if column.keep >= WORTH):
        return made
    short = {c.key: replace(c, least=c.brief, best=c.brief) if c.brief else c for c in columns}
    kept = set(shown)
    found = _fit([short[c.key] for c in columns if c.key in kept], width)
    # What has become free is for others of worth as well, as far as names keep theirs.
    for column in sorted((c for c in columns if c.keep >= WORTH), key=lambda c: -c.keep):
        more = _fit([short[c.key] for c in columns if c.key in kept | {column.key}], width)
        # The names themselves are there before all else, however short they have to be.
        if column.key not in kept and not (len(more) > len(found) and (column.good or _is_good(more))):
            break
        kept, found = kept | {column.key}, more
    if kept == shown and _is_good(made):  # nothing was won
        return made
    widths = {column.key: given for column, given in found}
    return [(column, widths[column.key]) for column in columns if column.key in widths]


def _is_good(fitted: Sequence[tuple[Column[Row], int]]) -> bool:
    return all(given >= column.good for column, given in fitted)


def _fit(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    kept = list(columns)
    while len(kept) > 1:
        last = min(kept, key=lambda c: c.keep)
        if sum((max(c.least, c.good) if last.keep < SPARE else c.least) + GAP for c in kept) - GAP <= width:
            break
        kept.remove(last)
    spare = width - sum(c.least + GAP for c in kept) + GAP
    widths = {}
    for column in sorted(kept, key=lambda c: -c.keep):
        more = min(max(spare, 0), column.best - column.least)
        widths[column.key] = column.least + more
        spare -= more
    return [(column, widths[column.key]) for column in kept]


@dataclass(frozen=True, slots=True)
class Section(Generic[Row]):
    """Rows under a heading, in order, by key."""

    title: str
    rows: Mapping[str, Row]
    note: str = ""
    """What the heading says besides when the section is folded; visible text."""


class Head(Widget):
    """The titles of the columns; a click sorts by one."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """A title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, table: Table[Any]) -> None:
        super().__init__()
        self._table = table

    def render(self) -> Content:
        """All titles; the one that is sorted by has an arrow."""
        cells = []
        for column, width in self._table.fitting:
            arrow = self._table.arrow(column.key)
            title = Content(column.title).truncate(width - len(arrow), ellipsis=True) + arrow
            if width <= column.brief:
                title = Content(arrow.strip())
            cells.append(fitted(title.stylize("bold" if arrow else ""), width, right=column.right))
        return Content.assemble(" " * GUTTER, Content(" " * GAP).join(cells))

    def on_click(self, event: events.Click) -> None:
        """Sort by the column below the pointer."""
        left = GUTTER
        for column, width in self._table.fitting:
            if left <= event.x < left + width + GAP:
                self.post_message(self.Clicked(column.key))
                return
            left += width + GAP


class Table(Vertical, Generic[Row]):
    """Sections of rows below a head of columns."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        id: str | None = None,  # noqa: A002
        foldable: bool = False,
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._foldable = foldable
        self.folded: frozenset[str] = frozenset()
        """The titles of the folded sections; whoever changes it shows the sections again."""
        self._rows: Mapping[str, Row] = {}
        self._titles: dict[str, str] = {}
        self._sorting: tuple[str, bool] = ("", False)
        self._fitted: tuple[int, list[tuple[Column[Row], int]]] = (-1, [])
        self.head = Head(self)
        self.lines = Lines(self._paint)

    def compose(self) -> ComposeResult:
        """Head and rows."""
        yield self.head
        yield self.lines

    def show_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Have these columns from now on."""
        self._columns, self._fitted = tuple(columns), (-1, [])

    @property
    def fitting(self) -> list[tuple[Column[Row], int]]:
        """The columns that have room now, with their widths."""
        width = self.lines.room
        if self._fitted[0] != width:
            self._fitted = (width, fit(self._columns, width))
            # The rows are laid out after the head was drawn; a scroll bar that came or went narrows both.
            self.head.refresh()
        return self._fitted[1]

    @property
    def selected(self) -> Row | None:
        """The selected row."""
        return self._rows.get(self.lines.selected or "")

    @property
    def titles(self) -> list[str]:
        """The titles of the sections that are shown, folded ones included."""
        return [heading[1:] for heading in self._titles]

    @property
    def section(self) -> str:
        """The title of the section in which the selected row stands; empty in a list without rows."""
        keys = self.lines.keys
        at = keys.index(self.lines.selected) if self.lines.selected in keys else -1
        return next((keys[n][1:] for n in range(at, -1, -1) if keys[n] in self._titles), "")

    def arrow(self, column: str) -> str:
        """The mark of the column that is sorted by, empty for the others."""
        key, falling = self._sorting
        return "" if column != key else " ▼" if falling else " ▲"

    def show(self, sections: Sequence[Section[Row]], sort: str = "", *, reverse: bool = False) -> None:
        """Show these sections (empty ones are left out), each sorted by a column or as it comes."""
        keys: list[str] = []
        closed: set[str] = set()
        shown: list[Mapping[str, Row]] = []
        self._titles = {}
        by = next((c for c in self._columns if c.key == sort), None)
        falling = by is not None and by.falling != reverse
        self._sorting = (sort, falling) if by else ("", False)
        for section in sections:
            if not section.rows:
                continue
            # A section's title cannot be the key of a row: row keys never start with a number sign.
            heading = f"#{section.title}"
            self._titles[heading] = self._heading(section)
            keys.append(heading)
            if self._foldable and section.title in self.folded:
                closed.add(heading)
                continue
            shown.append(section.rows)
            keys += _ordered(section.rows, by, falling=falling)
        # Chained and not copied: there may be 100,000 rows, some of which are only made when they are looked at.
        self._rows = cast("Mapping[str, Row]", ChainMap(*cast("list[Any]", shown)))
        self.lines.show(keys, self._titles.keys(), closed)
        self.head.refresh()

    def _heading(self, section: Section[Row]) -> str:
        said = f"{section.title}  {len(section.rows):,}"
        if not self._foldable:
            return said
        return f"▸ {said}  {section.note}".rstrip() if section.title in self.folded else f"▾ {said}"

    def on_lines_toggled(self, event: Lines.Toggled) -> None:
        """Pass the wish to fold a section on to the screen."""
        event.stop()
        if self._foldable:
            self.post_message(self.Folded(event.key[1:]))

    def on_head_clicked(self, event: Head.Clicked) -> None:
        """Pass the wish to sort on to the screen."""
        event.stop()
        self.post_message(self.Sorted(event.column))

    class Folded(Message):
        """The heading of a section was clicked."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    class Sorted(Message):
        """The head of a column was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def _paint(self, key: str, width: int) -> Content:
        if (title := self._titles.get(key)) is not None:
            return Content(title)
        row = self._rows[key]
        cells = [fitted(column.cell(row, size), size, right=column.right) for column, size in self.fitting]
        return Content(" " * GAP).join(cells)


def _ordered(rows: Mapping[str, Row], by: Column[Row] | None, *, falling: bool) -> list[str]:
    """Keys in order; rows that are equal keep the order in which they came, in both directions."""
    if by is None:
        return list(rows)
    order = by.order
    return sorted(rows, key=lambda key: order(rows[key]), reverse=falling)
