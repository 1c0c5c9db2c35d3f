"""Jump mode: every row, tab and field that is visible gets letters; typing them goes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static, Tab, Tabs

from tui.actions import bindings
from tui.screens.closing import Dialog
from tui.widgets.document import Document
from tui.widgets.lines import Lines

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""By how easily they are reached."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something to go to: where its label stands on the screen, and how one gets there."""

    x: int
    y: int
    go: Callable[[], object]


def targets(screen: Screen[object]) -> list[Target]:
    """All that can be gone to on a screen, from top to bottom."""
    found = [target for widget in screen.query("*") for target in _of(widget)]
    visible = [target for target in found if screen.region.contains(target.x, target.y)]
    return sorted(visible, key=lambda target: (target.y, target.x))


def _of(widget: Widget) -> Iterator[Target]:
    region = widget.region
    if not widget.is_on_screen or not region.area or widget.disabled:
        return
    if isinstance(widget, (Lines, Document)):
        for y, key in widget.visible_rows():
            yield Target(region.x, region.y + y, partial(_select, widget, key))
    elif isinstance(widget, Tab):
        yield Target(region.x, region.y, partial(_open_tab, widget))
    elif widget.focusable:
        yield Target(region.x, region.y, partial(widget.focus))


def _select(rows: Lines | Document, key: str) -> None:
    rows.focus()
    rows.select(key)


def _open_tab(tab: Tab) -> None:
    tab.query_ancestor(Tabs).active = tab.id or ""


def labels(number: int) -> list[str]:
    """So many labels, none the beginning of another; one letter each as long as that is enough."""
    if number <= len(LETTERS):
        return list(LETTERS[:number])
    pairs = [first + second for first in LETTERS for second in LETTERS]
    return pairs[:number]


class JumpScreen(Dialog[None]):
    """Labels over the screen that is left visible below."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("jump")]
    AUTO_FOCUS = ""

    def __init__(self, found: Sequence[Target]) -> None:
        super().__init__()
        self._targets = dict(zip(labels(len(found)), found, strict=False))
        self._typed = ""

    def compose(self) -> ComposeResult:
        """One label each."""
        for name, target in self._targets.items():
            label = Static(Content(name), classes="jump-label", name=name, markup=False)
            label.styles.offset = (target.x, target.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        """Narrow the labels, or go where they lead; a letter that leads nowhere ends it."""
        if event.key == "escape":
            return
        event.stop()
        event.prevent_default()
        self._typed += event.key
        if (target := self._targets.get(self._typed)) is not None:
            self.dismiss(None)
            self.app.call_after_refresh(target.go)
        elif any(name.startswith(self._typed) for name in self._targets):
            for label in self.query(".jump-label"):
                label.display = (label.name or "").startswith(self._typed)
        else:
            self.dismiss(None)

    def on_click(self) -> None:
        """A click ends it."""
        self.dismiss(None)

    def action_close(self) -> None:
        """Stay."""
        self.dismiss(None)
