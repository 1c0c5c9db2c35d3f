"""Decisions of lines that were read before: decoded only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from core.model.decision import Decision
from core.store.statement import Judge, recall_line


class Recalled(Sequence[Decision]):
    """The decisions of sound lines, and of those that were read after them. Equal to any sequence of the same."""

    def __init__(self, lines: Sequence[bytes], judge: Judge, known: Sequence[Decision] | None = None) -> None:
        self._lines, self._judge, self._known = lines, judge, known
        self._more: list[Decision] = []

    def append(self, decision: Decision) -> None:
        """Add the decision of the next line."""
        self._more.append(decision)

    def __len__(self) -> int:
        return len(self._lines) + len(self._more)

    @overload
    def __getitem__(self, index: int) -> Decision: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Decision, ...]: ...

    def __getitem__(self, index: int | slice) -> Decision | tuple[Decision, ...]:
        if self._known is None:
            self._known = tuple(recall_line(line, self._judge) for line in self._lines)
        return (*self._known, *self._more)[index]

    def __iter__(self) -> Iterator[Decision]:
        return iter(self[:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self[:]) == tuple(other)

    __hash__ = None  # type: ignore[assignment]
