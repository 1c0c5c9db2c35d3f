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
        """Join what the terminal pastes, and what was copied here."""
        if isinstance(event, events.Paste | events.Key) and not event.is_forwarded and isinstance(self.focused, Input):
            if isinstance(event, events.Paste):
                event = events.Paste(one_line(event.text))
            elif event.key in ("ctrl+v", "super+v"):
                event = events.Paste(one_line(self.clipboard))
        await super().on_event(event)
