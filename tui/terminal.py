"""The terminal that the review is drawn on: it can go away at any time, and the program can be asked to end.

Nobody may tell that it is gone. SIGHUP goes to the leader of the session alone, which may wait for the review, as
`make` does; reading then finds the end of the input at once, for ever, and whoever writes finds an error. In the place
of a terminal may be the server that shows the review in a browser; one that is killed ends nobody.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import TextIO, cast

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""What draws the screens for a browser, as `TEXTUAL_DRIVER` names it."""
LOOK = 1.0
"""Seconds between two looks at the terminal."""
GONE = 129
"""The exit code of whoever lost the terminal: a shell's for SIGHUP, on systems without that signal too."""


class Lasting:
    """A text file that takes whatever is written to it after its terminal went away.

    Textual's thread that writes would die of the error, and whoever draws would wait for it for ever.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write a text, or nothing when nobody can see it; the number of characters."""
        with self._unless_gone():
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        with self._unless_gone():
            self._file.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    @contextmanager
    def _unless_gone(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            if self._file.isatty():
                raise


@contextmanager
def ending(leave: Callable[[int], None]) -> Iterator[None]:
    """Call `leave` once, from another thread, with an exit code, when the terminal is gone or a signal says to end.

    The exit code is that of a shell: 128 and the signal's number, which is SIGHUP's for a terminal that went away.
    What is written in the meantime to the standard error, where Textual draws, cannot fail for want of a terminal.
    """
    asked, codes, error = Event(), list[int](), sys.__stderr__
    watch = Thread(target=_watch, args=(leave, asked, codes), name="terminal", daemon=True)
    before = {number: signal.getsignal(number) for number in _signals()}

    def note(number: int, _frame: object) -> None:
        codes.append(128 + number)
        asked.set()

    if error is not None:
        sys.__stderr__ = cast("TextIO", Lasting(error))  # type: ignore[misc, assignment]
    try:
        for number in before:
            signal.signal(number, note)
        watch.start()
        yield
    finally:
        asked.set()
        with suppress(RuntimeError):  # an interrupt came while it was started
            watch.join()
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.__stderr__ = error  # type: ignore[misc]


def _watch(leave: Callable[[int], None], asked: Event, codes: list[int]) -> None:
    terminals = attached()
    while not asked.wait(LOOK):
        if are_gone(terminals) or (is_in_browser() and _is_left()):
            codes.append(GONE)
            break
    if codes:
        leave(codes[0])


def attached() -> list[int]:
    """Which of standard input, output and error are a terminal, by their numbers."""
    return [number for number in range(3) if os.isatty(number)]


def are_gone(terminals: list[int]) -> bool:
    """Whether one of what was a terminal is none any more; then nobody reads what is written to them from now on."""
    if gone := not all(os.isatty(number) for number in terminals):
        nobody_reads(terminals)
    return gone


def is_in_browser() -> bool:
    """Whether a server shows the review in a browser (`assay serve`)."""
    return os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER


def _is_left() -> bool:
    """Whether the server is gone, which holds the other ends of standard input, output and error."""
    keys = select.poll()
    keys.register(0, 0)
    if gone := bool(keys.poll(0)):
        nobody_reads([0, 1, 2])
    return gone


def nobody_reads(numbers: list[int]) -> None:
    """Put nothing in the place of files, by their numbers, so that what is said at the end goes nowhere."""
    with suppress(OSError), Path(os.devnull).open("r+b", buffering=0) as nowhere:
        for number in numbers:
            os.dup2(nowhere.fileno(), number)


def _signals() -> list[signal.Signals]:
    """The signals that ask the program to end; one that somebody chose to ignore (nohup) stays so.

    Ctrl+C is one of them only while the terminal does not hand it on as a key.
    """
    if current_thread() is not main_thread():
        return []
    known = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    return [number for number in known if signal.getsignal(number) != signal.SIG_IGN]
