"""Screens that are closed with what came of them."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

Result = TypeVar("Result")


class Closing(Screen[Result]):
    """A screen that is closed once, and by itself alone.

    A key or a click that was on its way when it was closed would close the screen below it as well, and who is closed
    while another one stands above would close that one.
    """

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close it, with whatever stands above it."""
        if self not in self.app.screen_stack:
            return AwaitComplete()
        while self.app.screen is not self:
            self.app.pop_screen()
        return super().dismiss(result)


class Dialog(ModalScreen[Result], Closing[Result]):
    """One that is drawn over the screen below it."""
