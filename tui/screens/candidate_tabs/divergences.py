"""The divergences tab: which runs differ, and how; runs are read in the background, never on the screen's thread."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView, Run, Snapshot
from core.model.candidate import Candidate, TraceResult
from core.model.errors import AssayError
from core.model.text import plural, visible
from tui import words
from tui.actions import bindings
from tui.screens.candidate_tabs.base import CandidateTab
from tui.screens.candidate_tabs.comparing import About, Comparison, Held, about, compare, held, read_places
from tui.shell import shell
from tui.text import plain, shortened
from tui.views.allowing import asked, why_not
from tui.views.groups import Group, Places, group
from tui.widgets.diff import DiffView
from tui.widgets.document import Document
from tui.widgets.lines import Lines

BATCH = 20
"""Runs that are read between two updates of the groups."""
SIDE_FROM = 110
"""Cells from which the list stands beside the difference instead of above it."""


class DivergencesTab(CandidateTab):
    """Compared runs in groups, and the selected one's difference."""

    BINDINGS = [*bindings("divergences")]

    @dataclass
    class Placed(Message):
        """It is known where some more runs differ, each as its result says."""

        about: About
        places: Mapping[str, tuple[Held, Places]]

    @dataclass
    class Compared(Message):
        """A run was compared, or could not be read."""

        about: About
        candidate: Candidate
        held: Held
        comparison: Comparison | None
        trouble: str = ""

    def __init__(self, reviewing: Reviewing, *, id: str) -> None:  # noqa: A002
        super().__init__(reviewing, id=id)
        self.runs = Lines(self._paint, id="runs")
        self.head = Static(id="diff-head")
        self.diff = DiffView(id="diff")
        self._groups: dict[str, Group] = {}
        self._results: dict[str, tuple[TraceResult, Group]] = {}
        self._runs: Mapping[str, Run] = {}
        self._places: dict[str, tuple[Held, Places]] = {}
        """Where runs differ, by id, and how each was held then: held otherwise it is not known any more."""
        self._shown: tuple[About, Held] | None = None
        """What the difference that is shown, or on its way, was asked for."""
        self._comparison: Comparison | None = None
        self._arriving = 1

    def compose(self) -> ComposeResult:
        """List and difference."""
        with Container(id="divergences-panes"):
            yield self.runs
            with Vertical(id="diff-pane"):
                yield self.head
                yield self.diff

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        self.query_one("#divergences-panes").set_class(event.size.width >= SIDE_FROM, "-wide")

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """The view's compared runs; the selected run stays."""
        before, self.view = self.view, view
        runs, self._runs = self._runs, snapshot.runs
        if before is None or about(before) != about(view):
            self._places = {}
        elif before.candidate == view.candidate and runs is self._runs:
            return
        self._list()
        self._follow()
        self._begin_placing()

    def activate(self) -> None:
        """Take the focus and begin to look into every failing run."""
        self.runs.focus()
        self._begin_placing()
        self._follow()

    def _begin_placing(self) -> None:
        """Look into the failing runs whose places are not known as they are now, once they are looked at."""
        if self.view and self.display:
            self._place(about(self.view), self.view.candidate, self._runs, dict(self._places))

    def open(self) -> None:
        """Open the selected run at the step whose difference is shown."""
        self.action_raw()

    def copied(self) -> str:
        """The JSON pointer under the cursor, else the run's id."""
        return (self.diff.place if self.diff.has_focus else "") or self.run

    @property
    def run(self) -> str:
        """The selected run."""
        key = self.runs.selected or ""
        return key[2:] if key.startswith("r:") else ""

    def _list(self) -> None:
        assert self.view is not None
        results = self.view.candidate.shadow.traces
        there = ((r, found) for r in results if (found := self._places.get(r.trace_id)))
        known = {r.trace_id: places for r, (was, places) in there if was == held(r, self._runs)}
        groups = group(results, known)
        self._groups = {"#" + g.key: g for g in groups}
        self._results = {"r:" + r.trace_id: (r, g) for g in groups for r in g.results}
        keys = [key for head, g in self._groups.items() for key in (head, *("r:" + r.trace_id for r in g.results))]
        self.runs.show(keys, self._groups.keys())

    def _paint(self, key: str, width: int) -> Content:
        if (found := self._groups.get(key)) is not None:
            sign = words.FAILED if not found.passed else words.BY_RULE if found.by_rule else words.PASSED
            return Content.assemble((f"{sign.glyph} ", sign.style), (found.title, "bold"))
        result, _ = self._results[key]
        mark = plain("≈ ", "$text-muted") if self._by_rule(result) else Content("  ")
        return mark + Content(shortened(result.trace_id, width - mark.cell_length))

    @staticmethod
    def _by_rule(result: TraceResult) -> bool:
        """Whether a run agrees only because rules say that it may differ."""
        return result.passed and bool(result.allowed)

    def _follow(self) -> None:
        """Show the difference of the selected run."""
        if self.view is None or not self.display:
            return
        candidate, trace_id = self.view.candidate, self.run
        if not trace_id:
            self._shown = None
            self.head.update(Content())
            self.diff.show_note("No run has been compared with this candidate yet.")
            return
        wanted = about(self.view), held(self._results["r:" + trace_id][0], self._runs)
        if self._shown == wanted:
            self._say_head()
            return
        self._shown, self._comparison = wanted, None
        self._say_head()
        self.diff.show_note("reading the run …")
        self._compare(candidate, *wanted)

    def _say_head(self) -> None:
        result, found = self._results["r:" + self.run]
        sign = words.FAILED if not result.passed else words.BY_RULE if result.allowed else words.PASSED
        said = [(f"{sign} ", sign.style), (visible(result.trace_id), "bold")]
        if (comparison := self._comparison) is not None and comparison.count:
            said.append((f"  {plural(comparison.count, 'difference')}", ""))
        if comparison is not None and comparison.allowed:
            said.append((f"  {plural(comparison.allowed, 'place')} may differ by rule", "$text-muted"))
        if not found.passed:
            # The list has room for the beginning of a group's title only.
            said.append((f"\n{found.title}", "$text-muted"))
        self.head.update(Content.assemble(*said))

    @work(thread=True, exclusive=True, group="compare")
    def _compare(self, candidate: Candidate, wanted: About, held: Held) -> None:
        try:
            made = compare(self.reviewing.trace, candidate, held[0].trace_id, wanted[-1])
        except (AssayError, OSError, ValueError) as error:
            self.post_message(self.Compared(wanted, candidate, held, None, str(error)))
        else:
            self.post_message(self.Compared(wanted, candidate, held, made))

    @work(thread=True, exclusive=True, group="place")
    def _place(
        self,
        wanted: About,
        candidate: Candidate,
        runs: Mapping[str, Run],
        known: Mapping[str, tuple[Held, Places]],
    ) -> None:
        """Read every failing run once, to group it by where it differs; only the places are kept."""
        worker = get_current_worker()
        found: dict[str, tuple[Held, Places]] = {}
        for result in candidate.shadow.traces:
            if result.passed:
                continue
            trace_id, now = result.trace_id, held(result, runs)
            if trace_id in known and known[trace_id][0] == now:
                continue
            if worker.is_cancelled:
                break
            # Of a run that cannot be read the list keeps what the comparison said; selecting it tells what is wrong.
            with suppress(AssayError, OSError, ValueError):
                found[trace_id] = now, read_places(self.reviewing.trace, candidate, trace_id, wanted[-1])
                if len(found) == BATCH:
                    self.post_message(self.Placed(wanted, found))
                    found = {}
        if found:
            self.post_message(self.Placed(wanted, found))

    def on_divergences_tab_placed(self, event: Placed) -> None:
        """Group anew; the selected run stays where it is on the screen."""
        if self.view and event.about == about(self.view):
            self._places.update(event.places)
            self._list()
            if self.run:
                self._say_head()

    def on_divergences_tab_compared(self, event: Compared) -> None:
        """Show the difference, if it is still the one that is wanted."""
        trace_id = event.held[0].trace_id
        if self._shown != (event.about, event.held) or "r:" + trace_id not in self._results:
            return
        self._comparison = event.comparison
        self._say_head()
        if event.comparison is not None and self.view is not None and self.display:
            shell(self).reading.difference(self.view, trace_id)
        if event.comparison is None:
            self._shown = None
            self.diff.show_note(f"This run cannot be read: {visible(event.trouble)}", "$text-error")
        elif not event.comparison.compared:
            self.diff.show_note("Nothing differs: the run did what every step says.", "$text-success")
        else:
            examples = event.candidate.examples
            source = examples[0].trace_id if examples else "the candidate"
            more = f" and {plural(len(examples) - 1, 'other example')}" if len(examples) > 1 else ""
            self.diff.show_sections(event.comparison.compared, source + more, trace_id)
            last = self._arriving < 0
            self.diff.arrive(lambda: self.diff.first(last=last))
        self._arriving = 1

    def on_lines_moved(self, event: Lines.Moved) -> None:
        """Another run is selected."""
        event.stop()
        self._follow()

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """A double click opens the run."""
        event.stop()
        self.action_raw()

    def on_document_opened(self, event: Document.Opened) -> None:
        """Enter on a line of the difference opens the run there."""
        event.stop()
        self.action_raw()

    def action_place(self, by: int) -> None:
        """The next or previous difference; after the last one, the next run that differs."""
        if self.diff.step(by):
            return
        keys = [key for key, (result, _) in self._results.items() if not result.passed]
        selected = self.runs.selected
        at = keys.index(selected) + by if selected in keys else 0
        if 0 <= at < len(keys):
            self._arriving = by
            self.runs.select(keys[at])
        else:
            self.app.notify("No further difference.", markup=False, timeout=2)

    def action_columns(self) -> None:
        """Unified or side by side."""
        self.diff.toggle()

    def action_allow(self) -> None:
        """Ask for a rule that lets the selected place differ."""
        found = self.diff.spot
        if self.view is None or found is None or self._comparison is None:
            self.app.notify("Select a place that differs first; n goes to the next one.", markup=False, timeout=3)
            return
        if told := why_not(*found):
            self.app.notify(told, severity="warning", markup=False)
        else:
            self.post_message(self.DecisionWanted("allow", *asked(*found, self.run)))

    def action_raw(self) -> None:
        """Open the run at the action that differs."""
        if self.run:
            step = self.diff.section_at(self._comparison.steps) if self._comparison else 0
            self.post_message(self.RunWanted(self.run, max(step - 1, 0)))
