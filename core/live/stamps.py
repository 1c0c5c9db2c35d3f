"""How very many files look, as numbers."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property

from core.live.changes import Stamp
from core.live.names import in_order
from core.live.walk import WIDTH


class Stamps:
    """The stamps of files by unit (core.live.layered.Table)."""

    def __init__(self, units: Sequence[str] = (), numbers: array[int] | None = None) -> None:
        """Of one unit that comes more than once the last one counts. `numbers` are those of each, one after another."""
        self.index: Mapping[str, int] = dict(zip(units, range(len(units)), strict=True))
        self.numbers = array("q") if numbers is None else numbers

    @cached_property
    def units(self) -> Sequence[str]:
        """In path order."""
        return in_order(self.index)

    def at(self, place: int) -> Stamp:
        """The stamp at a place."""
        changed, size, inode, touched = self.numbers[WIDTH * place : WIDTH * place + WIDTH]
        # One number in memory where both are the same, as they are of files that were written once.
        return Stamp(changed, size, inode, changed if changed == touched else touched)

    def is_like(self, other: Stamps) -> bool:
        """Whether both are the same, found in the same order; else they may be the same all the same."""
        return self.numbers == other.numbers and list(self.index) == list(other.index)

    def differs(self, other: Stamps, unit: str) -> bool:
        """Whether a unit that is in both has another stamp in the other one."""
        here, there = WIDTH * self.index[unit], WIDTH * other.index[unit]
        return self.numbers[here : here + WIDTH] != other.numbers[there : there + WIDTH]
