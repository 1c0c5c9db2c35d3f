"""How the program ends, and how errors are told."""

from __future__ import annotations

from enum import IntEnum

from core.live.reviewing import Refused
from core.model.errors import AssayError, InputError, NothingFound, WorkspaceError


class Exit(IntEnum):
    """The documented exit codes."""

    DONE = 0
    """Everything asked for was done."""
    NO = 1
    """The answer is no: nothing selected, problems found, something differs."""
    USAGE = 2
    """The command line is wrong, or needs a terminal."""
    BAD_INPUT = 3
    """A file or folder that was given cannot be used."""
    REFUSED = 4
    """A decision was not recorded: stale, against the policy, blocked."""
    WORKSPACE = 5
    """The workspace cannot be read or written."""


_CODES: dict[type[AssayError], Exit] = {
    InputError: Exit.BAD_INPUT,
    NothingFound: Exit.NO,
    Refused: Exit.REFUSED,
    WorkspaceError: Exit.WORKSPACE,
}


def exit_code(error: AssayError) -> Exit:
    """The exit code that an error ends the program with."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), Exit.NO)
