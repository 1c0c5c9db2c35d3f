"""A line in which plain words are written that narrow a list; applied at every key."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tui.format import count
from tui.text import plain
from tui.widgets.filter_bar import FilterInput


class SearchBar(Horizontal):
    """Hidden as long as nothing is looked for."""

    @dataclass
    class Changed(Message):
        """Other words are looked for."""

        text: str

    class Done(Message):
        """The words are written."""

    def __init__(self, hint: str) -> None:
        super().__init__()
        self._hint = hint

    def compose(self) -> ComposeResult:
        """A sign, the field, and how many rows are left."""
        yield Static("/", id="filter-sign", markup=False)
        yield FilterInput(placeholder=self._hint, compact=True, select_on_focus=False)
        yield Static(id="filter-note", markup=False)

    def on_mount(self) -> None:
        """Stay out of sight until something is looked for."""
        self.display = False

    @property
    def text(self) -> str:
        """What is looked for."""
        return self.query_one(FilterInput).value.strip()

    def open(self) -> None:
        """Show the field and write into it."""
        self.display = True
        self.query_one(FilterInput).focus()

    def clear(self) -> None:
        """Look for nothing any more."""
        self.query_one(FilterInput).value = ""
        self.display = False

    def count(self, kept: int, total: int) -> None:
        """Say how many rows are left."""
        self.query_one("#filter-note", Static).update(plain(f"{count(kept)} of {count(total)}", "$text-muted"))

    @on(Input.Changed)
    def follow(self, event: Input.Changed) -> None:
        """Apply what is written so far."""
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Go back to the list; an empty field disappears."""
        event.stop()
        self.display = bool(event.value.strip())
        self.post_message(self.Done())
