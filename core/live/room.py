"""How much memory there is for runs that are held as a whole, as generalised mode does."""

from __future__ import annotations

import re
from pathlib import Path

MANY = 1_000
"""Runs that are worth another process, and that are not to be gone through for garbage again and again."""

_MEMORY = Path("/proc/meminfo")
_TAKEN = 8
"""Bytes of memory that holding and mining runs takes for each byte of their files."""


def is_room(size: int) -> bool:
    """Whether there is room for runs of so many bytes."""
    return _TAKEN * size < free()


def strain(size: int) -> str:
    """What to tell who opens files of so many bytes in generalised mode; empty where there is room for them."""
    if is_room(size):
        return ""
    wanted, there = _TAKEN * size, free()
    return (
        f"These runs can take up to {_told(wanted)} in generalised mode, and {_told(there)} of memory are free: "
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
