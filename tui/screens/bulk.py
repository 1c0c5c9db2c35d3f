"""One dialog that rejects or sends back several candidates, each bound to what was shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from core.live.reviewing import Outcome, Refused, Request, Reviewing
from core.live.snapshot import CandidateView, Snapshot
from core.model.decision import DecisionKind
from core.model.errors import AssayError
from core.model.text import is_blank, plural
from tui import crash, settings, words
from tui.actions import bindings
from tui.read_only import barred
from tui.screens.closing import Dialog
from tui.screens.decision_parts import Confirm, Reading, ReasonInput
from tui.shell import shell
from tui.text import plain
from tui.views.deciding import TITLES, Case, command
from tui.views.drift import drifts
from tui.views.line import Line, bullet, heading, paragraph, text

BULK: tuple[DecisionKind, ...] = ("reject", "needs_work")
"""What can be decided in bulk; approvals are given one by one, after reading."""


class BulkDialog(Dialog[frozenset[str] | None]):
    """Lists what is affected, asks for one reason, and tells of each candidate what came of it.

    Ends with the lineages that were recorded; None when nothing was asked for.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("bulk")

    def __init__(self, reviewing: Reviewing, views: Sequence[CandidateView], kind: DecisionKind) -> None:
        super().__init__()
        if kind not in BULK:
            raise ValueError(f"{kind} is decided one by one")
        self.reviewing, self.kind = reviewing, kind
        policy = reviewing.snapshot.policy
        why = barred(reviewing)
        self.cases = {v.lineage: Case(v, kind, reviewing.reviewer, policy, barred=why) for v in views}
        self._said: dict[str, tuple[str, str]] = {}
        """What came of a candidate, or what changed about it meanwhile: a sentence and its style."""
        self._recorded: set[str] = set()
        self._busy = self._done = False

    def compose(self) -> ComposeResult:
        """What happens, to whom, why, and the buttons."""
        past = [d.reason for d in self.reviewing.snapshot.journal.decisions if d.kind == self.kind and d.reason]
        hint = "reason, required by the policy" if self._needs_reason else "reason for all of them (optional)"
        title = f"{TITLES[self.kind]} {plural(len(self.cases), 'candidate')}"
        with Vertical(id="bulk") as dialog:
            dialog.border_title = plain(title)
            with VerticalScroll(id="bulk-scroll"):
                yield Reading(self._lines, id="bulk-list")
            yield ReasonInput(tuple(dict.fromkeys(reversed(past))), placeholder=f"{hint}; ↑ ↓ recall", id="reason")
            with Horizontal(id="bulk-buttons"):
                yield Confirm(f"{title}  ^S", id="confirm")
                yield Button("Cancel  Esc", id="cancel")
            yield Static(id="bulk-missing", markup=False)

    def on_mount(self) -> None:
        """The reason comes first."""
        self._update()
        self.set_focus(self.query_one(ReasonInput))

    def show(self, snapshot: Snapshot) -> None:
        """The live state changed: say of which candidates that matters."""
        if self._busy or self._done:
            return
        for lineage, changed in zip(self.cases, drifts(self.cases.values(), snapshot), strict=True):
            if changed.lines:
                self._said[lineage] = (changed.lines[0], "$text-error" if changed.blocking else "$text-warning")
            else:
                self._said.pop(lineage, None)
        self._tell()

    @property
    def _needs_reason(self) -> bool:
        return any(case.needs_reason for case in self.cases.values())

    @property
    def missing(self) -> str:
        """What stands between the reader and the confirmation; empty when nothing does."""
        if self._needs_reason and is_blank(self.query_one(ReasonInput).value):
            return "a reason"
        return ""

    def _lines(self, width: int) -> list[Line]:
        verb = {"reject": "Reject", "needs_work": "Send back"}[self.kind]
        actor = self.reviewing.reviewer
        said = f"{verb} each of these as {actor}; every one is a decision of its own in the journal."
        lines = [*paragraph(plain(said), width), *heading(plural(len(self.cases), "candidate"))]
        for lineage, case in self.cases.items():
            sign, risk = words.STATUS[case.view.status], words.RISK[case.view.risk]
            told = Content.assemble(plain(case.view.label, "bold"), "  ", (str(sign), sign.style), "  ", f"risk {risk}")
            edge = text("✓ ", "$success") if lineage in self._recorded else text("· ", "$text-muted")
            lines += bullet(edge, told, width)
            if lineage in self._said:
                what, style = self._said[lineage]
                lines += bullet(text("    "), plain(what, style), width)
        return lines

    def _tell(self) -> None:
        """Show what came of one, or what changed about it."""
        self._update()
        self.query_one(Reading).refresh(layout=True)

    def _update(self) -> None:
        """Show what is still needed; the list, which may be long, does not change with every letter of a reason."""
        missing = self.missing
        self.query_one("#confirm", Confirm).disabled = bool(missing) or self._busy or self._done
        self.query_one("#cancel", Button).disabled = self._busy
        self.query_one(ReasonInput).disabled = self._done
        said = f"still needed: {missing}" if missing else ""
        if self._busy:
            said = f"recording: {len(self._recorded)} of {len(self.cases)} done …"
        if self._done:
            said = f"{len(self._recorded)} of {len(self.cases)} recorded; the others are as they were. Esc closes."
        self.query_one("#bulk-missing", Static).update(plain(said, "$text-warning"))

    @on(Input.Changed)
    def _given(self) -> None:
        self._update()

    @on(Input.Submitted)
    def _next(self) -> None:
        """Enter goes on to the buttons; it never confirms."""
        self.focus_next()

    @on(Button.Pressed, "#confirm")
    def action_confirm(self) -> None:
        """Record one decision after the other, once everything is given."""
        if self._busy or self._done:
            return
        if self.missing:
            self.app.bell()
            self.query_one(ReasonInput).focus()
            return
        self._busy = True
        reason = self.query_one(ReasonInput).value.strip()
        requests = [
            Request(
                kind=self.kind,
                lineage=lineage,
                behaviour_digest=case.view.behaviour_digest,
                actor=case.actor,
                reason=reason,
                seen=case.view,
                command=command(case, self.reviewing, reason),
            )
            for lineage, case in self.cases.items()
        ]
        self._update()
        self._record(requests)

    @work(thread=True, exit_on_error=False)
    def _record(self, requests: Sequence[Request]) -> None:
        for request in requests:
            try:
                outcome = self.reviewing.decide(request)
            except (AssayError, OSError) as error:
                reasons = error.reasons if isinstance(error, Refused) else (str(error),)
                self.app.call_from_thread(self._refused, request.lineage, "; ".join(reasons))
            except Exception as error:  # noqa: BLE001 - it is reported, and the others are gone on with
                self.app.call_from_thread(self._broken, request.lineage, crash.record(error, settings.folder()))
            else:
                self.app.call_from_thread(self._one_recorded, request.lineage, outcome)
        self.app.call_from_thread(self._finish)

    def _one_recorded(self, lineage: str, outcome: Outcome) -> None:
        self._recorded.add(lineage)
        self._said.pop(lineage, None)
        shell(self).recorded(outcome)
        if outcome.trouble:
            self._said[lineage] = (f"recorded, but not finished: {outcome.trouble}", "$text-warning")
        self._tell()

    def _refused(self, lineage: str, why: str) -> None:
        self._said[lineage] = (f"not recorded: {why}", "$text-error")
        self._tell()

    def _broken(self, lineage: str, why: str) -> None:
        self._said[lineage] = (f"the journal (J) tells whether it is recorded: {why}", "$text-error")
        self._tell()

    def _finish(self) -> None:
        """Close when all went well; else stay, and say what did not."""
        self._busy, self._done = False, True
        if not self._said:
            told = f"{plural(len(self._recorded), 'candidate')} {words.DECISION[self.kind]}"
            self.app.notify(f"{told} as {plain(self.reviewing.reviewer)}", title="Recorded", markup=False)
            self.dismiss(frozenset(self._recorded))
            return
        self._update()
        self.query_one("#cancel", Button).focus()

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close; not while decisions are being written."""
        if not self._busy:
            self.dismiss(frozenset(self._recorded) if self._done else None)

    @property
    def is_recording(self) -> bool:
        """Whether decisions are being written just now."""
        return self._busy

    def action_copy(self) -> None:
        """Copy the lineages that are listed."""
        shell(self).copy("\n".join(self.cases))
