"""What is told when a screen failed: that the program goes on, and where the report is."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Button, Static

from tui.actions import bindings
from tui.crash import Fault
from tui.screens.closing import Dialog
from tui.shell import shell
from tui.text import plain, stacked


class FaultDialog(Dialog[None]):
    """Says what happened and what to do; closing it leads back to what still works."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("fault")]

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._fault = fault

    def compose(self) -> ComposeResult:
        """The story, and a button."""
        fault = self._fault
        with Vertical(id="fault") as box:
            box.border_title = plain("A screen failed")
            where = f"A report is in {fault.path}" if fault.path else f"No report could be written: {fault.trouble}"
            lines = [
                plain("The screen that was open had to be closed; the program goes on."),
                plain("Every decision that was confirmed is recorded; what was typed in that screen is lost."),
                plain(""),
                plain(f"{fault.kind}, fault {fault.id}", "bold"),
                plain(where),
                plain("The report holds no data from your runs: only where in the program it happened.", "$text-muted"),
                plain("y copies its path.", "$text-muted"),
            ]
            yield Static(stacked(lines), markup=False)
            yield Button("Go on  Esc", id="go-on")

    def on_button_pressed(self) -> None:
        """Go on."""
        self.action_close()

    def action_copy(self) -> None:
        """Copy the path of the report, else the fault's id."""
        shell(self).copy(str(self._fault.path or self._fault.id))

    def action_close(self) -> None:
        """Go on."""
        self.dismiss(None)
