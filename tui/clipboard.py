"""Copying text, and saying honestly what became of it: a program that confirms, else the terminal, else a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.model.errors import AssayError
from core.model.text import visible
from core.store.files import write_file

TERMINAL_LIMIT = 74_994
"""Bytes of text beyond which common terminals ignore a copy (OSC 52)."""
PATIENCE = 2.0
"""Seconds that a clipboard program may take."""
SHOWN = 200
"""Characters of the copied text that are told."""

Way = Literal["program", "terminal", "file", "nowhere"]


@dataclass(frozen=True, slots=True)
class Copied:
    """Where the text is now, and what is told about it."""

    way: Way
    told: str


def programs(env: Mapping[str, str], platform: str = sys.platform) -> list[tuple[str, ...]]:
    """The clipboard programs of this machine that could reach the clipboard of whoever sits before it."""
    found: list[tuple[str, ...]] = []
    if platform == "darwin":
        found.append(("pbcopy",))
    if env.get("WAYLAND_DISPLAY"):
        found.append(("wl-copy",))
    if env.get("DISPLAY"):
        found += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    if env.get("WSL_DISTRO_NAME"):
        found.append(("clip.exe",))
    return [command for command in found if shutil.which(command[0], path=env.get("PATH"))]


def copy(text: str, to_terminal: Callable[[str], None], folder: Path) -> Copied:
    """Copy a text in the first way that works; `folder` takes what is too long for the terminal."""
    data = text.encode(errors="replace")
    for command in programs(os.environ):
        if _fed(command, data):
            return Copied("program", f"Copied with {command[0]}: {_short(text)}")
    if len(data) <= TERMINAL_LIMIT:
        to_terminal(text)
        told = f"Sent to the terminal's clipboard (OSC 52): {_short(text)}"
        return Copied("terminal", f"{told}\nTerminals do not confirm, and some ignore it.")
    path = folder / "copied.txt"
    try:
        write_file(path, data, mode=0o600)
    except (OSError, AssayError) as error:
        return Copied("nowhere", f"Too long for the terminal's clipboard; nothing was copied: {visible(str(error))}")
    return Copied("file", f"Too long for the terminal's clipboard; written to {visible(str(path))} instead.")


def _fed(command: tuple[str, ...], data: bytes) -> bool:
    """Whether a program took the text; it may go on in the background to serve it."""
    try:
        ended = subprocess.run(
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return ended.returncode == 0


def _short(text: str) -> str:
    said = visible(text)
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}… ({len(text):,} characters)"
