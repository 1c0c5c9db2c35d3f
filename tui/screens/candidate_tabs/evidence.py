"""The evidence tab: the runs that the workflow was found in and compared with."""

from __future__ import annotations

from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView, Snapshot
from tui.screens.candidate_tabs.base import CandidateTab
from tui.views.run_details import run_lines
from tui.views.runs import COLUMNS, Evidence, evidence
from tui.widgets.document import Document
from tui.widgets.lines import Lines
from tui.widgets.table import Section, Table

SIDE_FROM = 150
"""Cells from which the details stand beside the table instead of below it."""


class EvidenceTab(CandidateTab):
    """A table of runs; opening one shows it with the matched window marked."""

    def __init__(self, reviewing: Reviewing, *, id: str) -> None:  # noqa: A002
        super().__init__(reviewing, id=id)
        self.table: Table[Evidence] = Table(COLUMNS)
        self.details = Document(id="evidence-details")
        self._sections: list[Section[Evidence]] = []
        self._sort, self._reverse = "", False

    def compose(self) -> ComposeResult:
        """The table, and what is known of the selected run."""
        with Container(id="evidence-panes"):
            yield self.table
            yield self.details

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        self.query_one("#evidence-panes").set_class(event.size.width >= SIDE_FROM, "-wide")

    def on_lines_moved(self, event: Lines.Moved) -> None:
        """Another run is selected."""
        event.stop()
        self._tell()

    def _tell(self) -> None:
        if self.view is not None:
            self.details.show(partial(run_lines, self.view, self.table.selected))

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """The runs of the view, as they are sorted now."""
        self.view = view
        self._sections = evidence(view, snapshot)
        self.table.show(self._sections, self._sort, reverse=self._reverse)
        self._tell()

    def activate(self) -> None:
        """Let the keys select."""
        self.table.lines.focus()

    def open(self) -> None:
        """Open the selected run."""
        if row := self.table.selected:
            self.post_message(self.RunWanted(row.trace_id))

    @property
    def run(self) -> str:
        """The selected run."""
        return row.trace_id if (row := self.table.selected) else ""

    def copied(self) -> str:
        """The selected run's id."""
        return self.run

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """A double click opens the run."""
        event.stop()
        self.open()

    def on_table_sorted(self, event: Table.Sorted) -> None:
        """Sort by the clicked column, then the other way round, then as before."""
        event.stop()
        if event.column != self._sort:
            self._sort, self._reverse = event.column, False
        elif not self._reverse:
            self._reverse = True
        else:
            self._sort, self._reverse = "", False
        self.table.show(self._sections, self._sort, reverse=self._reverse)
