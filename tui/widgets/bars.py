"""Bars of block characters: readable without colour, exact numbers beside them."""

from __future__ import annotations

from textual.content import Content

from tui.text import fitted

FULL, LEAST = "▇", "▏"
MAX_WIDTH = 60
"""Cells beyond which a longer bar says nothing more."""


def bar(share: float, width: int) -> str:
    """A share of 1 as a bar in `width` cells; anything above nothing shows at least a sliver, only all of it fills."""
    share = min(max(share, 0.0), 1.0)
    full = int(share * width)
    return FULL * full if full else LEAST if share > 0 else ""


def bar_row(label: Content, share: float, numbers: str, width: int, *, label_width: int) -> Content:
    """One row of a chart: label, bar on a dotted ground, numbers; the bar takes what room is left."""
    room = min(max(width - label_width - len(numbers) - 3, 4), MAX_WIDTH)
    drawn = bar(share, room)
    return Content.assemble(
        fitted(label, label_width),
        " ",
        (drawn, "$primary"),
        ("·" * (room - len(drawn)), "$text-disabled"),
        "  ",
        numbers,
    )
