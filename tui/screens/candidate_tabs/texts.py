"""The tabs that are read from top to bottom: overview, workflow and promotion."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from core.artifacts.eval_pack import eval_pack_text
from core.artifacts.workflow import candidate_workflow_text
from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView, Snapshot
from core.model.candidate import Candidate
from core.model.text import visible
from core.store.policy import Policy
from tui.actions import bindings
from tui.screens.candidate_tabs.base import CandidateTab
from tui.shell import shell
from tui.views.allowing import withdrawn
from tui.views.folding import fold
from tui.views.line import Line, heading, text
from tui.views.overview import overview
from tui.views.promotion import FOLDER, PACK, RULE, promotion_lines
from tui.widgets.document import Document


class TextTab(CandidateTab):
    """One document."""

    def __init__(self, reviewing: Reviewing, *, id: str) -> None:  # noqa: A002
        super().__init__(reviewing, id=id)
        self.document = Document()

    def compose(self) -> ComposeResult:
        """The document."""
        yield self.document

    def activate(self) -> None:
        """Let the keys scroll."""
        self.document.focus()


class OverviewTab(TextTab):
    """What the workflow does."""

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """Steps, parameters and warnings."""
        if view != self.view:
            self.view = view
            self.document.show(lambda width: overview(view, width))


class PromotionTab(TextTab):
    """Criteria, decisions, digests and files."""

    BINDINGS = [*bindings("promotion")]

    _policy: Policy | None = None

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """Where the promotion stands."""
        if view != self.view or snapshot.policy != self._policy:
            self.view, self._policy = view, snapshot.policy
            workspace = self.reviewing.workspace
            self.document.show(lambda width: promotion_lines(view, snapshot.policy, workspace, width))

    def on_document_opened(self, event: Document.Opened) -> None:
        """Enter on a crashpack opens it, on a rule asks whether to withdraw it."""
        event.stop()
        for kind in (PACK, FOLDER):
            if event.key.startswith(kind):
                shell(self).open_crashpack(event.key.removeprefix(kind))
        if event.key.startswith(RULE):
            self.action_withdraw()

    def action_withdraw(self) -> None:
        """Ask whether to withdraw the selected allow rule."""
        number = self.document.selected.removeprefix(RULE)
        rule = next((rule for rule in self.view.rules if str(rule.seq) == number), None) if self.view else None
        if self.view is None or rule is None:
            self.app.notify("Select one of the allow rules in force first.", markup=False, timeout=3)
            return
        self.post_message(self.DecisionWanted("withdraw", *withdrawn(self.view, rule)))

    def copied(self) -> str:
        """The crashpack's name under the cursor."""
        kind, _, name = self.document.selected.partition(":")
        return name if f"{kind}:" in (PACK, FOLDER) else ""


class WorkflowTab(TextTab):
    """The files that a promotion would write."""

    def show(self, view: CandidateView, snapshot: Snapshot) -> None:
        """The generated workflow, then its evaluation pack."""
        if self.view is None or view.candidate != self.view.candidate:
            files = texts(view.candidate)
            self.document.show(lambda width: workflow_lines(files, width))
        self.view = view


def texts(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """The generated files, by name."""
    return (("workflow.harn", candidate_workflow_text(candidate)), ("harn.eval.toml", eval_pack_text(candidate)))


def workflow_lines(files: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """Files one below the other with line numbers; comments and section heads are quieter."""
    lines: list[Line] = []
    for name, body in files:
        lines += heading(name)
        for number, line in enumerate(body.removesuffix("\n").split("\n"), 1):
            content = text(f"{number:>4}  ", "$text-disabled") + text(visible(line, lines=True), _style(line))
            lines += (Line(part) for part in fold(content, width, 8))
    return lines


def _style(line: str) -> str:
    start = line.lstrip()
    if start.startswith(("// review_required", "// approval_required", "// side_effect")):
        return "$text-warning"
    if start.startswith(("//", "/**", "*", "#")):
        return "$text-muted"
    return "bold" if start.startswith(("[", "pipeline ")) else ""
