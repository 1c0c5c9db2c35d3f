"""The home screen: every candidate, what asks for a person first, and the selected one in brief."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Input, Static

from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.decision import DecisionKind
from tui.actions import bindings
from tui.filter import Filter
from tui.marks import Marks
from tui.shell import open_newest_crashpack, shell
from tui.text import plain
from tui.views.columns import COLUMNS, Shown
from tui.views.empty import empty
from tui.views.preview import preview_lines
from tui.widgets.document import Document
from tui.widgets.filter_bar import FilterBar
from tui.widgets.frame import Header, Keys
from tui.widgets.lines import Lines
from tui.widgets.table import Section, Table
from tui.words import SECTIONS


class CandidatesScreen(Screen[None]):
    """A live table with a preview; it keeps filter, order, selection and place while the data changes."""

    BINDINGS = bindings("candidates")
    AUTO_FOCUS = "Lines"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (132, "-wide")]

    def __init__(self) -> None:
        super().__init__(id="candidates")
        self._marks = Marks()
        self._filter = Filter()
        self._sort, self._reverse = "", False
        self._settled = False

    def compose(self) -> ComposeResult:
        """Frame, filter, table and preview; the message that stands where there is nothing to list."""
        yield Header()
        yield FilterBar(lambda: shell(self).standing.snapshot.candidates)
        with Container(id="body"):
            yield Table(COLUMNS, id="table")
            yield Document(id="preview")
        yield Static(id="empty", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show(shell(self).standing.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot: rows by lineage, so that cursor and scroll position stay with what they are on."""
        standing = shell(self).standing
        before = self.selected
        self._marks.observe(snapshot.candidates, standing.now, settled=self._settled)
        self._settled = self._settled or standing.activity.phase == "watching"
        self._list()
        if before and all(view.lineage != before.lineage for view in snapshot.candidates):
            self._tell_gone(before)

    def show_activity(self, activity: Activity) -> None:
        """Show what goes on where there is nothing else to show."""
        self._settled = self._settled or (activity.phase == "watching" and not self._settled)
        self._say_empty()

    def tick(self) -> None:
        """Let marks fade and ages grow."""
        if self._marks:
            self._list()

    @property
    def selected(self) -> CandidateView | None:
        """The selected candidate as it is shown."""
        row = self._table.selected
        return row.view if row else None

    @property
    def order(self) -> list[str]:
        """The listed lineages from top to bottom."""
        return [key for key in self._table.lines.keys if not key.startswith("#")]

    def select(self, lineage: str) -> bool:
        """Select a candidate; False when it is not listed, for instance because of the filter."""
        return self._table.lines.select(lineage)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while the filter is written; the footer shows only what works."""
        if isinstance(self.focused, Input):
            return action in ("clear", "copy_text")
        if action in ("open", "decide", "copy", "crashpack") and self.is_mounted and self.selected is None:
            return None
        return True

    def action_open(self) -> None:
        """Open the selected candidate."""
        if view := self.selected:
            shell(self).open_candidate(view.lineage)

    def action_decide(self, kind: DecisionKind) -> None:
        """Ask for a decision on the selected candidate."""
        if view := self.selected:
            shell(self).decide(view, kind)

    def action_crashpack(self) -> None:
        """Open the newest crashpack of the selected candidate."""
        if view := self.selected:
            open_newest_crashpack(self, view)

    def action_copy(self) -> None:
        """Copy the lineage of the selected candidate."""
        if view := self.selected:
            shell(self).copy(view.lineage)

    def action_filter(self) -> None:
        """Write a filter."""
        self.query_one(FilterBar).open()

    def action_clear(self) -> None:
        """Clear the filter and go back to the list."""
        self.query_one(FilterBar).clear()
        self._table.lines.focus()

    def action_sort(self) -> None:
        """Sort by the next column that is shown, after the last one as usual."""
        keys = ["", *(column.key for column, _ in self._table.fitting)]
        self._sort = keys[(keys.index(self._sort) + 1) % len(keys)] if self._sort in keys else ""
        self._reverse = False
        self._list()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        if not self._sort:
            self.notify("Press s first to choose a column.", markup=False)
        self._reverse = bool(self._sort) and not self._reverse
        self._list()

    @on(Table.Sorted)
    def sort_by(self, event: Table.Sorted) -> None:
        """Sort by the clicked column; a second click turns it round."""
        self._reverse = event.column == self._sort and not self._reverse
        self._sort = event.column
        self._list()

    @on(Lines.Opened)
    def open_clicked(self) -> None:
        """Open the double-clicked candidate."""
        self.action_open()

    @on(Lines.Moved)
    def follow(self) -> None:
        """Preview the selected candidate; what can be done depends on it."""
        self._preview()
        self.refresh_bindings()

    @on(FilterBar.Changed)
    def narrow(self, event: FilterBar.Changed) -> None:
        """Narrow the list to a filter."""
        self._filter = event.filter
        self._list()

    @on(FilterBar.Done)
    def done(self) -> None:
        """Go back to the list."""
        self._table.lines.focus()

    @property
    def _table(self) -> Table[Shown]:
        return self.query_one("#table", Table)

    def _list(self) -> None:
        standing = shell(self).standing
        rows = [self._marks.row(view, standing.now) for view in standing.snapshot.candidates]
        kept = [row for row in rows if self._filter.accepts(row.view, row.changed)]
        sections = [
            Section(title, {row.view.lineage: row for row in kept if row.view.status in statuses})
            for title, statuses in SECTIONS
        ]
        self._table.show(sections, self._sort, reverse=self._reverse)
        self.query_one(FilterBar).count(len(kept), len(rows))
        self.query_one("#body").display = bool(kept)
        self._say_empty()
        self._preview()

    def _say_empty(self) -> None:
        message = self.query_one("#empty", Static)
        message.display = not self.query_one("#body").display
        if message.display:
            message.update(empty(shell(self).standing, self._filter.text))

    def _preview(self) -> None:
        if view := self.selected:
            standing = shell(self).standing
            policy = standing.snapshot.policy
            self.query_one("#preview", Document).show(partial(preview_lines, view, policy, standing.now))

    def _tell_gone(self, before: CandidateView) -> None:
        now = f"; {plain(self.selected.label)} is selected now" if self.selected else ""
        self.notify(f"{plain(before.label)} is no longer listed{now}.", severity="warning", markup=False)
