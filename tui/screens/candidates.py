"""The home screen: every candidate, what asks for a person first, and the selected one in brief."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from textual import events, on
from textual.actions import parse
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.decision import DecisionKind
from core.model.text import plural
from tui.actions import ACTS, bindings
from tui.filter import Filter
from tui.marks import Marks
from tui.read_only import barred
from tui.screens.listing import ListScreen
from tui.shell import open_newest_crashpack, shell
from tui.text import plain
from tui.views.columns import COLUMNS, Shown
from tui.views.empty import empty
from tui.views.preview import folded_lines, preview_lines
from tui.views.telling import telling_run
from tui.widgets.document import Document
from tui.widgets.filter_bar import FilterBar
from tui.widgets.frame import Header, Keys
from tui.widgets.lines import Lines
from tui.widgets.table import Section, Table
from tui.words import SECTIONS

_NEEDS = ("open", "decide", "crashpack", "raw", "edit", "copy", "export")


class CandidatesScreen(ListScreen):
    """A live table with a preview; it keeps filter, order, selection and place while the data changes."""

    NAME = "candidates"
    MARK_HINT = "r rejects · w sends back · E exports · y copies"
    BINDINGS = bindings("candidates")

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()
        self._filter = Filter()
        self._sections: dict[str, list[CandidateView]] = {}
        self._settled = False

    def compose(self) -> ComposeResult:
        """Frame, filter, table and preview; the message that stands where there is nothing to list."""
        yield Header()
        yield FilterBar(lambda: shell(self).standing.snapshot.candidates)
        with Container(id="body"):
            yield Table(COLUMNS, id="table", foldable=True)
            yield Document(id="preview")
        yield Static(id="empty", markup=False)
        yield Static(id="marks", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Show what is known already, as it was left."""
        self.recall()
        self.show(shell(self).standing.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot: rows by lineage, so that cursor and scroll position stay with what they are on."""
        standing = shell(self).standing
        before = self.selected
        self._marks.observe(snapshot.candidates, standing.now, settled=self._settled)
        self._settled = self._settled or standing.activity.phase == "watching"
        self.relist()
        if before and (self.selected is None or self.selected.lineage != before.lineage):
            self._tell_gone(before, listed=any(view.lineage == before.lineage for view in snapshot.candidates))

    def show_activity(self, activity: Activity) -> None:
        """Show what goes on where there is nothing else to show."""
        self._settled = self._settled or (activity.phase == "watching" and not self._settled)
        self._say_empty()

    def tick(self) -> None:
        """Let marks fade and ages grow."""
        if self._marks:
            self.relist()

    @property
    def selected(self) -> CandidateView | None:
        """The selected candidate as it is shown."""
        row = self.table.selected
        return row.view if row else None

    @property
    def order(self) -> list[str]:
        """The listed lineages from top to bottom."""
        return [key for key in self.table.lines.keys if not key.startswith("#")]

    def select(self, lineage: str) -> bool:
        """Select a candidate; False when it is not listed, for instance because of the filter."""
        return self.table.lines.select(lineage)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while the filter is written; the footer shows only what works."""
        if self.writing(action):
            return False
        if not self.is_mounted or action not in _NEEDS:
            return True
        in_bulk = action in ("copy", "export") or (action == "decide" and parameters[:1] != ("approve",))
        if self.selected or (in_bulk and self.marked):
            return True
        return True if action == "open" and self.table.lines.selected else None

    def on_key(self, event: events.Key) -> None:
        """Say why a key does nothing where no candidate is selected."""
        meant = (parse(act.action) for act in ACTS if act.where == "candidates" and event.key in act.keys.split(","))
        if any(self.check_action(name, parameters) is None for _, name, parameters in meant):
            some = shell(self).standing.snapshot.candidates
            told = "No candidate is selected." if some else "There is no candidate here yet."
            self.notify(told, markup=False, timeout=3)

    def action_open(self) -> None:
        """Open the selected candidate, or the section that is folded there."""
        if view := self.selected:
            shell(self).open_candidate(view.lineage)
        else:
            self.open_folded()

    def action_decide(self, kind: DecisionKind) -> None:
        """Ask for a decision on the selected candidate, or on all marked ones where that is possible."""
        from tui.screens.bulk import BULK

        if self.marked and kind in BULK:
            self._decide_all(kind)
        elif view := self.selected:
            if self.marked and kind == "approve":
                told = f"Approvals are given one by one, each after reading: this is {plain(view.label)} only."
                self.notify(told, markup=False)
            shell(self).decide(view, kind)

    def action_export(self) -> None:
        """Write the evidence of the marked candidates, or of the selected one."""
        from tui.screens.bulk_export import BulkExport

        if told := barred(shell(self).reviewing):
            self.app.notify(f"Nothing is written: {told}.", severity="warning", markup=False)
        elif chosen := self._chosen():
            self.app.push_screen(BulkExport(shell(self).reviewing.workspace, chosen))

    def action_crashpack(self) -> None:
        """Open the newest crashpack of the selected candidate."""
        if view := self.selected:
            open_newest_crashpack(self, view)

    def action_raw(self) -> None:
        """Open the run of the selected candidate that tells most."""
        from tui.screens.trace import TraceScreen

        if view := self.selected:
            trace_id, start = telling_run(view)
            signature = view.candidate.sequence_signature
            window = None if start is None else (start, start + len(signature))
            reviewing = shell(self).reviewing
            self.app.push_screen(TraceScreen(reviewing, trace_id, window, sequence=signature, lineage=view.lineage))

    def action_edit(self) -> None:
        """Open the file of that run in the reviewer's editor."""
        if view := self.selected:
            trace_id, start = telling_run(view)
            if unit := shell(self).unit_of(trace_id):
                shell(self).edit(unit, f"/actions/{start}" if start is not None else "")
            else:
                self.notify("The file of its run is gone.", severity="warning", markup=False)

    def action_copy(self) -> None:
        """Copy the lineages of the marked candidates, or of the selected one."""
        if chosen := self._chosen():
            shell(self).copy("\n".join(view.lineage for view in chosen))

    @on(Lines.Opened)
    def open_clicked(self) -> None:
        """Open the double-clicked candidate."""
        self.action_open()

    @on(FilterBar.Narrowed)
    def narrow(self, event: FilterBar.Narrowed) -> None:
        """Narrow the list to a filter."""
        self._filter = event.filter
        self.change(filter=event.filter.text)

    def followed(self) -> None:
        """Preview the selected candidate."""
        self._preview()

    def leave(self) -> None:
        """There is nothing before the home screen; q quits."""

    def relist(self) -> None:
        """Show the candidates as filter and order want them now."""
        standing = shell(self).standing
        rows = [self._marks.row(view, standing.now) for view in standing.snapshot.candidates]
        kept = [row for row in rows if self._filter.accepts(row.view, row.changed)]
        sections = [
            Section(title, found, _news(found))
            for title, statuses in SECTIONS
            if (found := {row.view.lineage: row for row in kept if row.view.status in statuses})
        ]
        self._sections = {section.title: [row.view for row in section.rows.values()] for section in sections}
        self.table.show(sections, self.state.sort, reverse=self.state.reverse)
        self.bar.count(len(kept), len(rows))
        self.query_one("#body").display = bool(kept)
        self.keep_marks({row.view.lineage for row in rows})
        self._say_empty()
        self._preview()

    def _chosen(self) -> list[CandidateView]:
        """The marked candidates, else the selected one."""
        listed = {view.lineage: view for view in shell(self).standing.snapshot.candidates}
        marked = [listed[lineage] for lineage in self.marked if lineage in listed]
        return marked or ([self.selected] if self.selected else [])

    def _decide_all(self, kind: DecisionKind) -> None:
        from tui.screens.bulk import BulkDialog

        self.app.push_screen(BulkDialog(shell(self).reviewing, self._chosen(), kind), self._decided_all)

    def _decided_all(self, recorded: frozenset[str] | None) -> None:
        """Take the marks of what was decided away."""
        lines = self.table.lines
        lines.marked = lines.marked.difference(recorded or ())
        lines.refresh()
        self.say_marks()

    def _say_empty(self) -> None:
        message = self.query_one("#empty", Static)
        message.display = not self.query_one("#body").display
        if message.display:
            message.update(empty(shell(self).standing, self._filter.text))

    def _preview(self) -> None:
        preview, standing = self.query_one("#preview", Document), shell(self).standing
        if view := self.selected:
            who = shell(self).reviewing.reviewer
            preview.show(partial(preview_lines, view, standing.snapshot.policy, standing.now, reviewer=who))
        elif folded := self._sections.get((self.table.lines.selected or "#")[1:]):
            preview.show(partial(folded_lines, folded))

    def _tell_gone(self, before: CandidateView, *, listed: bool) -> None:
        what = "changed and is hidden by filter or folding" if listed else "is no longer listed"
        now = f"; {plain(self.selected.label)} is selected now" if self.selected else ""
        self.notify(f"{plain(before.label)} {what}{now}.", severity="warning", markup=False)


def _news(rows: Mapping[str, Shown]) -> str:
    """What a folded heading says: how many of its candidates are marked as new or changed."""
    marked = sum(bool(row.mark) for row in rows.values())
    return f"folded, {plural(marked, 'change')}" if marked else "folded"
