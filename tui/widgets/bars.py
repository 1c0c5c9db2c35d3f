"""Charts of block characters: readable without colour, exact numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content

from tui.text import fitted

FULL, LEAST = "▇", "▏"
MAX_WIDTH = 60
"""Cells beyond which a longer bar says nothing more."""
EIGHTHS = " ▁▂▃▄▅▆▇█"
"""How high a cell of a chart is filled."""
PROJECTED = "░"
"""What has not happened yet; told apart from what has by its texture, not by colour."""
STYLES = ("$success", "$accent", "$text-muted")
TEXTURES = ("█", "▒", "░")
"""The parts of a divided bar, each with a texture of its own."""


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


def cells(parts: Sequence[float], whole: float, width: int) -> list[int]:
    """How many of `width` cells each part of a whole takes; together they take what the sum does, rounded down."""
    if not (whole > 0 and math.isfinite(whole)):
        return [0] * len(parts)
    done, taken, sizes = 0.0, 0, []
    for part in parts:
        done += max(part, 0.0)
        end = min(int(done / whole * width + 1e-9), width)
        sizes.append(end - taken)
        taken = end
    return sizes


def divided(parts: Sequence[float], whole: float, width: int) -> Content:
    """A bar of several parts (at most three), each in its own texture, and blank up to its width."""
    sizes = cells(parts, whole, width)
    drawn = [
        Content.styled(texture * size, style) for texture, size, style in zip(TEXTURES, sizes, STYLES, strict=False)
    ]
    return fitted(Content.assemble(*drawn), width)


def columns(values: Sequence[float], height: int, observed: int) -> list[str]:
    """Values as columns `height` cells high, top row first; those from `observed` on are drawn as not happened yet.

    The highest value fills its column; a value above nothing shows at least a sliver.
    """
    top = max(values, default=0.0)
    if not (top > 0 and math.isfinite(top)):
        return [" " * len(values)] * height
    eighths = [max(round(max(value, 0.0) / top * height * 8), 1 if value > 0 else 0) for value in values]
    rows = []
    for row in range(height - 1, -1, -1):
        filled = [min(max(level - row * 8, 0), 8) for level in eighths]
        rows.append(
            "".join(
                EIGHTHS[level] if place < observed else PROJECTED if level >= 4 or (level and not row) else " "
                for place, level in enumerate(filled)
            )
        )
    return rows
