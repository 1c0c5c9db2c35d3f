"""Work on much that stays in memory, without looking for garbage in between."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

USUAL, SELDOM = (700, 10, 10), (50_000, 20, 10)
"""How often Python looks for garbage by itself, and how often where many objects come that all stay: each look at
all of them would hold up every thread, the screen's as well."""


def look_seldom() -> None:
    """Have Python look for garbage less often than it does by itself, unless somebody chose how often."""
    if gc.get_threshold() == USUAL:
        gc.set_threshold(*SELDOM)


@contextmanager
def uncollected(*, stays: bool = False) -> Iterator[None]:
    """Let no collection run: each would walk over all runs in memory, a quarter to a third of the time.

    With `stays` no later one looks at what there is at the end either, which is not let go of for long.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if stays:
            gc.freeze()
        if running:
            gc.enable()
