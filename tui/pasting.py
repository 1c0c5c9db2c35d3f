"""What is pasted into a field: all of it, in one line, as every field here has one."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.widgets import Input


def one_line(text: str) -> str:
    """Several lines with a blank between them; what is one line already stays as it is."""
    lines = text.splitlines()
    return "".join(lines) if len(lines) < 2 else " ".join(filter(None, map(str.strip, lines)))


class Pasting(App[None]):
    """A field of its own takes the first line only, and says nothing of the others."""

    async def on_event(self, event: events.Event) -> None:
        """Join what the terminal pastes."""
        if isinstance(event, events.Paste) and not event.is_forwarded and isinstance(self.focused, Input):
            event = events.Paste(one_line(event.text))
        await super().on_event(event)

    @property
    def clipboard(self) -> str:
        """What was copied here, as a field takes it."""
        return one_line(super().clipboard)
