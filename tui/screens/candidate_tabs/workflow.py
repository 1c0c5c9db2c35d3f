"""The workflow tab: the files that a promotion writes, and how they differ from what was approved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message

from core.crashpack.rederive import CANDIDATE
from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView, Snapshot
from core.model.candidate import Candidate
from core.model.decision import Decision
from core.model.errors import AssayError
from core.model.jsontext import JsonError, parse
from core.model.record import DecodeError
from core.store.places import plain_name
from tui.actions import bindings
from tui.screens.candidate_tabs.base import CandidateTab
from tui.views.workflow import Approved, texts, workflow_lines
from tui.widgets.document import Document


class WorkflowTab(CandidateTab):
    """What would be written now; the approved version is read from its crashpack in the background."""

    BINDINGS = [*bindings("workflow")]

    @dataclass
    class Read(Message):
        """The approved version was read, or could not be."""

        approved: Approved

    def __init__(self, reviewing: Reviewing, *, id: str) -> None:  # noqa: A002
        super().__init__(reviewing, id=id)
        self.document = Document()
        self._approved: Approved | None = None
        self._whole = False

    def compose(self) -> ComposeResult:
        """The document."""
        yield self.document

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """The generated workflow, then its evaluation pack."""
        before, self.view = self.view, view
        decision = last_approval(view)
        if decision is None or self._approved is None or self._approved.decision != decision:
            self._approved = None
            if decision is not None:
                self._read(decision)
        if before is None or view.candidate != before.candidate or decision is None:
            self._draw()

    def activate(self) -> None:
        """Let the keys scroll."""
        self.document.focus()

    @work(thread=True, exclusive=True, group="approved")
    def _read(self, decision: Decision) -> None:
        self.post_message(self.Read(approved_version(self.reviewing.workspace, decision)))

    @on(Read)
    def _show(self, event: Read) -> None:
        if self.view is not None and last_approval(self.view) == event.approved.decision:
            self._approved = event.approved
            self._draw()

    def _draw(self) -> None:
        if self.view is not None:
            files, approved, whole = texts(self.view.candidate), self._approved, self._whole
            self.document.show(lambda width: workflow_lines(files, approved, width, whole=whole))

    def action_fold(self) -> None:
        """Show long lines in full, or only how they begin."""
        self._whole = not self._whole
        self._draw()


def last_approval(view: CandidateView) -> Decision | None:
    """The newest approval of a lineage; None when there is none."""
    return next((decision for decision in reversed(view.decisions) if decision.kind == "approve"), None)


def approved_version(workspace: Path, decision: Decision) -> Approved:
    """The files of the version that a decision approved, as its crashpack keeps it (redacted)."""
    if decision.crashpack is None:
        return Approved(decision, trouble="the approval left no crashpack")
    try:
        path = workspace / "crashpacks" / plain_name(decision.crashpack.name) / CANDIDATE
        return Approved(decision, texts(Candidate.decode(parse(path.read_bytes()))))
    except (AssayError, OSError, JsonError, DecodeError) as error:
        return Approved(decision, trouble=str(error))
