"""Plain output of the commands: JSON for programs, aligned text for people; all text is spelled out."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Sequence

import click

from core.model.jsontext import Json, pretty
from core.model.text import as_utf8, visible

_HARMFUL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON may hold, yet begins a command of a terminal, ends a line or turns the order of words around."""
_STARTS = (b"\x7f", b"\xc2", b"\xd8\x9c", b"\xe2\x80", b"\xe2\x81")
"""How they begin in UTF-8: to look whether there are any takes a fraction of the time."""


def print_json(value: Json) -> None:
    """Print a value as indented JSON in UTF-8, whatever the locale; of a path that is not UTF-8 what is."""
    try:
        text = pretty(value)
    except TypeError:
        text = pretty(_as_utf8(value))
    if any(start in text for start in _STARTS):
        text = _HARMFUL.sub(_escaped, text.decode()).encode()
    click.echo(text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _as_utf8(value: Json) -> Json:
    """A JSON value without bytes of paths that no JSON can hold."""
    if isinstance(value, str):
        return as_utf8(value)
    if isinstance(value, dict):
        return {as_utf8(key): _as_utf8(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_utf8(held) for held in value]
    wire = getattr(value, "wire", None)
    return value if wire is None else _as_utf8(wire())


def width() -> int:
    """Columns of the terminal, at least 60."""
    return max(shutil.get_terminal_size((100, 24)).columns, 60)


def wrapped(text: str, indent: int, *, lines: bool = False) -> str:
    """Text of unknown origin, spelled out, indented and broken at the terminal's width.

    A line feed begins a line only with `lines`, for text that we laid out: from elsewhere it could forge one.
    """
    filled = [
        textwrap.fill(
            line,
            width(),
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + 2),
            replace_whitespace=False,
            break_long_words=True,
        )
        for line in visible(text, lines=lines).split("\n")
    ]
    return "\n".join(filled)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print aligned columns; when it is no terminal nothing is cut."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=10_000)
    made = Table(box=None, pad_edge=False, header_style="bold" if console.is_terminal else "")
    for name in head:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*(Text(visible(cell)) for cell in row))
    console.print(made)
