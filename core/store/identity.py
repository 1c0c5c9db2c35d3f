"""Who reviews (spec/review.md): whom the user named, else git's address, else the user of the system."""

from __future__ import annotations

import getpass
import os
import subprocess

from core.model.errors import InputError
from core.model.text import quoted, trim, visible

_PATIENCE = 5.0


def reviewer(explicit: str | None = None) -> str:
    """The name under which decisions are recorded. Raises InputError for a name that was given but cannot be used."""
    if explicit is not None:
        if not _usable(name := trim(explicit)):
            raise InputError(f"{visible(quoted(explicit))} cannot name a reviewer; give visible text on one line")
        return name
    return git_email() or _system_user()


def git_email() -> str:
    """What `git config user.email` says where the program was started; empty when nothing, or without git."""
    command = ["git", "config", "--get", "user.email"]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    name = trim(done.stdout.decode(errors="replace"))
    return name if done.returncode == 0 and _usable(name) else ""


def _system_user() -> str:
    try:
        name = trim(getpass.getuser())
    except (OSError, KeyError):
        name = ""
    return name if _usable(name) else f"user-{os.getuid()}"


def _usable(name: str) -> bool:
    """Whether a name is there and shows all that it holds: no line break, nothing invisible."""
    return bool(name) and visible(name) == name
