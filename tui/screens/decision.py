"""The dialog that records a decision: everything to read first, then the confirmation, and never by accident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from core.live.reviewing import Outcome, Refused, Request, Reviewing
from core.live.snapshot import CandidateView, Snapshot
from core.model.decision import DecisionKind
from core.model.errors import AssayError
from core.model.text import is_blank, plural
from tui.actions import bindings
from tui.read_only import barred
from tui.screens.closing import Dialog
from tui.screens.decision_particulars import Particulars
from tui.screens.decision_parts import Confirm, Meanwhile, Reading, ReadingScroll, ReasonInput
from tui.shell import shell
from tui.text import plain, stacked
from tui.views.allowing import About
from tui.views.deciding import TITLES, Case, closing, command, happening, in_full, is_named, opening, refusal
from tui.views.drift import Drift, drift
from tui.widgets.checklist import Checklist, Tick


class DecisionDialog(Dialog[Outcome | None]):
    """Bound to the view it was opened with: what is confirmed is what was read, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("decision")

    def __init__(
        self,
        reviewing: Reviewing,
        view: CandidateView,
        kind: DecisionKind,
        detail: Mapping[str, object] | None = None,
        about: About = (),
    ) -> None:
        super().__init__(classes=kind)
        self.reviewing = reviewing
        policy = reviewing.snapshot.policy
        self.case = Case(view, kind, reviewing.reviewer, policy, detail or {}, about, barred(reviewing))
        self.particulars = Particulars(self.case)
        self._drift = Drift()
        self._refused: Refused | None = None
        self._busy = False
        self._ready = False
        self._room = 0
        """Rows that are left for what there is to read."""

    def compose(self) -> ComposeResult:
        """Title, the part to read, the part to fill in, and the buttons."""
        self.case = replace(self.case, opened=shell(self).reading.of(self.case.view))
        title = TITLES[self.case.kind]
        past = [d.reason for d in self.reviewing.snapshot.journal.decisions if d.kind == self.case.kind and d.reason]
        with Vertical(id="dialog") as dialog:
            dialog.border_title = plain(title)
            yield Reading(lambda width: happening(self.case, width, self._headroom), id="dialog-said")
            with ReadingScroll(id="dialog-scroll"):
                yield Static(id="dialog-refusal", markup=False)
                yield Reading(lambda width: in_full(self.case, width, self._headroom), id="dialog-full")
                yield Reading(lambda width: opening(self.case, width), id="dialog-opening")
                yield from self._warnings()
                yield Reading(lambda width: closing(self.case, width), id="dialog-closing")
            yield Meanwhile(id="dialog-drift", markup=False)
            yield self.particulars
            with Horizontal(id="reason-field", classes="field"):
                yield Static("reason", markup=False)
                draft = shell(self).reading.drafts.get((self.case.view.lineage, self.case.kind), "")
                given = tuple(dict.fromkeys(reversed(past)))
                yield ReasonInput(given, value=draft, placeholder=self._reason_hint(), id="reason")
            with Horizontal(id="name-field", classes="field"):
                yield Static("name", markup=False)
                yield Input(id="typed-name", placeholder="high risk: type the workflow's name", compact=True)
            with Horizontal(id="dialog-buttons"):
                yield Confirm(f"{title}  ^S", id="confirm")
                yield Button("Look again  ^R", id="again")
                yield Button("Cancel  Esc", id="cancel")
            yield Static(id="dialog-missing", markup=False)

    def _warnings(self) -> ComposeResult:
        if self.case.warnings and not self.case.obstacles:
            told = "Warnings: tick each one that you have weighed (Space)"
            yield Static(plain(told, "bold"), id="warnings-title", markup=False)
            yield Checklist(self.case.warnings, id="warnings")

    @property
    def _headroom(self) -> int:
        """Rows that the sentence above what scrolls may take."""
        return max(self.size.height // 4, 2)

    def _reason_hint(self) -> str:
        needed = "required by the policy" if self.case.needs_reason else "optional"
        return f"{needed}; ↑ ↓ recall earlier ones"

    def on_mount(self) -> None:
        """Focus what has to be given first, never the confirmation."""
        self._ready = True
        # Not when something is drawn: how high a part is shows only when all are laid out.
        self.screen_layout_refresh_signal.subscribe(self, lambda _: self._make_room())
        self._update()
        self.set_focus(self._first())

    def _first(self) -> Widget:
        ticks = list(self.query(Tick))
        if self.case.obstacles:
            return self.query_one("#cancel")
        if self.particulars.first is not None:
            return self.particulars.first
        return ticks[0] if ticks else self.query_one(ReasonInput)

    def show(self, snapshot: Snapshot) -> None:
        """The live state changed: say what that means for the open dialog."""
        self._drift = drift(self.case, snapshot)
        if self._ready and not self._busy:
            self._update()

    @property
    def is_recording(self) -> bool:
        """Whether the decision is being written just now."""
        return self._busy

    @property
    def missing(self) -> tuple[str, ...]:
        """What stands between the reader and the confirmation."""
        if self.case.obstacles:
            return ("it cannot be recorded now",)
        if self._drift.blocking or (self._refused is not None and self._refused.stale):
            return ("look again first",)
        found = list(self.particulars.missing)
        if unticked := sum(len(checklist.unticked) for checklist in self.query(Checklist)):
            found.append(f"{plural(unticked, 'warning')} to tick")
        if self.case.needs_reason and is_blank(self.query_one(ReasonInput).value):
            found.append("a reason")
        if (name := self.case.name_to_type) and not is_named(self.query_one("#typed-name", Input).value, name):
            found.append(f"the name, typed: {name}")
        return tuple(found)

    def _update(self) -> None:
        """Bring buttons and notices in line with what is given."""
        missing = self.missing
        blocked = bool(self.case.obstacles)
        self.query_one("#confirm", Confirm).disabled = bool(missing) or self._busy
        self.query_one("#cancel", Button).disabled = self._busy
        stale = self._drift.blocking or (self._refused is not None and self._refused.stale)
        self.query_one("#again").display = stale and not self._busy
        self.query_one("#name-field").display = bool(self.case.name_to_type) and not blocked
        self.query_one("#reason-field").display = self.particulars.display = not blocked
        said = "recording …" if self._busy else f"still needed: {', '.join(missing)}" if missing else ""
        said = "nothing can be recorded; Esc closes" if blocked else said
        self.query_one("#dialog-missing", Static).update(plain(said, "$text-warning"))
        self.query_one(Meanwhile).show(self._drift)
        self._show_refusal()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        for notice in self.query(Meanwhile):
            notice.show(self._drift)

    def _make_room(self) -> None:
        """Fields and buttons are always on the screen; what there is to read scrolls in the rest."""
        others = [w for w in self.query_one("#dialog").children if w.display and w.id != "dialog-scroll"]
        room = max(self.size.height - 2 - sum(widget.outer_size.height for widget in others), 2)
        if room == self._room:
            return
        self._room = room
        self.query_one("#dialog-scroll").styles.max_height = room
        if isinstance(self.focused, Tick):
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    def _show_refusal(self) -> None:
        box = self.query_one("#dialog-refusal", Static)
        box.display = self._refused is not None
        if self._refused is not None:
            width = max(self.query_one("#dialog-scroll").scrollable_content_region.width - 4, 20)
            box.update(stacked(line.content for line in refusal(self.case.view, self._refused, width)))

    @on(Tick.Changed)
    @on(Input.Changed)
    def _given(self) -> None:
        self._update()

    @on(Input.Submitted)
    def _next(self) -> None:
        """Enter in a field goes on to the next one; it never confirms."""
        self.focus_next()

    @on(Button.Pressed, "#confirm")
    def action_confirm(self) -> None:
        """Record the decision, once and only when everything is given."""
        if self._busy:
            return
        if self.missing:
            self.app.bell()
            self._first_missing().focus()
            return
        self._busy, self._refused = True, None
        self._update()
        reason = self.query_one(ReasonInput).value.strip()
        detail = self.particulars.detail
        ticked = tuple(said for checklist in self.query(Checklist) for said in checklist.ticked)
        self._record(
            Request(
                kind=self.case.kind,
                lineage=self.case.view.lineage,
                behaviour_digest=self.case.view.behaviour_digest,
                actor=self.case.actor,
                reason=reason,
                seen=self.case.view,
                acknowledged=ticked,
                command=command(self.case, self.reviewing, reason, detail),
                detail=detail,
            )
        )

    def _first_missing(self) -> Widget:
        for checklist in self.query(Checklist):
            if checklist.unticked:
                return checklist.unticked[0]
        if self.particulars.missing and self.particulars.first is not None:
            return self.particulars.first
        reason = self.query_one(ReasonInput)
        if self.case.needs_reason and is_blank(reason.value):
            return reason
        return self.query_one("#typed-name" if self.query_one("#name-field").display else "#cancel")

    @work(thread=True, exit_on_error=False)
    def _record(self, request: Request) -> None:
        try:
            outcome = self.reviewing.decide(request)
        except Refused as refused:
            self.app.call_from_thread(self._failed, refused)
        except (AssayError, OSError) as error:
            self.app.call_from_thread(self._failed, Refused((str(error),)))
        except Exception as error:  # noqa: BLE001 - it is raised again where screens fail
            self.app.call_from_thread(self.call_later, self._give_up, error)
        else:
            self.app.call_from_thread(self._recorded, outcome)

    def _recorded(self, outcome: Outcome) -> None:
        self._keep_draft("")
        self.dismiss(outcome)

    def _failed(self, refused: Refused) -> None:
        """Say in the dialog why nothing was recorded; what was typed and ticked stays."""
        self._busy, self._refused = False, refused
        self._update()
        self.query_one("#dialog-scroll").scroll_home(animate=False)
        self.query_one("#again" if refused.stale else "#cancel").focus()

    def _give_up(self, error: Exception) -> None:
        """Have a fault of the program closed and reported as that of any screen; what was written stays."""
        self._busy = False
        self._keep_draft(self.query_one(ReasonInput).value)
        raise error

    @on(Button.Pressed, "#again")
    async def action_again(self) -> None:
        """Bind the dialog to the candidate as it is now; warnings have to be ticked anew."""
        if self._busy or not self.query_one("#again").display:
            return
        fresh = self._refused.fresh if self._refused else None
        view = self.reviewing.snapshot.view(self.case.view.lineage) or fresh
        if view is None:
            self.dismiss(None)
            return
        opened = shell(self).reading.of(view)
        self.case = replace(self.case, view=view, policy=self.reviewing.snapshot.policy, opened=opened)
        self.particulars.case = self.case
        self.query_one(ReasonInput).placeholder = self._reason_hint()
        self._refused, self._drift = None, drift(self.case, self.reviewing.snapshot)
        scroll = self.query_one("#dialog-scroll")
        await scroll.query("#warnings, #warnings-title").remove()
        await scroll.mount(*self._warnings(), after="#dialog-opening")
        self.query_one("#typed-name", Input).value = ""
        for reading in self.query(Reading):
            reading.refresh(layout=True)
        self._update()
        scroll.scroll_home(animate=False)
        self._first().focus()

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Close without recording anything; not while a decision is being written."""
        if not self._busy:
            self._keep_draft(self.query_one(ReasonInput).value)
            self.dismiss(None)

    def _keep_draft(self, reason: str) -> None:
        """What was written stays for the next time; nothing does after a decision."""
        shell(self).reading.drafts[self.case.view.lineage, self.case.kind] = reason
