"""Values by unit in two layers: a table of very many, which is shared and makes a value when it is asked for, and what
differs from it. A hundred thousand files then cost their columns, not as many objects for each thing known of them.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Generic, Protocol, TypeVar, cast

Value = TypeVar("Value")
Made = TypeVar("Made")
Given_co = TypeVar("Given_co", covariant=True)


FEW = 1_000
"""Differences that are never too many."""


class Table(Protocol[Given_co]):
    """Values that are made when they are asked for. Immutable."""

    @property
    def units(self) -> Sequence[str]:
        """Each unit once, in the order in which they are gone through."""

    @property
    def index(self) -> Mapping[str, int]:
        """The place of each unit."""

    def at(self, place: int) -> Given_co:
        """The value at a place."""


class _Empty:
    units: Sequence[str] = ()
    index: Mapping[str, int] = {}

    def at(self, place: int) -> object:
        raise IndexError(place)


_EMPTY = _Empty()


class Derived(Generic[Made]):
    """A table of something about the values of another one."""

    def __init__(self, table: Table[object], at: Callable[[int], Made]) -> None:
        """`at` makes the value at a place."""
        self._table, self.at = table, at

    @property
    def units(self) -> Sequence[str]:
        """Those of the other table."""
        return self._table.units

    @property
    def index(self) -> Mapping[str, int]:
        """That of the other table."""
        return self._table.index


class Layered(MutableMapping[str, Value]):
    """A mapping from units. Values are never None."""

    __slots__ = ("_over", "_size", "table")

    def __init__(self, table: Table[Value] | None = None, over: Mapping[str, Value] | None = None) -> None:
        """`over` are values that count before those of the table."""
        self.table: Table[Value] = cast("Table[Value]", _EMPTY) if table is None else table
        self._over: dict[str, Value | None] = {}
        """What differs from the table; None for what is not there."""
        self._size = len(self.table.units)
        if over:
            self.update(over)

    def __getitem__(self, unit: str) -> Value:
        if unit in self._over:
            if (found := self._over[unit]) is None:
                raise KeyError(unit)
            return found
        return self.table.at(self.table.index[unit])

    def __contains__(self, unit: object) -> bool:
        return self._over[unit] is not None if unit in self._over else unit in self.table.index

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        over, index = self._over, self.table.index
        if not index:
            return iter(over)
        return self._both(over, index) if over else iter(self.table.units)

    def _both(self, over: Mapping[str, Value | None], index: Mapping[str, int]) -> Iterator[str]:
        yield from (unit for unit in self.table.units if unit not in over or over[unit] is not None)
        yield from (unit for unit, value in over.items() if value is not None and unit not in index)

    def items(self) -> ItemsView[str, Value]:
        """All units with their values."""
        return cast("dict[str, Value]", self._over).items() if not self.table.index else super().items()

    def __setitem__(self, unit: str, value: Value) -> None:
        self._size += unit not in self
        self._over[unit] = value
        self._lighten()

    def __delitem__(self, unit: str) -> None:
        if unit not in self:
            raise KeyError(unit)
        self._size -= 1
        if unit in self.table.index:
            self._over[unit] = None
            self._lighten()
        else:
            del self._over[unit]

    def _lighten(self) -> None:
        """Let go of a table that hardly says anything any more, with everything that it holds."""
        if self.table.index and len(self._over) > max(FEW, len(self.table.units) // 2):
            left: dict[str, Value | None] = {unit: self[unit] for unit in self}
            self.table, self._over = cast("Table[Value]", _EMPTY), left

    def clear(self) -> None:
        """Let go of everything, the table as well."""
        self.table, self._over, self._size = cast("Table[Value]", _EMPTY), {}, 0

    @property
    def over(self) -> Mapping[str, Value | None]:
        """What differs from the table; None for what is not there."""
        return self._over

    def copy(self) -> Layered[Value]:
        """The same, on the same table."""
        made: Layered[Value] = Layered()
        made.table, made._over, made._size = self.table, dict(self._over), self._size
        return made

    def lay(self, given: Mapping[str, Value]) -> None:
        """Put some values in; where there is nothing yet, their table as it is."""
        if isinstance(given, Layered) and not self._size:
            self.table, self._over, self._size = given.table, dict(given.over), len(given)
        else:
            self.update(given)

    def updated(self, gone: Iterable[str], new: Mapping[str, Value]) -> Layered[Value]:
        """These without some and with others, as another mapping."""
        made = self.copy()
        for unit in gone if made else ():
            made.pop(unit, None)
        made.lay(new)
        return made


def layered(given: Mapping[str, Value]) -> Layered[Value]:
    """A mapping as one in layers; itself, where it is one."""
    return given if isinstance(given, Layered) else Layered(None, given)
