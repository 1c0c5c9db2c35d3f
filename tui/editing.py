"""Opening a file in the reviewer's editor, at a line where the editor takes one."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import NamedTuple

_PLUS = ("vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "mg", "kak", "joe", "jed", "ne", "mcedit")
"""Editors that take `+LINE` before the file."""
_COLON = ("hx", "helix", "micro", "subl", "zed", "zeditor", "amp")
"""Editors that take `FILE:LINE:COLUMN`."""
_GOTO = ("code", "code-insiders", "codium", "cursor", "windsurf")
"""Editors that take `--goto FILE:LINE:COLUMN`."""


class Spot(NamedTuple):
    """A place in a text, counted from 1."""

    line: int = 1
    column: int = 1


class NoEditor(Exception):  # noqa: N818 - an answer, not a fault
    """No editor can be started; the message says why and what to do."""


def command(env: Mapping[str, str], path: Path, spot: Spot = Spot()) -> list[str]:  # noqa: B008 - immutable
    """The command line that opens a file with $VISUAL, else $EDITOR. Raises NoEditor."""
    given = env.get("VISUAL", "").strip() or env.get("EDITOR", "").strip()
    if not given:
        raise NoEditor("No editor is set: put its command into VISUAL or EDITOR, for instance EDITOR=vim.")
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise NoEditor(f"VISUAL or EDITOR is no command line: {error}.") from error
    # Absolute, so that a name that begins with a dash is no option.
    return [*words, *_file(Path(words[0]).name, path.absolute(), spot)]


def _file(editor: str, path: Path, spot: Spot) -> list[str]:
    if spot.line <= 1:
        return [str(path)]
    if editor in _PLUS:
        return [f"+{spot.line}", str(path)]
    if editor in _COLON:
        return [f"{path}:{spot.line}:{spot.column}"]
    if editor in _GOTO:
        return ["--goto", f"{path}:{spot.line}:{spot.column}"]
    return [str(path)]


def run(line: list[str]) -> str:
    """Run an editor in this terminal until it ends; what went wrong, empty when nothing did."""
    try:
        with _undisturbed():
            ended = subprocess.run(line, check=False)
    except OSError as error:
        return f"{line[0]} cannot be started: {error.strerror or error}"
    return f"{line[0]} ended with code {ended.returncode}" if ended.returncode else ""


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keys that interrupt are meant for whoever has the terminal just now, not for the review (as with system(3))."""
    if current_thread() is not main_thread():
        yield
        return
    known = [getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)]
    # Not ignored: that would be so in the other program, too.
    before = {number: signal.signal(number, lambda *_: None) for number in known}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
