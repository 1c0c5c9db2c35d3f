"""The errors that reach people.

AssayError
├── ClosedError      what was asked for is not to be had any more, for the session ends
├── InputError       a file or folder that was given cannot be used
├── NothingFound     the work was done and its answer is no
├── Refused          a decision that may not be recorded (core.live.reviewing)
└── WorkspaceError   the workspace cannot be read or written
"""

from __future__ import annotations


def reason_of(error: OSError) -> str:
    """The system's own words for what it refused, without the path."""
    return (error.strerror or str(error)).lower()


class AssayError(Exception):
    """The base of all errors that are told to the user; the message is a whole sentence and never a traceback."""


class ClosedError(AssayError):
    """What was asked for is not to be had any more, for the session ends."""


class InputError(AssayError):
    """A file or folder that was given cannot be used; the message names it, the place and what is wrong."""


class NothingFound(AssayError):  # noqa: N818 - an answer, not a fault
    """The work was done, everything was written, and the answer is no."""


class WorkspaceError(AssayError):
    """The workspace cannot be read or written; the message says what to do."""
