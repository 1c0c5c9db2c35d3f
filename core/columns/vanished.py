"""A run that is no longer on disk as it was read."""

from __future__ import annotations


class VanishedError(Exception):
    """A file that was read before no longer holds the same bytes; the engine is told to look again."""

    def __init__(self, unit: str) -> None:
        super().__init__(unit)
        self.unit = unit
