"""What was typed before a dialog had a field for it."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.widgets import Input

from tui.screens.closing import Dialog

Result = TypeVar("Result")


class TypedAhead(Dialog[Result]):
    """A dialog that gives its field every letter that was typed behind the key that opened it.

    It focuses the field at once with `set_focus`; `focus` would let further letters pass first.
    """

    def on_key(self, event: events.Key) -> None:
        """Take a letter that came to the dialog itself; a field that had the focus by then would have kept it."""
        field = self.focused
        if isinstance(field, Input) and event.is_printable and event.character:
            event.stop()
            field.insert_text_at_cursor(event.character)
