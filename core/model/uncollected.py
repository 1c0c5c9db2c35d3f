"""Work on much that stays in memory, without looking for garbage in between."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
