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
    except (KeyboardInterrupt, Exception) as error:
        if not is_interrupt(error):
            raise
        sys.stderr.write("assay: interrupted\n")
        sys.exit(130)  # tui.cli.ending.INTERRUPTED, which may not be there yet


def is_interrupt(error: BaseException) -> bool:
    """Whether an error is Ctrl+C, or what somebody made of it: a class that was just being made raises another one."""
    link: BaseException | None = error
    while link is not None and not isinstance(link, KeyboardInterrupt):
        link = link.__cause__ or link.__context__
    return link is not None
