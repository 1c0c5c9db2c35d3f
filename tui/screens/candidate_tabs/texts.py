"""The tabs that are read from top to bottom: overview and promotion."""

from __future__ import annotations

from textual.app import ComposeResult

from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView, Snapshot
from core.store.policy import Policy
from tui.actions import bindings
from tui.screens.candidate_tabs.base import CandidateTab
from tui.shell import shell
from tui.views.allowing import withdrawn
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
            self.refresh_bindings()
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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Rules are withdrawn where there are any."""
        return bool(self.view and self.view.rules) if action == "withdraw" else True

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
