"""The savings tab: numbers at once, bars as soon as the examples have been read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import work
from textual.app import ComposeResult
from textual.message import Message
from textual.worker import get_current_worker

from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView, Snapshot
from core.mining.comparing import run_savings
from core.model.candidate import Candidate, Savings
from core.model.errors import AssayError
from tui.screens.candidate_tabs.base import CandidateTab
from tui.views.saved import Ledger, PerExample, savings_lines
from tui.widgets.document import Document

BATCH = 25
"""Examples that are read between two updates of the screen."""


class SavingsTab(CandidateTab):
    """What runs of the workflow would have saved."""

    @dataclass
    class Read(Message):
        """Some more examples were read."""

        candidate_id: str
        ledger: Ledger

    def __init__(self, reviewing: Reviewing, *, id: str) -> None:  # noqa: A002
        super().__init__(reviewing, id=id)
        self.document = Document()
        self._ledger = Ledger()
        self._starts: dict[str, str | None] = {}
        self._reading = ""
        self._active = False

    def compose(self) -> ComposeResult:
        """The document."""
        yield self.document

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """Totals of the view; bars stay when its examples are the same."""
        same = self.view is not None and _saved(view) == _saved(self.view)
        if same and self.view == view:
            return
        self.view = view
        runs = snapshot.runs
        self._starts = {
            e.trace_id: runs[e.trace_id].started_at if e.trace_id in runs else None for e in view.candidate.examples
        }
        if not same:
            self._ledger, self._reading = Ledger(total=len(view.candidate.examples)), ""
        self._draw()
        if self._active:
            self._start()

    def activate(self) -> None:
        """Take the focus and read the examples."""
        self._active = True
        self.document.focus()
        self._start()

    def _start(self) -> None:
        if self.view and self._reading != self.view.candidate.id:
            self._reading = self.view.candidate.id
            self._read(self.view.candidate)

    def _draw(self) -> None:
        if view := self.view:
            ledger = replace(self._ledger, starts=self._starts)
            self.document.show(lambda width: savings_lines(view, ledger, width))

    @work(thread=True, exclusive=True, group="savings")
    def _read(self, candidate: Candidate) -> None:
        """Read every example's run; only sums are kept."""
        worker = get_current_worker()
        examples: list[PerExample] = []
        missing: list[tuple[str, str]] = []
        total = len(candidate.examples)
        for number, example in enumerate(candidate.examples, 1):
            if worker.is_cancelled:
                return
            try:
                trace = self.reviewing.trace(example.trace_id)
                examples.append((example.trace_id, run_savings(candidate, example, trace)))
            except (AssayError, OSError, ValueError) as error:
                missing.append((example.trace_id, str(error)))
            if number % BATCH == 0 or number == total:
                self.post_message(self.Read(candidate.id, Ledger(tuple(examples), tuple(missing), total)))

    def on_savings_tab_read(self, event: Read) -> None:
        """Draw the bars of what is known by now."""
        if self.view and event.candidate_id == self.view.candidate.id:
            self._ledger = event.ledger
            self._draw()


def _saved(view: CandidateView) -> tuple[str, Savings]:
    """What the bars are drawn of; runs may change under one source hash, and the candidate's id with none of them."""
    return view.candidate.id, view.candidate.savings
