"""What the live lists have in common: filter, order, folded sections and marks, kept while the data changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.screen import Screen
from textual.widgets import Input, Static

from tui.settings import ViewState
from tui.shell import shell
from tui.text import plain
from tui.widgets.lines import Lines
from tui.widgets.search_bar import SearchBar
from tui.widgets.table import Table


class ListScreen(Screen[None]):
    """A table below a search bar; how it was left is remembered for each traces folder."""

    NAME: ClassVar[str] = ""
    """Under what the list is remembered."""
    MARK_HINT: ClassVar[str] = ""
    """What can be done with marked rows."""
    AUTO_FOCUS = "Lines"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (132, "-wide")]

    def __init__(self) -> None:
        super().__init__()
        self.state = ViewState()
        self.ready = False
        """Whether the parts are there; before that nothing can be shown."""
        self._all: Collection[str] = ()

    def recall(self) -> None:
        """Take up filter, order and folds as they were left; called once the parts are there."""
        self.ready = True
        self.state = shell(self).memory.recall(self.NAME)
        self.table.folded = frozenset(self.state.folded)
        if self.state.filter:
            self.bar.put(self.state.filter)
        # Before the first rows are listed nothing is selected, and keys that need a row are dim.
        self.call_after_refresh(self.refresh_bindings)

    def relist(self) -> None:
        """Show the rows as filter and order want them now."""
        raise NotImplementedError

    def leave(self) -> None:
        """Escape was pressed and there is nothing left to clear."""
        self.app.pop_screen()

    @property
    def table(self) -> Table[Any]:
        """The table."""
        return self.query_one("#table", Table)

    @property
    def bar(self) -> SearchBar:
        """The line of the filter."""
        return self.query_one(SearchBar)

    @property
    def marked(self) -> list[str]:
        """The marked keys, in the order of the rows; those that the filter hides last."""
        marked = self.table.lines.marked
        shown = [key for key in self.table.lines.keys if key in marked]
        return [*shown, *sorted(marked.difference(shown))]

    def keep_marks(self, listed: Collection[str]) -> None:
        """Forget the marks of rows that are not there any more, whatever the filter; `listed` are those that are."""
        self._all = listed
        lines = self.table.lines
        if lines.marked:
            lines.marked = frozenset(key for key in lines.marked if key in listed)
        self.say_marks()

    def say_marks(self) -> None:
        """Say how many rows are marked, and what can be done with them."""
        line, marked = self.query_one("#marks", Static), self.table.lines.marked
        line.display = bool(marked)
        if marked:
            hidden = len(marked.difference(self.table.lines.keys))
            besides = f" ({hidden:,} hidden)" if hidden else ""
            line.update(plain(f"{len(marked):,} marked{besides} · {self.MARK_HINT} · Esc none"))

    def change(self, **changes: Any) -> None:
        """Change filter, order or folds, show it and remember it."""
        self.state = replace(self.state, **changes)
        if not self.bar.writing:
            shell(self).memory.keep(self.NAME, self.state)
        self.relist()

    def writing(self, action: str) -> bool:
        """Whether an action has to wait, as letters are text while a filter is written."""
        return isinstance(self.focused, Input) and action not in ("clear", "copy_text")

    def action_filter(self) -> None:
        """Write a filter."""
        self.bar.open()

    def action_drop(self) -> None:
        """Take the last term of the filter away."""
        if not self.bar.drop():
            self.notify("There is no filter; / writes one.", markup=False, timeout=2)

    def action_clear(self) -> None:
        """Clear what is written, the marks, the filter; else leave."""
        writing = isinstance(self.focused, Input)
        if not writing and self.table.lines.marked:
            self.table.lines.marked = frozenset()
            self.table.lines.refresh()
            self.say_marks()
        elif writing or self.bar.display:
            self.bar.clear()
            self.table.lines.focus()
        else:
            self.leave()

    def action_sort(self) -> None:
        """Sort by the next column that is shown, after the last one as usual."""
        keys = ["", *(column.key for column, _ in self.table.fitting)]
        now = self.state.sort
        self.change(sort=keys[(keys.index(now) + 1) % len(keys)] if now in keys else "", reverse=False)

    def action_reverse(self) -> None:
        """Sort the other way round."""
        if self.state.sort:
            self.change(reverse=not self.state.reverse)
        else:
            self.notify("Press s first to choose a column.", markup=False)

    def action_mark(self) -> None:
        """Mark the selected row, or take its mark away, and go to the next one."""
        lines = self.table.lines
        if lines.selected and lines.selected in self._all:
            lines.marked = lines.marked.symmetric_difference((lines.selected,))
            lines.refresh()
            lines.action_cursor_down()
            self.say_marks()

    def action_mark_all(self) -> None:
        """Mark all rows that are listed; when they are marked already, none."""
        lines = self.table.lines
        listed = frozenset(key for key in lines.keys if key in self._all)
        lines.marked = frozenset() if listed and listed <= lines.marked else lines.marked | listed
        lines.refresh()
        self.say_marks()

    def action_fold(self) -> None:
        """Fold the section of the selected row, or unfold it."""
        if title := self.table.section:
            self.fold(title)

    def fold(self, title: str) -> None:
        """Fold a section, or unfold it."""
        inside = self.table.section == title
        self._fold(self.table.folded.symmetric_difference((title,)))
        if inside and title in self.table.folded:
            self.table.lines.select(f"#{title}")

    def action_fold_all(self) -> None:
        """Fold all sections; when they are folded already, none."""
        titles = frozenset(self.table.titles)
        self._fold(frozenset() if titles <= self.table.folded else titles)

    def _fold(self, folded: frozenset[str]) -> None:
        self.table.folded = folded
        self.change(folded=tuple(sorted(folded)))

    @on(Table.Folded)
    def fold_clicked(self, event: Table.Folded) -> None:
        """Fold the section whose heading was clicked, or unfold it."""
        self.fold(event.title)

    @on(Table.Sorted)
    def sort_by(self, event: Table.Sorted) -> None:
        """Sort by the clicked column; a second click turns it round."""
        again = event.column == self.state.sort
        self.change(sort=event.column, reverse=again and not self.state.reverse)

    @on(SearchBar.Done)
    def done(self) -> None:
        """Go back to the list."""
        self.table.lines.focus()

    def open_folded(self) -> bool:
        """Unfold the section whose heading is selected; False when a row is."""
        key = self.table.lines.selected or ""
        if key.startswith("#"):
            self.fold(key[1:])
            return True
        return False

    @on(Lines.Moved)
    def _moved(self) -> None:
        self.followed()
        self.refresh_bindings()

    def followed(self) -> None:
        """Another row is selected."""
