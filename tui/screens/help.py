"""All keys that work on a screen, with a line each, and what the words mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.actions import ACTS, Act, bindings
from tui.views.line import Line, heading, labelled, text
from tui.widgets.document import Document
from tui.words import glossary

_TITLES = {"everywhere": "Everywhere", "list": "In lists"}


def acts_here(screen: Screen[object]) -> list[Act]:
    """What works on a screen now, in the order of the list; keys that a widget takes for itself included."""
    here = {(item.binding.action, item.binding.tooltip) for item in screen.active_bindings.values()}
    return [act for act in ACTS if (act.action, act.help) in here]


def shown_key(act: Act, screen: Screen[object]) -> str:
    """How the key of an action is written."""
    if act.display:
        return act.display
    first = next(b for b in bindings(act.where) if getattr(b, "tooltip", "") == act.help)
    return screen.app.get_key_display(first)  # type: ignore[arg-type] # bindings() makes Binding objects only


def help_lines(rows: Sequence[tuple[str, str, str, str]], width: int) -> list[Line]:
    """The document: rows of place, key, label and help; then the glossary."""
    return [*_keys(rows, width), *_glossary(width)]


def _keys(rows: Sequence[tuple[str, str, str, str]], width: int) -> Iterator[Line]:
    place = ""
    for where, key, label, told in rows:
        if where != place:
            yield from heading(_TITLES.get(where, "On this screen"))
            place = where
        edge = Content.assemble((f"  {key:<8}", "bold $primary"))
        yield from labelled(label, text(told), width, 16, edge)


def _glossary(width: int) -> Iterator[Line]:
    yield from heading("Words and signs")
    for word, meaning in glossary():
        yield from labelled(f"  {word}", text(meaning), width, 26)


class HelpScreen(ModalScreen[None]):
    """A reading window over the screen that it explains."""

    BINDINGS = bindings("help")
    AUTO_FOCUS = "Document"

    def __init__(self, explained: Screen[object]) -> None:
        super().__init__()
        here = acts_here(explained)
        ordered = sorted(here, key=lambda act: list(_TITLES).index(act.where) + 1 if act.where in _TITLES else 0)
        self._rows = [(act.where, shown_key(act, explained), act.label, act.help) for act in ordered]

    def compose(self) -> ComposeResult:
        """A title, the text, and how to close it."""
        with Vertical(id="help"):
            yield Static("Keys and words", id="help-title", markup=False)
            yield Document(partial(help_lines, self._rows))
            yield Static("↑ ↓ scroll · Esc closes", id="help-foot", markup=False)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)
