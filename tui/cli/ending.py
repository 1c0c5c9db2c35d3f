"""How a command ends after it read much: at once."""

from __future__ import annotations

import os
import sys

_CLOSED, _UNWRITTEN = 141, 74
"""The exit codes when nobody reads the output any more, and when it cannot be written (EX_IOERR of sysexits.h)."""


class Held(list[object]):
    """What is held until the process ends, which gives its memory back at once and not object by object."""


def end(code: int) -> None:
    """End the process: letting go of all that was read, one object after the other, takes seconds."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        code = _CLOSED if isinstance(error, BrokenPipeError) else _UNWRITTEN
    os._exit(code)
