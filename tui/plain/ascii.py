"""Text in ASCII only: our own signs as words or letters, everything else by its number."""

from __future__ import annotations

from collections.abc import Iterable

from core.model.text import visible
from tui.views.line import Line

_SIGNS = str.maketrans(
    {
        "→": "->", "←": "<-", "…": "...", "—": "-", "\u2013": "-", "·": "-", "\xd7": "x", "‖": "||",
        "✓": "+", "✗": "x", "≈": "~", "≉": "!~", "≠": "!=", "▲": "!", "●": "*", "■": "#", "↩": "<", "↶": "<", "≡": "=",
        "○": "o", "▪": "-", "◇": "?", "◆": "*", "▂": "", "▄": "", "▆": "", "▮": "#", "▯": ".", "│": "|", "┃": "|",
        "▾": "v", "▸": ">", "▌": ">", "•": "*", "⋯": "...", "⏎": "Enter", "╰": "`", "├": "|", "└": "`", "─": "-",
        "┌": ".", "╭": ".", "▼": "v", "↑": "up", "↓": "down", "≥": ">=", "⌫": "Backspace", "✕": "x", "◐": "o", "◑": "o",
        "⟨": "<", "⟩": ">", "┊": ":", "╎": ":", "║": "|", "┤": "|", "┴": "-", "▁": "", "▃": "", "▅": "", "▇": "#",
        "█": "#", "▏": ".", "▒": "+", "░": ".",
    }
)  # fmt: skip


def ascii_only(text: str) -> str:
    """One or several lines, spelled out; a character that has no plain form is written as `\\u{e9}`."""
    said = visible(text, lines=True).translate(_SIGNS)
    return "".join(char if char.isascii() else f"\\u{{{ord(char):x}}}" for char in said)


def unencodable(error: UnicodeError) -> tuple[str, int]:
    """An error handler (codecs.register_error) that writes in ASCII what a character set does not hold."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return ascii_only(error.object[error.start : error.end]), error.end


def lines_text(lines: Iterable[Line]) -> str:
    """Lines of a screen as plain text; blank ones are kept single."""
    told: list[str] = []
    for line in lines:
        said = ascii_only(line.content.plain).rstrip()
        if said or (told and told[-1]):
            told.append(said)
    return "\n".join(told).rstrip()
