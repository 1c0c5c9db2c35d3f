"""A file of the traces folder as it is on disk, whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from core.live.reviewing import Raw
from core.live.snapshot import Snapshot
from core.model.text import plural, visible
from tui.actions import bindings
from tui.editing import Spot
from tui.format import size
from tui.places import spot_of
from tui.shell import shell
from tui.text import plain
from tui.widgets.find_input import NO_SEARCH, FindInput
from tui.widgets.frame import Header, Keys
from tui.widgets.raw import FileLines, RawText, lines_of

SHOWN = 8_000_000
"""Bytes of a file that are shown."""


class RawScreen(Screen[None]):
    """Reads a file in the background and shows it from a place on."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("raw")]
    AUTO_FOCUS = "RawText"

    @dataclass
    class Read(Message):
        """The file was read, or could not be."""

        lines: FileLines
        spot: Spot
        size: int
        trouble: str = ""

    def __init__(self, unit: str, read: Callable[[str, int], Raw], place: str = "") -> None:
        super().__init__()
        self._unit, self._raw, self._place = unit, read, place
        self._found: list[int] = []

    def compose(self) -> ComposeResult:
        """Frame, the file's name, its lines, the search."""
        yield Header()
        yield Static(plain(f"{self._unit}: reading …", "$text-muted"), id="raw-title", markup=False)
        yield RawText(id="raw")
        yield FindInput(placeholder="find in the file", id="raw-search", compact=True)
        yield Keys()

    def on_mount(self) -> None:
        """Read the file."""
        self.query_one("#raw-search").display = False
        self._read()

    def show(self, snapshot: Snapshot) -> None:
        """What is shown is the file as it was when it was opened."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while a search is written."""
        return not (isinstance(self.focused, Input) and action not in ("clear", "leave_search", "copy_text"))

    @work(thread=True, exclusive=True)
    def _read(self) -> None:
        try:
            data, total = self._raw(self._unit, SHOWN)
        except OSError as error:
            self.post_message(self.Read(FileLines(), Spot(), 0, error.strerror or str(error)))
            return
        text = data.decode("utf-8", errors="backslashreplace")
        self.post_message(self.Read(lines_of(text), spot_of(text, self._place), total))

    @on(Read)
    def _show(self, event: Read) -> None:
        title, raw = self.query_one("#raw-title", Static), self.query_one(RawText)
        if event.trouble:
            title.add_class("-trouble")
            title.update(plain(f"{self._unit} cannot be read: {event.trouble}", "$text-error"))
            return
        part = f", the first {size(SHOWN)} shown" if event.size > SHOWN else ""
        at = f"  {self._place}" if self._place else ""
        held = f"{size(event.size)}{part}" if event.size else "the file is empty"
        title.update(plain(self._unit, "bold") + plain(f"  {held}{at}", "$text-muted"))
        raw.load(event.lines)
        raw.go(*event.spot)

    def action_edit(self) -> None:
        """Open the file in the reviewer's editor, at the selected line."""
        shell(self).edit(self._unit, f"line {self.query_one(RawText).line}")

    def action_copy(self) -> None:
        """Copy the path and the selected line."""
        raw = self.query_one(RawText)
        shell(self).copy(f"{self._unit}:{raw.line}: {raw.said}")

    def action_search(self) -> None:
        """Write what to find."""
        field = self.query_one("#raw-search", Input)
        field.display = True
        self.set_focus(field)

    @on(Input.Submitted, "#raw-search")
    def _search(self, event: Input.Submitted) -> None:
        raw = self.query_one(RawText)
        self._found = raw.find(event.value)
        raw.focus()
        if event.value:
            told = plural(len(self._found), "line matches", "lines match")
            self.notify(f"{told} {visible(event.value)}", markup=False, timeout=3)
        if self._found and raw.line not in self._found:
            self.action_found(1)

    def action_found(self, by: int) -> None:
        """The next or previous line that matches, around the end."""
        raw = self.query_one(RawText)
        if not self._found:
            needle = self.query_one("#raw-search", Input).value
            self.notify(f"No line matches {visible(needle)}." if needle else NO_SEARCH, markup=False, timeout=2)
            return
        beyond = [line for line in self._found if (line - raw.line) * by > 0]
        raw.go((beyond or self._found)[0 if by > 0 else -1])

    def action_leave_search(self) -> None:
        """Leave the search."""
        self.action_clear()

    def action_clear(self) -> None:
        """Leave the search, else the file."""
        field = self.query_one("#raw-search", Input)
        if field.display:
            field.display, field.value, self._found = False, "", []
            raw = self.query_one(RawText)
            raw.find("")
            raw.focus()
        else:
            self.app.pop_screen()
