"""Shares in words: never rounded to what they do not reach."""

from __future__ import annotations

import math
from decimal import Decimal


def percent(share: float) -> str:
    """A share of 1 as a whole per cent that says 0 % and 100 % only when it is exactly so."""
    if 0 < share < 1:
        return f"{min(max(round(share * 100), 1), 99)} %"
    return f"{share * 100:.0f} %"


def interval(low: float, high: float) -> str:
    """The bounds of a share in two digits, rounded outwards: what they hold is never told to lie outside of them."""
    return f"{confidence(low)} and {math.ceil(round(high * 100, 6)) / 100:.2f}"


def digits(number: float) -> str:
    """A number in three digits, and all of those before the point: `0.00445`, `6.36`, `20,454`; never `2.05e+04`."""
    return f"{number:,.0f}" if abs(number) >= 1_000 else format(Decimal(f"{number:.3g}"), ",f")


def confidence(share: float) -> str:
    """A confidence in two digits, never rounded up: what is told meets a limit exactly when the confidence does."""
    return f"{math.floor(round(share * 100, 6)) / 100:.2f}"
