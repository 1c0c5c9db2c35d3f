"""The journal: every decision that anybody recorded, newest first, and whether its chain holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from core.live.snapshot import Activity, Snapshot
from core.model.jsontext import pretty
from tui.actions import bindings
from tui.marks import SECONDS
from tui.screens.listing import ListScreen
from tui.shell import shell
from tui.text import plain, stacked
from tui.views.journal import COLUMNS, Entry, accepts, chain_lines, completions, decision_lines, entries
from tui.widgets.document import Document
from tui.widgets.frame import Header, Keys
from tui.widgets.lines import Lines
from tui.widgets.search_bar import SearchBar
from tui.widgets.table import Section, Table


class JournalScreen(ListScreen):
    """A live table of decisions with the selected one in full; rows are known by their number."""

    NAME = "journal"
    MARK_HINT = "y copies them as JSON"
    BINDINGS = bindings("journal")

    def __init__(self) -> None:
        super().__init__()
        self._entries: Mapping[str, Entry] = {}
        self._since: dict[int, float] = {}
        """When each decision that came later was first shown here, Unix seconds."""
        self._known: frozenset[int] = frozenset()
        """The numbers of those that were there before."""

    def compose(self) -> ComposeResult:
        """Frame, the state of the chain, the filter, table and details."""
        yield Header()
        yield Static(id="chain", markup=False)
        yield SearchBar(
            "words, or actor:ana kind:reject candidate:bump", lambda text: completions(text, self._entries.values())
        )
        with Container(id="body"):
            yield Table(COLUMNS, id="table")
            yield Document(id="decision")
        yield Static(id="empty", markup=False)
        yield Static(id="marks", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Show what is known already, as it was left."""
        self._known = frozenset(d.seq for d in shell(self).standing.snapshot.journal.decisions)
        self.recall()
        self.show(shell(self).standing.snapshot)

    def on_resize(self) -> None:
        """Lay the state of the chain out anew."""
        self._say_chain()

    def show(self, snapshot: Snapshot) -> None:
        """Show the journal of a snapshot; the selected decision stays selected and where it is on the screen."""
        now = shell(self).standing.now
        for decision in snapshot.journal.decisions:
            if decision.seq not in self._known:
                self._since.setdefault(decision.seq, now)
        self.relist()

    def show_activity(self, activity: Activity) -> None:
        """The header says what goes on; this screen has nothing to add."""

    def tick(self) -> None:
        """Let marks fade."""
        if any(entry.new for entry in map(self._entries.get, (f"d:{seq}" for seq in self._since)) if entry):
            self.relist()

    @property
    def selected(self) -> Entry | None:
        """The selected decision."""
        return self.table.selected

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while the filter is written; the footer shows only what works."""
        if self.writing(action):
            return False
        return None if action in ("open", "copy", "crashpack") and self.is_mounted and not self.selected else True

    @on(Lines.Opened)
    def action_open(self) -> None:
        """Open the candidate of the selected decision."""
        if self.selected:
            shell(self).open_candidate(self.selected.decision.lineage)

    def action_crashpack(self) -> None:
        """Open the crashpack of the selected decision, or say that it left none."""
        if self.selected and (pack := self.selected.decision.crashpack):
            shell(self).open_crashpack(pack.name)
        elif self.selected:
            self.notify("It left no crashpack: only approvals and rejections leave one.", markup=False)

    def action_copy(self) -> None:
        """Copy the selected decision as JSON, or all marked ones."""
        chosen = [self._entries[key] for key in self.marked] or ([self.selected] if self.selected else [])
        if chosen:
            shell(self).copy("\n".join(pretty(entry.decision).decode() for entry in chosen))

    @on(SearchBar.Changed)
    def narrow(self, event: SearchBar.Changed) -> None:
        """Narrow the list to what is written."""
        self.change(filter=event.text)

    def followed(self) -> None:
        """Tell all of the selected decision."""
        if entry := self.selected:
            self.query_one("#decision", Document).show(partial(decision_lines, entry, shell(self).standing.now))

    def relist(self) -> None:
        """Show the decisions as filter and order want them now."""
        standing, wanted = shell(self).standing, self.state.filter
        new = frozenset(seq for seq, at in self._since.items() if standing.now - at < SECONDS)
        self._entries = entries(standing.snapshot, new)
        kept: Mapping[str, Entry] = self._entries
        if wanted:
            kept = {key: entry for key, entry in kept.items() if accepts(entry, wanted)}
        self.table.show([Section("Decisions", kept)], self.state.sort, reverse=self.state.reverse)
        self.bar.count(len(kept), len(self._entries))
        self.query_one("#body").display = bool(kept)
        self.keep_marks(self._entries)
        self._say_empty(wanted)
        self._say_chain()
        self.followed()

    def action_reverse(self) -> None:
        """Sort the other way round, by number when no column is chosen."""
        self.change(sort=self.state.sort or "seq", reverse=not self.state.reverse)

    def _say_empty(self, wanted: str) -> None:
        message = self.query_one("#empty", Static)
        message.display = not self.query_one("#body").display
        if self._entries:
            title, advice = plain(f"No decision matches {wanted}"), Content("Escape clears the filter.")
        else:
            title = Content("No decision has been recorded yet")
            advice = Content("Approve (a), reject (r) or send back (w) a candidate; every decision is kept here.")
        message.update(stacked([title.stylize("bold"), Content(), advice]))

    def _say_chain(self) -> None:
        standing = shell(self).standing
        width = max(self.size.width - 2, 20)
        chain = self.query_one("#chain", Static)
        chain.update(stacked(chain_lines(standing.snapshot.journal, standing.traces, width)))
        chain.set_class(bool(standing.snapshot.journal.faults), "fault")
