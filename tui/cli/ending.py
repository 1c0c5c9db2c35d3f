"""How a command ends after it read much: at once."""

from __future__ import annotations

import os
import sys


class Held(list[object]):
    """What is held until the process ends, which gives its memory back at once and not object by object."""


def end(code: int) -> None:
    """End the process: letting go of all that was read, one object after the other, takes seconds."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = 141
    os._exit(code)
