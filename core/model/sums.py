"""Sums over what runs claim about themselves: exact, independent of the order, and never out of range."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from fractions import Fraction

_LEAST, _MOST = -(2**63), 2**63 - 1


def total(counts: Iterable[int]) -> int:
    """A sum of integers that stays within 64 bits, whatever a run claims."""
    found = sum(counts)
    return found if _LEAST <= found <= _MOST else max(_LEAST, min(found, _MOST))


def usd(amounts: Sequence[float]) -> float:
    """The exact sum of amounts in USD, rounded once (spec/README.md, Canonical JSON).

    Amounts that add up to more than a float holds end at the largest float, so that no sum is written as null.
    """
    try:
        return math.fsum(amounts)
    except OverflowError:
        whole = sum(map(Fraction, amounts))  # on the way to it there may be more than a float holds
    try:
        return float(whole)
    except OverflowError:
        return sys.float_info.max if whole > 0 else -sys.float_info.max
