"""How the program starts: Ctrl+C is answered in words from the first moment on, also while all else is imported."""

from __future__ import annotations

import sys


def run() -> None:
    """The program's entry, as `tui.cli.main.run`."""
    try:
        from core.model.uncollected import uncollected

        with uncollected(stays=True):
            from tui.cli.main import run as main

        main()
    except KeyboardInterrupt:
        sys.stderr.write("assay: interrupted\n")
        sys.exit(130)  # tui.cli.ending.INTERRUPTED, which may not be there yet
