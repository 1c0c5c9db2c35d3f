"""How a command ends: at once after it read much."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from tui.cli.output import told


class Held(list[object]):
    """What is held until the process ends, which gives its memory back at once and not object by object."""


def end(code: int, *, at_once: bool) -> None:
    """Write what was said, and end the process if it is to end `at_once`.

    To let go of all that was read, one object after the other, takes seconds. Python itself ends badly when the output
    cannot be written: it tries to do so once more.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        code, at_once = told(error), True
    if at_once:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)
