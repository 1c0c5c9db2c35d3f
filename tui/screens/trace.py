"""One run: its actions with the matched window marked, the selected one's payloads, and a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from core.live.reviewing import Reviewing
from core.live.snapshot import Activity, Snapshot
from core.model.errors import AssayError
from core.model.jsontext import Json, compact
from core.model.signature import Signature, occurrence, signatures
from core.model.text import plural, visible
from core.model.trace import Trace
from tui.actions import bindings
from tui.shell import shell
from tui.text import plain
from tui.views.trace import COLUMNS, Act, Window, columns, legend, matches, payloads, rows, summary, windows_of
from tui.widgets.find_input import NO_SEARCH, FindInput
from tui.widgets.frame import Header, Keys
from tui.widgets.json_view import JsonView
from tui.widgets.lines import Lines
from tui.widgets.table import Section, Table

SIDE_FROM = 120
"""Cells from which the payload stands beside the actions instead of below them."""


class TraceScreen(Screen[None]):
    """Shows a run; it is read in the background and searched there."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("trace")]

    @dataclass
    class Read(Message):
        """The run was read, or could not be."""

        trace: Trace | None
        window: tuple[int, int] | None = None
        windows: tuple[Window, ...] = ()
        rows: Mapping[str, Act] = field(default_factory=dict)
        trouble: str = ""

    @dataclass
    class Found(Message):
        """The search is done."""

        needle: str
        places: tuple[int, ...]
        again: bool = False
        """Whether nobody asked, as only the file changed: nothing is told, and nothing moves."""

    def __init__(
        self,
        reviewing: Reviewing,
        trace_id: str,
        window: tuple[int, int] | None,
        *,
        sequence: Sequence[Signature] = (),
        step: int = 0,
        lineage: str = "",
    ) -> None:
        """`window`, `sequence` and `lineage` are those of the candidate that it is opened for, `step` where in it."""
        super().__init__()
        self._lineage = lineage
        self.reviewing, self.trace_id, self.window = reviewing, trace_id, window
        self._sequence, self._step = tuple(sequence), step
        self._trace: Trace | None = None
        self._trouble = ""
        """Why it could not be read the last time."""
        self._seen: tuple[str, ...] = ()
        self._windows: tuple[Window, ...] = ()
        self._rows: Mapping[str, Act] = {}
        self._needle = ""
        self._found: tuple[int, ...] = ()
        self.table: Table[Act] = Table(COLUMNS, id="actions")
        self.payload = JsonView(id="payload")

    def compose(self) -> ComposeResult:
        """Frame, the run in a line, actions and payload, the search."""
        yield Header()
        yield Static(id="trace-title", markup=False)
        yield Static(id="trace-windows", markup=False)
        with Container(id="trace-panes"):
            yield self.table
            yield self.payload
        yield FindInput(placeholder="find in actions and payloads", id="trace-search")
        yield Keys()

    def on_mount(self) -> None:
        """Read the run."""
        self.query_one("#trace-search").display = False
        self.query_one("#trace-title", Static).update(plain(f"{self.trace_id}: reading …", "$text-muted"))
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        self.query_one("#trace-panes").set_class(event.size.width >= SIDE_FROM, "-wide")
        self._say_windows()

    def show(self, snapshot: Snapshot) -> None:
        """Read the run again when its file changed or came back, or when other candidates are there."""
        run = snapshot.runs.get(self.trace_id)
        if self._trace is not None:
            self._say_title()
        if run is None or (self._trace is None and not self._trouble):
            return
        other = self._trace is None or run.source_hash != self._trace.source_hash
        if self._trouble or other or self._about(snapshot) != self._seen:
            self._read()

    def _about(self, snapshot: Snapshot) -> tuple[str, ...]:
        """What is shown depends on: the run as its bytes are, and the candidates."""
        run = snapshot.runs.get(self.trace_id)
        return (run.sha256 if run else "", *(view.candidate.id for view in snapshot.candidates))

    def show_activity(self, activity: Activity) -> None:
        """The header says what goes on; this screen has nothing to add."""

    def _read(self) -> None:
        snapshot = shell(self).standing.snapshot
        self._seen = self._about(snapshot)
        self._read_run(snapshot)

    @work(thread=True, exclusive=True, group="read")
    def _read_run(self, snapshot: Snapshot) -> None:
        try:
            trace = self.reviewing.trace(self.trace_id)
        except (AssayError, OSError, ValueError) as error:
            self.post_message(self.Read(None, trouble=str(error)))
            return
        first = self.window
        if first is None and self._sequence:
            start = occurrence(self._sequence, signatures(trace))
            first = None if start is None else (start, start + len(self._sequence))
        windows = windows_of(trace, snapshot.candidates, first, self._lineage)
        self.post_message(self.Read(trace, first, windows, rows(trace, windows)))

    @on(Read)
    def _show(self, event: Read) -> None:
        first, self._trouble = self._trace is None, event.trouble
        self._trace = event.trace or self._trace
        self._say_title()
        if event.trace is None:
            if first:  # later somebody may be writing what to search for
                self.table.lines.focus()
            return
        self._windows, self._rows = event.windows, event.rows
        self.window = event.window
        self._say_windows()
        self.table.show_columns(columns(event.windows))
        self.table.show([Section("Actions", self._rows)])
        if first:
            self.table.lines.focus()
            own = next((w for w in self._windows if w.lineage == self._lineage), None) if self._lineage else None
            at = own.action_of(self._step) if own else (self.window[0] if self.window else 0) + self._step
            self.table.lines.select(f"a:{at}")
        self._show_payload()
        if self._needle and not first:
            self._find(event.trace, self._needle, again=True)

    def _say_title(self) -> None:
        """The run in a line; or why there is none, or why it is not the file that is there now."""
        title, trace = self.query_one("#trace-title", Static), self._trace
        gone = "" if self.trace_id in shell(self).standing.snapshot.runs else "its file is gone"
        trouble = self._trouble or (trace and gone) or ""
        title.set_class(bool(trouble), "-trouble")
        if trace is None:
            title.update(plain(f"{self.trace_id} cannot be read: {trouble}", "$text-error"))
        elif trouble:
            title.update(plain(f"{self.trace_id} is shown as it was read: {trouble}", "$text-error"))
        else:
            title.update(summary(trace))

    def _say_windows(self) -> None:
        line = self.query_one("#trace-windows", Static)
        line.display = bool(self._windows)
        line.update(legend(self._windows, max(self.size.width - 2, 20)))

    @on(Lines.Moved)
    def _show_payload(self) -> None:
        row = self.table.selected
        if row is not None:
            self.payload.show_parts(str(row.index), payloads(row.action), self._needle)

    @on(Lines.Opened)
    def action_payload(self) -> None:
        """Go to the payload, and back."""
        (self.table.lines if self.payload.has_focus else self.payload).focus()

    def action_window(self) -> None:
        """Go to the beginning of the next window of a candidate, after the last one to the first one."""
        starts = sorted({window.start for window in self._windows})
        here = self.table.selected
        if not starts or here is None:
            self.app.notify("No window of a candidate is marked in this run.", timeout=2)
            return
        self.table.lines.select(f"a:{next((at for at in starts if at > here.index), starts[0])}")

    def action_raw(self) -> None:
        """Show the file as it is, at the action."""
        if unit := shell(self).unit_of(self.trace_id):
            shell(self).open_raw(unit, self._place)
        else:
            self.app.notify("The file of this run is gone.", severity="warning", markup=False)

    def action_edit(self) -> None:
        """Open the file in the reviewer's editor, at the action."""
        if unit := shell(self).unit_of(self.trace_id):
            shell(self).edit(unit, self._place)
        else:
            self.app.notify("The file of this run is gone.", severity="warning", markup=False)

    @property
    def _place(self) -> str:
        return f"/actions/{row.index}" if (row := self.table.selected) else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while a search is written."""
        return not (isinstance(self.focused, Input) and action not in ("leave", "leave_search"))

    def action_leave_search(self) -> None:
        """Leave the search."""
        self.action_leave()

    def action_search(self) -> None:
        """Open the search."""
        field = self.query_one("#trace-search", Input)
        field.display = True
        self.set_focus(field)

    @on(Input.Submitted, "#trace-search")
    def _search(self, event: Input.Submitted) -> None:
        self._needle = event.value
        self.table.lines.focus()
        if self._trace is not None:
            self._find(self._trace, event.value)

    @work(thread=True, exclusive=True, group="search")
    def _find(self, trace: Trace, needle: str, *, again: bool = False) -> None:
        worker = get_current_worker()
        places = matches(trace, needle, lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.Found(needle, places, again))

    @on(Found)
    def _show_found(self, event: Found) -> None:
        if event.needle != self._needle:
            return
        self._found = event.places
        if event.again:
            return
        if event.needle:
            said = plural(len(event.places), "action matches", "actions match") + f" {visible(event.needle)}"
            self.app.notify(said, markup=False, timeout=3)
        self._show_payload()
        here = self.table.selected
        if event.places and (here is None or here.index not in event.places):
            self.action_found(1)

    def action_found(self, by: int) -> None:
        """The next or previous action that matches, around the end."""
        here = self.table.selected
        if not self._found or here is None:
            told = f"No action matches {visible(self._needle)}." if self._needle else NO_SEARCH
            self.app.notify(told, markup=False, timeout=2)
            return
        beyond = [place for place in self._found if (place - here.index) * by > 0]
        around = self._found[0] if by > 0 else self._found[-1]
        place = (beyond[0] if by > 0 else beyond[-1]) if beyond else around
        self.table.lines.select(f"a:{place}")

    def action_copy(self) -> None:
        """Copy the action's id, or what is under the cursor of the payload."""
        row = self.table.selected
        if row is None:
            return
        shell(self).copy(self._payload_value(row) if self.payload.has_focus else row.action.id)

    def _payload_value(self, row: Act) -> str:
        title, pointer = self.payload.place
        value: Json = dict(payloads(row.action)).get(title)
        for part in pointer[1:].split("/") if pointer not in ("", "/") else ():
            key = part.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
        return f"{pointer} {visible(compact(value).decode())}"

    def action_leave(self) -> None:
        """Leave the search, else the run."""
        field = self.query_one("#trace-search", Input)
        if field.display:
            field.display = False
            field.value = ""
            self._needle, self._found = "", ()
            self._show_payload()
            self.table.lines.focus()
        else:
            self.app.pop_screen()
