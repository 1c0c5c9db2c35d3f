"""The looks: dark, light and without colour; statuses are told apart by glyph and word in all of them."""

from __future__ import annotations

from textual.theme import Theme


def _fine(key: str, muted: str, faint: str, cursor: str = "none") -> dict[str, str]:
    """Colours that Textual derives otherwise; muted text is a plain colour, as a faded one is lost inside rows."""
    return {
        "footer-key-foreground": key,
        "block-cursor-text-style": cursor,
        "text-muted": muted,
        "text-disabled": faint,
    }


DARK = Theme(
    name="assay-dark",
    primary="#7aa2d6",
    secondary="#8f9bb3",
    accent="#6fc3c9",
    success="#8cc084",
    warning="#e0b060",
    error="#e57a7a",
    foreground="#d7dae0",
    background="#14171c",
    surface="#1a1e25",
    panel="#232933",
    variables=_fine("#7aa2d6", "#939cab", "#5f6875"),
)
LIGHT = Theme(
    name="assay-light",
    primary="#2a5d9c",
    secondary="#5b6577",
    accent="#0b6f78",
    success="#2e6b2f",
    warning="#8a5a00",
    error="#ad2d2d",
    foreground="#22262c",
    background="#f7f7f5",
    surface="#efefec",
    panel="#e3e4e1",
    dark=False,
    variables=_fine("#2a5d9c", "#5d6570", "#9299a3"),
)
MONOCHROME = Theme(
    name="assay-monochrome",
    primary="#ffffff",
    secondary="#c8c8c8",
    accent="#ffffff",
    success="#e0e0e0",
    warning="#e0e0e0",
    error="#ffffff",
    foreground="#e0e0e0",
    background="#000000",
    surface="#101010",
    panel="#2a2a2a",
    variables=_fine("#ffffff", "#a8a8a8", "#707070", "bold"),
)
THEMES = (DARK, LIGHT, MONOCHROME)
DEFAULT = DARK.name
