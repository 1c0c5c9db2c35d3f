"""The time, as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime
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


def utc_now() -> str:
    """The present time, RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


SYSTEM_CLOCK = SystemClock()
