"""How much memory there is for runs that are held as a whole, as generalised mode does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

MANY = 1_000
"""Runs that are worth another process, and that are not to be gone through for garbage again and again."""

_MEMORY = Path("/proc/meminfo")
_TAKEN = 12
"""Bytes of memory that holding and mining runs takes for each byte of their files."""


def is_room_beside(sizes: Sequence[int]) -> bool:
    """Whether files of so many bytes are worth a process that keeps their runs too, and there is room for it."""
    return len(sizes) >= MANY and _TAKEN * sum(sizes) < free()


def strain(sizes: Sequence[int]) -> str:
    """What to tell who opens files of so many bytes in generalised mode; empty where there is room for them."""
    wanted, there = _TAKEN * sum(sizes), free()
    if wanted < there:
        return ""
    return (
        f"These runs take about {_told(wanted)} in generalised mode, and {_told(there)} of memory are free: "
        "`--mode exact` with another `--workspace` takes far less."
    )


def free() -> float:
    """Bytes of memory that can be had, what only caches files counted; without end where the system does not tell."""
    try:
        told = re.search(r"^MemAvailable:\s*(\d+) kB$", _MEMORY.read_text(), re.MULTILINE)
    except OSError:
        told = None
    return float("inf") if told is None else 1024.0 * int(told[1])


def _told(size: float) -> str:
    return f"{size / 1e9:.1f} GB"
