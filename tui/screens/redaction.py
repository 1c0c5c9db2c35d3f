"""What was taken out of a crashpack or bundle, by which rule, before it is exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from core.artifacts.redact import PLAIN, Redactor
from core.artifacts.redaction_review import Finding
from core.live.clock import utc_now
from core.live.reviewing import Reviewing
from core.live.snapshot import Snapshot
from core.model.errors import AssayError, InputError
from core.review.exporting import Source, candidate_source, crashpack_source, reviewed
from core.review.standings import present
from core.review.verify_bundle import AsItStands
from core.review.vouching import checked
from core.store.redaction_edit import Why, add_rule, keep
from core.store.workspace import Workspace
from tui.actions import bindings
from tui.screens.closing import Closing
from tui.screens.exporting import ExportDialog
from tui.screens.redaction_rule import Exempt, ExemptDialog, Extra, ExtraDialog
from tui.text import plain
from tui.views.redaction import choices, detail, note, nothing, row, title
from tui.widgets.document import Document
from tui.widgets.frame import Header, Keys
from tui.widgets.lines import Lines

Load = Callable[[Workspace | None, Redactor], Source]
"""Makes or reads what is exported. Raises an AssayError."""


class RedactionScreen(Closing[None]):
    """A table of all redacted places; from here the export goes on."""

    BINDINGS = bindings("redaction")
    AUTO_FOCUS = "Lines"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (132, "-wide")]

    @dataclass
    class Looked(Message):
        """What is exported was made and gone through, or that failed."""

        source: Source | None
        found: tuple[Finding, ...] = ()
        trouble: str = ""

    def __init__(self, reviewing: Reviewing, load: Load) -> None:
        super().__init__()
        self.reviewing, self._load = reviewing, load
        self._source: Source | None = None
        self._found: dict[str, Finding] = {}

    @classmethod
    def of_crashpack(cls, reviewing: Reviewing, name: str) -> RedactionScreen:
        """The review of a crashpack of the workspace."""

        def load(store: Workspace | None, _: Redactor) -> Source:
            source = crashpack_source(store, name, reviewing.snapshot) if store else None
            if source is None:
                raise InputError(f"the crashpack {name} is not in the workspace")
            return source

        return cls(reviewing, load)

    @classmethod
    def of_candidate(cls, reviewing: Reviewing, lineage: str) -> RedactionScreen:
        """The review of a candidate's bundle, with its skill if the replay gate accepts it."""

        def load(store: Workspace | None, redactor: Redactor) -> Source:
            snapshot = reviewing.snapshot
            view = next((view for view in snapshot.candidates if view.lineage == lineage), None)
            if view is None or store is None:
                raise InputError(f"{lineage} is no longer listed")
            return candidate_source(store, view, snapshot, reviewing.trace, redactor).with_skill()

        return cls(reviewing, load)

    def compose(self) -> ComposeResult:
        """Frame, title, the places and the selected one."""
        yield Header()
        yield Static(plain("Looking through what leaves …"), id="redaction-title", markup=False)
        yield Static(id="redaction-note", markup=False)
        with Container(id="body"):
            yield Lines(self._paint)
            yield Document(id="redaction-detail")
        yield Static(id="empty", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one("#body").display = False
        self._look()

    def show(self, snapshot: Snapshot) -> None:
        """What is exported was fixed when it was looked through; it does not change behind one's back."""

    @work(thread=True, exclusive=True, group="look")
    def _look(self) -> None:
        try:
            store, redactor = self._workspace()
            source = self._vouched(self._load(store, redactor), store, redactor)
            found = reviewed(source, self.reviewing.trace, redactor)
        except (AssayError, OSError) as error:
            self.post_message(self.Looked(None, (), str(error)))
        else:
            self.post_message(self.Looked(source, found))

    def _vouched(self, source: Source, store: Workspace | None, redactor: Redactor) -> Source:
        snapshot = self.reviewing.snapshot
        if store is None:
            return source
        now = AsItStands(present(snapshot.candidates, redactor))
        return checked(source, store, snapshot.journal.decisions, redactor, now)

    def _workspace(self) -> tuple[Workspace | None, Redactor]:
        store = Workspace.open(self.reviewing.traces, self.reviewing.workspace, create=False)
        return store, store.redactor(store.load_policy()) if store.exists else PLAIN

    @on(Looked)
    def _show(self, event: Looked) -> None:
        self._source = event.source
        self._found = {f"{number}": finding for number, finding in enumerate(event.found)}
        self.query_one(Lines).show(list(self._found))
        heading, told = self.query_one("#redaction-title", Static), self.query_one("#redaction-note", Static)
        if event.source is None:
            heading.update(plain(event.trouble, "$text-error"))
            told.update(Content())
        else:
            heading.update(title(event.source))
            told.update(note(event.source, event.found))
        self._say_empty(event.source)
        self._detail()
        self.refresh_bindings()

    def _say_empty(self, source: Source | None) -> None:
        """The list, or why there is nothing in it."""
        empty = self.query_one("#empty", Static)
        self.query_one("#body").display = bool(self._found)
        empty.display = source is not None and not self._found
        if source is not None:
            empty.update(nothing(source))
        (self.query_one(Lines) if self._found else self).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that need something to work on are dim until it is there."""
        if not self.is_mounted or action not in ("export", "exempt"):
            return True
        return True if (self.selected if action == "exempt" else self._source) is not None else None

    @on(Lines.Moved)
    def follow(self) -> None:
        """Tell all about the selected place."""
        self._detail()

    @property
    def selected(self) -> Finding | None:
        """The selected place."""
        return self._found.get(self.query_one(Lines).selected or "")

    def _detail(self) -> None:
        if (finding := self.selected) is not None:
            found = tuple(self._found.values())
            self.query_one("#redaction-detail", Document).show(partial(detail, finding, found))

    def _paint(self, key: str, width: int) -> Content:
        return row(self._found[key], width)

    def action_export(self) -> None:
        """Go on: ask where the archive goes."""
        if self._source is not None:
            self.app.push_screen(ExportDialog(self._source), self._exported)

    def _exported(self, done: bool | None) -> None:
        if done:
            self.dismiss(None)

    def action_exempt(self) -> None:
        """Ask what makes the selected place harmless."""
        if (finding := self.selected) is None:
            return
        if not choices(finding):
            self.app.notify("What it was is not at hand; make the exception in assay.toml.", markup=False)
            return
        self.app.push_screen(ExemptDialog(finding), self._change)

    def action_extra(self) -> None:
        """Ask for a rule of one's own."""
        self.app.push_screen(ExtraDialog(), self._change)

    def _change(self, wanted: Exempt | Extra | None) -> None:
        if wanted is not None:
            self._write(wanted)

    @work(thread=True, exit_on_error=False)
    def _write(self, wanted: Exempt | Extra) -> None:
        try:
            store = Workspace.open(self.reviewing.traces, self.reviewing.workspace, create=False)
            why = Why(self.reviewing.reviewer, utc_now(), wanted.reason)
            with store.locked(why.actor):
                if isinstance(wanted, Exempt):
                    keep(store.policy_file, wanted.kind, wanted.text, why, disk=store.disk)
                else:
                    add_rule(store.policy_file, wanted.rule, wanted.pattern, why, disk=store.disk)
        except (AssayError, OSError) as error:
            self.app.call_from_thread(self.app.notify, str(plain(str(error))), severity="error", markup=False)
        else:
            self.app.call_from_thread(self.app.notify, "The policy says so now.", markup=False)
            self.app.call_from_thread(self._look)

    def action_leave(self) -> None:
        """Go back; nothing is written."""
        self.dismiss(None)
