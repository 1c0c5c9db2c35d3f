"""The looks: dark, light, without colour, and for every kind of colour vision.

Statuses are told apart by glyph and word in all of them; in the colour-blind-safe ones good and bad are blue and
orange, which every kind of colour vision tells apart (after Okabe and Ito).
"""

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
PAPER = Theme(
    name="assay-monochrome-light",
    primary="#000000",
    secondary="#404040",
    accent="#000000",
    success="#202020",
    warning="#202020",
    error="#000000",
    foreground="#202020",
    background="#ffffff",
    surface="#f2f2f2",
    panel="#d8d8d8",
    dark=False,
    variables=_fine("#000000", "#565656", "#909090", "bold"),
)
SAFE = Theme(
    name="assay-colour-blind",
    primary="#56b4e9",
    secondary="#9aa5b5",
    accent="#f0e442",
    success="#56b4e9",
    warning="#f0e442",
    error="#f08a3c",
    foreground="#dfe3e8",
    background="#12151a",
    surface="#191d24",
    panel="#232933",
    variables=_fine("#56b4e9", "#98a2b0", "#626c79"),
)
SAFE_LIGHT = Theme(
    name="assay-colour-blind-light",
    primary="#005a94",
    secondary="#5b6577",
    accent="#6b4c00",
    success="#005a94",
    warning="#6b4c00",
    error="#a84300",
    foreground="#1f2328",
    background="#fbfaf7",
    surface="#f1f0ec",
    panel="#e3e2dd",
    dark=False,
    variables=_fine("#005a94", "#5d6570", "#9299a3"),
)
CONTRAST = Theme(
    name="assay-contrast",
    primary="#6cc7ff",
    secondary="#ffffff",
    accent="#5fffff",
    success="#5fff87",
    warning="#ffd75f",
    error="#ff8787",
    foreground="#ffffff",
    background="#000000",
    surface="#0a0a0a",
    panel="#303030",
    variables=_fine("#6cc7ff", "#d0d0d0", "#a0a0a0", "bold"),
)
THEMES = (DARK, LIGHT, SAFE, SAFE_LIGHT, CONTRAST, MONOCHROME, PAPER)
DEFAULT = DARK.name
