"""One candidate in six tabs: what it does, who differs, what it saves, its files, its evidence, its promotion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static, Tab, Tabs

from core.live.reviewing import Reviewing
from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.decision import DecisionKind
from tui import words
from tui.actions import bindings
from tui.read_only import barred
from tui.screens.candidate_tabs.base import CandidateTab
from tui.screens.candidate_tabs.divergences import DivergencesTab
from tui.screens.candidate_tabs.evidence import EvidenceTab
from tui.screens.candidate_tabs.savings import SavingsTab
from tui.screens.candidate_tabs.texts import OverviewTab, PromotionTab
from tui.screens.candidate_tabs.workflow import WorkflowTab
from tui.screens.redaction import RedactionScreen
from tui.screens.trace import TraceScreen
from tui.shell import open_newest_crashpack, shell
from tui.text import arrowed, fitted, plain
from tui.views.digests import short_digest
from tui.views.telling import telling_run
from tui.widgets.frame import Header, Keys

TABS: tuple[tuple[str, str, type[CandidateTab]], ...] = (
    ("overview", "Overview", OverviewTab),
    ("divergences", "Divergences", DivergencesTab),
    ("savings", "Savings", SavingsTab),
    ("workflow", "Workflow", WorkflowTab),
    ("evidence", "Evidence", EvidenceTab),
    ("promotion", "Promotion", PromotionTab),
)
"""The tabs in the order of their number keys."""


class CandidateScreen(Screen[None]):
    """Shows one lineage and follows it through every change."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("candidate")]

    def __init__(self, reviewing: Reviewing, lineage: str, order: Callable[[], Sequence[str]] | None = None) -> None:
        super().__init__()
        self.reviewing, self.lineage = reviewing, lineage
        self._order = order
        self._snapshot = Snapshot()
        self._ready = False
        self._view: CandidateView | None = None
        self._gone = False
        self._tabs = {name: kind(reviewing, id=name) for name, _, kind in TABS}

    def compose(self) -> ComposeResult:
        """Frame, title, the row of tabs and the tabs."""
        yield Header()
        yield Static(id="candidate-title", markup=False)
        names = [Tab(Content(f"{number} {title}"), id=f"tab-{name}") for number, (name, title, _) in enumerate(TABS, 1)]
        yield Tabs(*names, id="candidate-tabs")
        with ContentSwitcher(initial="overview"):
            yield from self._tabs.values()
        yield Keys()

    def on_mount(self) -> None:
        """Show what is known, and the overview first."""
        self.query_one(Tabs).can_focus = False
        self._ready = True
        self.show(shell(self).standing.snapshot)
        self._front("overview")

    def on_screen_resume(self) -> None:
        """Catch up with what changed while another screen was in front."""
        if self._view is not None:
            self.query_one(Header).show(shell(self).standing)

    @property
    def view(self) -> CandidateView | None:
        """The newest view of the lineage; the last one when it is no longer listed."""
        return self._view

    @property
    def tab(self) -> CandidateTab:
        """The tab in front."""
        return self._tabs[self.query_one(ContentSwitcher).current or "overview"]

    def show(self, snapshot: Snapshot) -> None:
        """Show another state; open tab, scroll position, selection and focus stay."""
        self._snapshot = snapshot
        found = next((view for view in snapshot.candidates if view.lineage == self.lineage), None)
        self._gone = found is None
        self._view = found or self._view
        if not self._ready:
            return
        self._say_title()
        if found is None:
            return
        for tab in self._tabs.values():
            tab.show(found, snapshot)

    def show_activity(self, activity: Activity) -> None:
        """The header says what goes on; this screen has nothing to add."""

    def on_resize(self) -> None:
        """Lay the title out anew."""
        if self._ready:
            self._say_title()

    def _say_title(self) -> None:
        title = self.query_one("#candidate-title", Static)
        width = max(self.size.width - 2, 10)
        if self._view is None:
            title.update(plain(f"{self.lineage} is not listed. Press Esc to go back.", "$text-error"))
            return
        title.update(_title(self._view, self._position(), width, gone=self._gone))

    def _position(self) -> str:
        lineages = self._lineages()
        return f"{lineages.index(self.lineage) + 1}/{len(lineages)}" if self.lineage in lineages else ""

    def _lineages(self) -> list[str]:
        """The candidates in the list's order."""
        listed = [view.lineage for view in self._snapshot.candidates]
        if self._order is not None and (order := [name for name in self._order() if name in listed]):
            return order
        return listed

    def action_tab(self, name: str) -> None:
        """Bring a tab to the front."""
        self.query_one(Tabs).active = f"tab-{name}"

    @on(Tabs.TabActivated)
    def _switch(self, event: Tabs.TabActivated) -> None:
        name = (event.tab.id or "").removeprefix("tab-")
        self.query_one(ContentSwitcher).current = name
        self._front(name)

    def _front(self, name: str) -> None:
        """A tab is in front: it takes the focus, and counts as opened."""
        self._tabs[name].activate()
        if self._view is not None:
            shell(self).reading.tab(self._view, name)

    def action_neighbour(self, by: int) -> None:
        """Go to the next or previous candidate; the open tab stays."""
        lineages = self._lineages()
        if not lineages:
            return
        at = lineages.index(self.lineage) + by if self.lineage in lineages else 0
        if not 0 <= at < len(lineages):
            self.app.notify("This is the last candidate." if by > 0 else "This is the first candidate.", timeout=2)
            return
        self.lineage, self._view = lineages[at], None
        self.show(self._snapshot)
        self._front(self.query_one(ContentSwitcher).current or "overview")

    def action_open(self) -> None:
        """Open what is selected in the tab."""
        self.tab.open()

    def action_copy(self) -> None:
        """Copy what is selected in the tab, else the lineage."""
        shell(self).copy(self.tab.copied() or self.lineage)

    def action_crashpack(self) -> None:
        """Open the newest crashpack."""
        if self._view is not None:
            open_newest_crashpack(self, self._view)

    def action_export(self) -> None:
        """Show what is taken out of its bundle, then ask where it goes."""
        if told := barred(self.reviewing):
            self.app.notify(f"Nothing is written: {told}.", severity="warning", markup=False)
        elif self._view is not None:
            self.app.push_screen(RedactionScreen.of_candidate(self.reviewing, self.lineage))

    def action_edit(self) -> None:
        """Open the file of the selected run, or of the one that tells most, in the reviewer's editor."""
        if self._view is None:
            return
        trace_id, start = telling_run(self._view)
        if selected := self.tab.run:
            starts = {e.trace_id: e.start_index for e in self._view.candidate.examples}
            trace_id, start = selected, starts.get(selected)
        if unit := shell(self).unit_of(trace_id):
            shell(self).edit(unit, f"/actions/{start}" if start is not None else "")
        else:
            self.app.notify("The file of its run is gone.", severity="warning", markup=False)

    def action_raw(self) -> None:
        """Open the selected run, else the one that tells most, with the matched window marked."""
        if self._view is not None:
            self.on_candidate_tab_run_wanted(CandidateTab.RunWanted(self.tab.run or telling_run(self._view)[0]))

    def action_leave(self) -> None:
        """Go back."""
        self.app.pop_screen()

    def action_decide(self, kind: DecisionKind) -> None:
        """Open the dialog of a decision, about the candidate as it is shown now."""
        if self._view is None or self._gone:
            self.app.notify("The candidate is no longer listed: there is nothing to decide.", severity="warning")
            return
        shell(self).decide(self._view, kind)

    def on_candidate_tab_decision_wanted(self, event: CandidateTab.DecisionWanted) -> None:
        """Open the dialog of a decision about something in a tab."""
        event.stop()
        if self._view is None or self._gone:
            self.app.notify("The candidate is no longer listed: there is nothing to decide.", severity="warning")
            return
        shell(self).decide(self._view, event.kind, event.detail, event.about)

    def on_candidate_tab_run_wanted(self, event: CandidateTab.RunWanted) -> None:
        """Open a run with the matched window marked."""
        event.stop()
        if self._view is None:
            return
        shell(self).reading.run(self._view, event.trace_id)
        made = self._view.candidate
        start = next((e.start_index for e in made.examples if e.trace_id == event.trace_id), None)
        window = None if start is None else (start, start + len(made.sequence_signature))
        self.app.push_screen(
            TraceScreen(
                self.reviewing,
                event.trace_id,
                window,
                sequence=made.sequence_signature,
                step=event.step,
                lineage=self.lineage,
            )
        )


def _title(view: CandidateView, position: str, width: int, *, gone: bool) -> Content:
    """Label, status, risk, ids and the place in the list; ids go first when room is short."""
    sign, risk = words.STATUS[view.status], words.RISK[view.risk]
    state = plain("no longer listed; what is shown is the last state", "$text-error bold") if gone else None
    right = Content.assemble(
        ("  ", ""),
        state or plain(str(sign), sign.style),
        plain(f"  risk {risk}", risk.style),
        plain(f"  {position}", "$text-muted"),
    )
    ids = plain(f"  {short_digest(view.lineage)} · behaviour {short_digest(view.behaviour_digest)}", "$text-muted")
    label = plain(view.label, "bold")
    if label.cell_length + ids.cell_length + right.cell_length <= width:
        return fitted(Content.assemble(label, ids), width - right.cell_length) + right
    room = max(width - right.cell_length, 8)
    return fitted(Content.styled(arrowed(view.label, room), "bold"), room) + right
