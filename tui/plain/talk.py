"""Asking and telling, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui.plain.ascii import ascii_only, lines_text
from tui.views.line import Line

WIDTH = 76
"""Columns that lines are folded at."""


class Talk:
    """A conversation: `read` gives a line (EOFError at the end), `write` takes one."""

    def __init__(self, read: Callable[[str], str], write: Callable[[str], None]) -> None:
        self._read, self._write = read, write

    def say(self, text: str = "") -> None:
        """Tell something."""
        self._write(ascii_only(text))

    def show(self, lines: Iterable[Line]) -> None:
        """Tell what a screen would show."""
        self._write(lines_text(lines))

    def ask(self, question: str) -> str:
        """What is answered, without blanks around it. Raises EOFError when there is nobody any more."""
        return self._read(ascii_only(question) + " ").strip()

    def agree(self, question: str) -> bool:
        """Whether the answer is yes; anything else is a no."""
        return self.ask(f"{question} Type yes or no:").casefold() in ("y", "yes")
