"""What an action is: the keys, the words, and where it works."""

from __future__ import annotations

from dataclasses import dataclass


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
