"""What commands write to: streams that were closed, have an old character set, or end on a full disk."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CLOSED, UNWRITTEN = 141, 74
"""The exit codes when nobody reads the output any more, and when it cannot be written (EX_IOERR of sysexits.h)."""


class UnwrittenError(OSError):
    """The standard output cannot be written."""


class UnreadError(UnwrittenError):
    """Nobody reads the standard output any more. It has no errno: of EPIPE click itself makes the exit code 1."""


class _File(io.FileIO):
    """A file whose errors can be told from those of all others."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise UnreadError from None
        except OSError as error:
            raise UnwrittenError(error.errno, error.strerror) from None


class _Aside(io.FileIO):
    """A file for what is said beside the result: when nobody reads it any more the result is still wanted."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def prepare() -> None:
    """Have all standard streams take what is written, or tell why not."""
    sys.stdout, sys.stderr = _telling(sys.stdout, _File), _telling(sys.stderr, _Aside)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # it was closed, and no file is to be opened in its place
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - for as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            from tui.plain.ascii import unencodable

            codecs.register_error(unencodable.__name__, unencodable)
            stream.reconfigure(errors=unencodable.__name__)


def _telling(out: TextIO, kind: type[io.FileIO]) -> TextIO:
    """The same output, whose errors are those of a kind of file; what is no file stays as it is."""
    if not isinstance(out, io.TextIOWrapper) or not isinstance(
        raw := getattr(out.buffer, "raw", out.buffer), io.FileIO
    ):
        return out
    file = kind(raw.fileno(), "w", closefd=False)
    buffer = io.BufferedWriter(file) if raw is not out.buffer else file  # as Python was told to (-u)
    is_direct = out.write_through
    return io.TextIOWrapper(
        buffer, out.encoding, out.errors, line_buffering=out.line_buffering, write_through=is_direct
    )


def told(error: OSError) -> int:
    """The exit code when the output cannot be written, and why, told unless nobody reads it any more."""
    if isinstance(error, (BrokenPipeError, UnreadError)):
        return CLOSED
    with suppress(OSError):
        sys.stderr.write(f"assay: the output cannot be written: {error.strerror}\n")
    return UNWRITTEN
