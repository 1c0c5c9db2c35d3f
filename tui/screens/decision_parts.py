"""Parts of the decision dialog."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from core.model.text import visible
from tui.actions import bindings
from tui.text import plain, stacked
from tui.views.drift import Drift
from tui.views.line import Builder, text
from tui.views.notices import notices
from tui.widgets.checklist import Tick


class Confirm(Button, inherit_bindings=False):
    """The button that records: a click or Space presses it, Enter does not."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("confirm")


class ReasonInput(Input):
    """A reason; up and down recall the ones that were given before."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("reason")

    def __init__(self, past: tuple[str, ...], *, value: str = "", placeholder: str, id: str) -> None:  # noqa: A002
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self._past = tuple(visible(reason) for reason in past)
        self._at = -1
        self._own = ""

    def action_recall(self, by: int) -> None:
        """Put an earlier reason into the field; going back past the newest gives back what was typed."""
        if self._at < 0:
            self._own = self.value
        self._at = max(-1, min(self._at + by, len(self._past) - 1))
        self.value = self._own if self._at < 0 else self._past[self._at]
        self.cursor_position = len(self.value)


class Meanwhile(Static):
    """What changed while a dialog is open, in a part of the room: the fields below it stay on the screen."""

    MOST = 4
    """Sentences; more would leave too little to read."""

    _drift = Drift()

    def show(self, drift: Drift) -> None:
        """Tell it; nothing where nothing changed."""
        self._drift, self.display = drift, bool(drift.lines)
        room = max(self.app.size.height // 4, 1)
        style = "$text-error" if drift.blocking else "$text-warning"
        told = [(text("! ", style), plain(line, style)) for line in drift.told(min(self.MOST, room))]
        width = self.content_size.width or self.app.size.width
        self.update(stacked(line for lines in notices(told, width, room) for line in lines))

    def on_resize(self) -> None:
        """Lay it out anew."""
        self.show(self._drift)


class ReadingScroll(VerticalScroll):
    """What there is to read; a warning that has the focus is always in view, however much room is left."""

    def on_resize(self) -> None:
        """Bring the focused warning back into view."""
        focused = self.screen.focused
        if isinstance(focused, Tick) and self in focused.ancestors:
            self.call_after_refresh(focused.scroll_visible, animate=False)


class Reading(Widget):
    """Lines to read, laid out for the width there is."""

    def __init__(self, builder: Builder, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._builder = builder

    def render(self) -> Content:
        """All lines."""
        return stacked(line.content for line in self._builder(max(self.content_size.width, 20)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines."""
        return len(self._builder(max(width, 20)))
