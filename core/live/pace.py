"""How fast files are read, and how long the rest will take."""

from __future__ import annotations

_SURE = 0.5
"""Seconds before which no rate is told."""


class Pace:
    """The rate of one burst of files after the other; times are those of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._began, self._done = 0.0, 0
        self._total = 0

    def rate(self, done: int, total: int, now: float) -> float:
        """Files a second since the burst began; 0 while that cannot be told."""
        if done < self._done or not self._total:
            self._began, self._first = now, done
        self._done, self._total = done, total
        passed = now - self._began
        if done >= total:
            self._done = self._total = 0
        return (done - self._first) / passed if passed >= _SURE else 0.0

    _first = 0
