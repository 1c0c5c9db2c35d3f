"""The dialogs that change what is taken out: an exception, or a rule of one's own; both with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, RadioButton, RadioSet, Static

from core.artifacts.redaction_review import Finding
from core.model.text import is_blank
from core.store.redaction_edit import KeepKind
from tui.actions import bindings
from tui.screens.closing import Dialog
from tui.text import plain
from tui.views.redaction import choices


@dataclass(frozen=True, slots=True)
class Exempt:
    """An exception that somebody wants."""

    kind: KeepKind
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A rule that somebody wants."""

    rule: str
    pattern: str
    reason: str


class ExemptDialog(Dialog[Exempt | None]):
    """Asks what of a place makes it harmless, and why."""

    BINDINGS = bindings("redaction_rule")
    AUTO_FOCUS = "RadioSet"

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._choices = choices(finding)
        self._rule = finding.rule

    def compose(self) -> ComposeResult:
        """The choices and the reason."""
        with Vertical(classes="redaction-dialog") as box:
            box.border_title = "Exception"
            yield Static(plain(f"Redacted by {self._rule}. From now on, keep it because"), markup=False)
            with RadioSet():
                for number, (_, _, told) in enumerate(self._choices):
                    yield RadioButton(plain(told), value=number == 0)
            yield Input(placeholder="why it is no secret", id="reason", compact=True)
            yield Static(plain("Enter in the reason, or Ctrl+S, confirms · Esc cancels", "$text-muted"), id="told")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_confirm()

    def action_confirm(self) -> None:
        """Take what was chosen, once there is a reason."""
        reason, chosen = self.query_one("#reason", Input).value, self.query_one(RadioSet).pressed_index
        if is_blank(reason):
            self.query_one("#told", Static).update(
                plain("Give a reason: it is written into the policy.", "$text-error")
            )
            self.query_one("#reason").focus()
            return
        kind, text, _ = self._choices[max(chosen, 0)]
        self.dismiss(Exempt(kind, text, reason))

    def action_cancel(self) -> None:
        """Close the dialog; nothing is changed."""
        self.dismiss(None)


class ExtraDialog(Dialog[Extra | None]):
    """Asks for a rule of one's own, and why."""

    BINDINGS = bindings("redaction_rule")
    AUTO_FOCUS = "#rule"

    def compose(self) -> ComposeResult:
        """The rule's id, its pattern and the reason."""
        with Vertical(classes="redaction-dialog") as box:
            box.border_title = "Rule"
            yield Static(plain("Take out whatever a regular expression (RE2) matches"), markup=False)
            yield Input(placeholder="id, for example customer_number", id="rule", compact=True)
            yield Input(placeholder="pattern, for example CUST-[0-9]{6}", id="pattern", compact=True)
            yield Input(placeholder="why it is secret", id="reason", compact=True)
            yield Static(plain("Enter goes on, Ctrl+S confirms · Esc cancels", "$text-muted"), id="told")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "reason":
            self.action_confirm()
        else:
            self.focus_next()

    def action_confirm(self) -> None:
        """Take the rule, once all is given."""
        values = {name: self.query_one(f"#{name}", Input).value.strip() for name in ("rule", "pattern", "reason")}
        for name, value in values.items():
            if is_blank(value):
                self.query_one("#told", Static).update(plain(f"Give the {name} as well.", "$text-error"))
                self.query_one(f"#{name}").focus()
                return
        self.dismiss(Extra(**values))

    def action_cancel(self) -> None:
        """Close the dialog; nothing is changed."""
        self.dismiss(None)
