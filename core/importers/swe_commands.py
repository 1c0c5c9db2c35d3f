"""The commands that SWE-agent's agents type: name, parameters and what they change.

Sources: SWE-agent's documentation of its command bundles (defaults, edit_linting, edit_replace, search,
str_replace_editor).
"""

from __future__ import annotations

import re
import shlex
from typing import Any, NamedTuple

_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "open": ("path", "line"),
    "goto": ("line",),
    "create": ("filename",),
    "find_file": ("file_name", "dir"),
    "search_dir": ("search_term", "dir"),
    "search_file": ("search_term", "file"),
    "set_cursors": ("start", "end"),
    "str_replace_editor": ("command", "path"),
    "scroll_up": (),
    "scroll_down": (),
    "submit": (),
    "exit_forfeit": (),
    "edit": (),
    "insert": (),
    "append": (),
    "undo_edit": (),
}
"""SWE-agent's own commands, with the names of their arguments."""

_EDITS = frozenset({"edit", "insert", "append"})
"""Commands that write to the file that is open."""

_EDITOR_WRITES = frozenset({"create", "str_replace", "insert", "undo_edit"})
_RANGE = re.compile(r"[0-9]+:[0-9]+")
_PLAIN = re.compile(r"python[0-9.]*")
_OF_SEVERAL = frozenset({"pip", "pip3", "git", "npm", "cargo", "go", "apt", "apt-get", "conda", "docker"})
"""Programs whose second word tells what they do."""


class Command(NamedTuple):
    """What was typed."""

    name: str
    parameters: dict[str, Any]
    changes: str | None = None
    """The kind of side effect; None when the command is not known to change a file."""
    targets: tuple[str, ...] = ()
    mutation: str = ""


def command(typed: str, open_file: str | None) -> Command:
    """What a line, or several, at the agent's prompt does; `open_file` is the file that editing commands write to."""
    first = typed.partition("\n")[0]
    words = _words(first)
    if not words:
        return Command("bash", {})
    name, given = words[0], words[1:]
    if name not in _ARGUMENTS:
        return _shell(name, given, typed)
    parameters: dict[str, Any] = dict(zip(_ARGUMENTS[name], given, strict=False))
    if name in _EDITS:
        if given and _RANGE.fullmatch(given[0]):
            parameters["range"] = given[0]
        target = (open_file,) if open_file and open_file != "n/a" else ()
        return Command(name, parameters, "file_write", target, name)
    if name == "create":
        return Command(name, parameters, "file_write", tuple(given[:1]), name)
    if name == "str_replace_editor" and given[:1] and given[0] in _EDITOR_WRITES:
        return Command(name, parameters, "file_write", tuple(given[1:2]), given[0])
    return Command(name, parameters)


def _shell(program: str, given: list[str], typed: str) -> Command:
    """A command of the shell; of these only a plain `rm` is known to change a file."""
    name = "python" if _PLAIN.fullmatch(program) else program[:80]
    if program in _OF_SEVERAL and given:
        name = f"{program} {given[0][:80]}"
    if program == "rm" and "\n" not in typed and not set(typed) & set(";|&<>$`*?"):
        files = tuple(word for word in given if not word.startswith("-"))
        return Command(f"bash:{name}", {"command": typed}, "file_delete", files, "rm")
    return Command(f"bash:{name}", {"command": typed})


def _words(line: str) -> list[str]:
    """The words of a line as a shell reads them; as they stand where its quotes do not close."""
    try:
        return shlex.split(line[:4096])
    except ValueError:
        return line[:4096].split()
