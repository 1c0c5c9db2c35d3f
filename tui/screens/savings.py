"""What all candidates save together; summed up in the background, as candidates may share many actions."""

from __future__ import annotations

from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from core.live.snapshot import Activity, Snapshot
from core.model.text import plural
from tui.actions import bindings
from tui.shell import shell
from tui.text import plain
from tui.views.line import Line, text
from tui.views.totals import Totals, totals
from tui.views.totals_lines import totals_lines
from tui.widgets.document import Document
from tui.widgets.frame import Header, Keys


class SavingsScreen(Screen[None]):
    """Totals by cohort and by how far candidates have come, and the best next approval."""

    BINDINGS = [*bindings("totals")]

    class Summed(Message):
        """The savings of a snapshot were added up."""

        def __init__(self, found: Totals) -> None:
            super().__init__()
            self.found = found

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(lambda _: [Line(text("  adding up …", "$text-muted"))], id="totals")

    def compose(self) -> ComposeResult:
        """Frame, title and the document."""
        yield Header()
        yield Static(id="totals-title", markup=False)
        yield self.document
        yield Keys()

    def on_mount(self) -> None:
        """Add up what is known."""
        self.document.focus()
        self._sum(shell(self).standing.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Add up another state; the selected line stays."""
        self._sum(snapshot)

    def show_activity(self, activity: Activity) -> None:
        """The header says what goes on; this screen has nothing to add."""

    @work(thread=True, exclusive=True, group="totals")
    def _sum(self, snapshot: Snapshot) -> None:
        self.post_message(self.Summed(totals(snapshot)))

    @on(Summed)
    def _show(self, event: Summed) -> None:
        found = event.found
        waiting = len(found.next)
        told = f"Savings  {plural(len(found.parts), 'candidate')} · {waiting:,} can be approved now"
        self.query_one("#totals-title", Static).update(plain(told, "bold"))
        self.document.show(partial(totals_lines, found))
        self.refresh_bindings()

    @property
    def _lineage(self) -> str:
        return self.document.selected.partition(":")[2]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a candidate is dim where none is selected."""
        return None if action in ("open", "copy") and self.is_mounted and not self._lineage else True

    @on(Document.Opened)
    def _opened(self, event: Document.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the selected candidate."""
        if self._lineage:
            shell(self).open_candidate(self._lineage)

    def action_copy(self) -> None:
        """Copy the lineage of the selected candidate."""
        if self._lineage:
            shell(self).copy(self._lineage)
