"""Bars of block characters: readable without colour, exact numbers beside them."""

from __future__ import annotations

from textual.content import Content

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: float, width: int) -> str:
    """A share of 1 as a bar of `width` cells, to an eighth of a cell; anything above nothing shows at least that."""
    share = min(max(share, 0.0), 1.0)
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def bar_row(
    label: Content, share: float, numbers: str, width: int, *, label_width: int, fuzzy: bool = False
) -> Content:
    """One row of a chart: label, bar on a dotted ground, numbers; the bar takes what room is left."""
    from tui.text import fitted

    room = max(width - label_width - len(numbers) - 3, 4)
    drawn = bar(share, room).rstrip()
    return Content.assemble(
        fitted(label, label_width),
        " ",
        (drawn, "$text-warning" if fuzzy else "$primary"),
        ("·" * (room - len(drawn)), "$text-disabled"),
        "  ",
        numbers,
    )
