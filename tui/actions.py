"""The one list of what keys do; bindings, footer, help, palette and the README's table are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Act:
    """Something a reviewer can do at some place of the program."""

    where: str
    """`everywhere`, `list`, `candidates`, `candidate`, `divergences`, `decision`, `problems`, `trace`, `help`, …"""
    keys: str
    """Textual key names, comma-separated; the first one is shown."""
    action: str
    """The Textual action that runs."""
    label: str
    """One or two words for the footer."""
    help: str
    """A whole sentence for the help screen."""
    shown: bool = True
    """Whether the footer shows it."""
    display: str | None = None
    """How the key is written, when Textual's own way is not plain."""
    priority: bool = False
    """Whether it runs before a focused widget sees the key."""


ACTS: tuple[Act, ...] = (
    Act(
        "everywhere",
        "question_mark,f1",
        "help",
        "Help",
        "Show all keys of this screen and a glossary.",
        display="?",
    ),
    Act(
        "everywhere",
        "ctrl+p",
        "command_palette",
        "Palette",
        "Find any action, candidate or theme by name.",
        False,
    ),
    Act("everywhere", "q", "leave", "Back", "Go back; on the first screen, quit."),
    Act("everywhere", "ctrl+c", "interrupt", "Quit", "Quit at once; copy instead when text is marked.", False),
    Act("everywhere", "ctrl+q", "quit", "Quit", "Quit at once.", False, priority=True),
    Act("list", "down,j", "cursor_down", "Down", "Go to the next row.", False, display="↓ j"),
    Act("list", "up,k", "cursor_up", "Up", "Go to the previous row.", False, display="↑ k"),
    Act("list", "pagedown,ctrl+d", "page_down", "Page down", "Go one page down.", False, display="PgDn"),
    Act("list", "pageup,ctrl+u", "page_up", "Page up", "Go one page up.", False, display="PgUp"),
    Act("list", "home,g", "first", "First", "Go to the first row.", False, display="Home g"),
    Act("list", "end,G", "last", "Last", "Go to the last row.", False, display="End G"),
    Act("candidates", "enter", "open", "Open", "Open the selected candidate: steps, divergences, savings, evidence."),
    Act("candidates", "a", "decide('approve')", "Approve", "Approve the selected candidate; a dialog asks first."),
    Act("candidates", "r", "decide('reject')", "Reject", "Reject the selected candidate, with a reason."),
    Act("candidates", "u", "decide('revoke')", "Revoke", "Take back an earlier decision, with a reason."),
    Act(
        "candidates",
        "slash",
        "filter",
        "Filter",
        "Narrow the list, for instance `risk:high saves>1.00 bump`; Escape clears it.",
        display="/",
    ),
    Act("candidates", "s", "sort", "Sort", "Sort by the next column; the last one leads back to the usual order."),
    Act("candidates", "S", "reverse", "Reverse", "Sort the other way round.", False, display="S"),
    Act("candidates", "p", "problems", "Problems", "Files and runs that are not mined, and why."),
    Act("candidates", "space", "pause", "Pause", "Freeze what is shown, or go on; reading goes on behind it."),
    Act("candidates", "y", "copy", "Copy id", "Copy the lineage of the selected candidate.", False),
    Act("candidates", "escape", "clear", "Clear", "Clear the filter.", False, display="Esc"),
    Act("problems", "y", "copy", "Copy path", "Copy the path of the selected file."),
    Act("problems", "space", "pause", "Pause", "Freeze what is shown, or go on; reading goes on behind it."),
    Act("problems", "escape", "leave", "Back", "Go back to the candidates.", False, display="Esc"),
    Act("help", "escape,question_mark,f1", "leave", "Close", "Close the help.", display="Esc"),
)
"""Every action of the program, by place, in the order of footer and help."""


def bindings(where: str) -> list[Binding]:
    """The Textual bindings of one place."""
    return [
        Binding(
            a.keys,
            a.action,
            a.label,
            show=a.shown,
            key_display=a.display,
            priority=a.priority,
            tooltip=a.help,
        )
        for a in ACTS
        if a.where == where
    ]


def acts(*places: str) -> list[Act]:
    """What can be done at some places, in the order of the list."""
    return [act for place in places for act in ACTS if act.where == place]
