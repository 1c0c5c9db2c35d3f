"""Reading runs again that were read before; or finding that they are no longer there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from core.model.trace import Trace

if TYPE_CHECKING:
    from core.columns.facts import RunFacts


class VanishedError(Exception):
    """Files that were read before no longer hold the same bytes; the engine is told to look again."""

    def __init__(self, *units: str) -> None:
        super().__init__(*units)
        self.units = frozenset(units)


class Reader(NamedTuple):
    """How the run of a unit is read again whose file's bytes have a sha256 (hex). Both ways raise VanishedError."""

    run: Callable[[str, str], Trace]
    """With its payloads."""
    facts: Callable[[str, str], RunFacts] | None = None
    """As facts, which is many times as quick; None where there is no such way."""


def _vanish(unit: str, _: str) -> Trace:
    raise VanishedError(unit)


NOWHERE = Reader(_vanish)
"""Reads nothing."""
