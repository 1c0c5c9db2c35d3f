"""The one list of what keys do; bindings, footer, help, palette and the README's table are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Act:
    """Something a reviewer can do at some place of the program."""

    where: str
    """`everywhere`, `candidates`, `candidate`, `divergences`, `decision`, `problems`, `trace`, …"""
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
    Act("everywhere", "ctrl+q", "quit", "Quit", "Quit at once.", False, priority=True),
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
