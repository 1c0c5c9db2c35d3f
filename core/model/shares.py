"""Shares in words: never rounded to what they do not reach."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    """A share of 1 as a whole per cent that says 0 % and 100 % only when it is exactly so."""
    if 0 < share < 1:
        return f"{min(max(round(share * 100), 1), 99)} %"
    return f"{share * 100:.0f} %"


def confidence(share: float) -> str:
    """A confidence in two digits, never rounded up: what is told meets a limit exactly when the confidence does."""
    return f"{math.floor(round(share * 100, 6)) / 100:.2f}"
