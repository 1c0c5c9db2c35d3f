"""All keys that work on a screen, with a line each, and what the words mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.actions import ACTS, Act, bindings
from tui.screens.closing import Dialog
from tui.views.line import Line, bullet, heading, labelled, text
from tui.widgets.document import Document
from tui.words import glossary

_SHARED = {"list": "In lists", "everywhere": "Everywhere"}
_HERE = "On this screen"


def acts_here(screen: Screen[object]) -> list[Act]:
    """What works on a screen now, its own keys first; keys that a widget takes for itself included."""
    here = {(item.binding.action, item.binding.tooltip) for item in screen.active_bindings.values()}
    found: dict[tuple[str, str], Act] = {}
    for act in ACTS:
        if (act.action, act.help) in here:
            # Two places may do the same with the same words; one line is enough.
            found.setdefault((act.action, act.help), act)
    titles = [_HERE, *_SHARED.values()]
    return sorted(found.values(), key=lambda act: titles.index(title(act)))


def title(act: Act) -> str:
    """Under which title the help lists an action."""
    return _SHARED.get(act.where, _HERE)


def shown_key(act: Act, screen: Screen[object]) -> str:
    """How the key of an action is written."""
    if act.display:
        return act.display
    first = next(b for b in bindings(act.where) if getattr(b, "tooltip", "") == act.help)
    return screen.app.get_key_display(first)  # type: ignore[arg-type] # bindings() makes Binding objects only


def help_lines(rows: Sequence[tuple[str, str, str, str]], width: int) -> list[Line]:
    """The document: rows of title, key, label and help; then the glossary."""
    return [*_keys(rows, width), *_glossary(width)]


def _keys(rows: Sequence[tuple[str, str, str, str]], width: int) -> Iterator[Line]:
    above = ""
    for group, key, label, told in rows:
        if group != above:
            yield from heading(group)
            above = group
        edge = Content.assemble((f"  {key:<8}", "bold $primary"), (f"{label:<16}", "$text-muted"))
        yield from bullet(edge, text(told), width)


def _glossary(width: int) -> Iterator[Line]:
    yield from heading("Words and signs")
    for word, meaning in glossary():
        yield from labelled(f"  {word}", text(meaning), width, 26)


class HelpScreen(Dialog[None]):
    """A reading window over the screen that it explains."""

    BINDINGS = bindings("help")
    AUTO_FOCUS = "Document"

    def __init__(self, explained: Screen[object]) -> None:
        super().__init__()
        self._rows = [(title(act), shown_key(act, explained), act.label, act.help) for act in acts_here(explained)]

    def compose(self) -> ComposeResult:
        """A title, the text, and how to close it."""
        with Vertical(id="help"):
            yield Static("Keys and words", id="help-title", markup=False)
            yield Document(partial(help_lines, self._rows))
            yield Static("↑ ↓ scroll · Esc closes", id="help-foot", markup=False)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)
