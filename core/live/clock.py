"""The time, as an argument."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where the live workspace gets the time from."""

    def monotonic(self) -> float:
        """Seconds that only ever grow, for waiting."""

    def time(self) -> float:
        """Unix seconds, for comparing with the times of files."""


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        return time.monotonic()

    def time(self) -> float:
        """Unix seconds."""
        return time.time()


SYSTEM_CLOCK = SystemClock()
