"""How the program starts: Ctrl+C is answered in words from the first moment on, also while all else is imported."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130
"""The exit code after Ctrl+C: a shell's for SIGINT."""


def run() -> None:
    """The program's entry, as `tui.cli.main.run`."""
    try:
        _starting()
        from core.model.uncollected import uncollected

        with uncollected(stays=True):
            from tui.cli.main import run as main

        main()
    except (KeyboardInterrupt, Exception) as error:
        if not is_interrupt(error):
            raise
        sys.stderr.write("assay: interrupted\n")
        sys.exit(INTERRUPTED)


def is_interrupt(error: BaseException) -> bool:
    """Whether an error is Ctrl+C, or what somebody made of it: a class that was just being made raises another one."""
    link: BaseException | None = error
    while link is not None and not isinstance(link, KeyboardInterrupt):
        link = link.__cause__ or link.__context__
    return link is not None


def _starting() -> None:
    """Until all is imported Ctrl+C ends the process at once."""
    import signal  # itself imported where Ctrl+C is answered already

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it may be ignored, as by nohup
        signal.signal(signal.SIGINT, _end)


def started() -> None:
    """From now on there is something to put in order when Ctrl+C is pressed."""
    import signal

    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    """End at once: nothing is at stake yet, and not all that is just imported in C bears an exception anywhere."""
    os.write(2, b"assay: interrupted\n")
    os._exit(INTERRUPTED)
