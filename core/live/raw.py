"""The bytes of a file of the traces folder as they are, for who looks at it; opened as it is for being read as a run.

What was found there may be a link or a pipe by now, and a problem that is looked at may have been one all along.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.live.links import special_problem
from core.live.names import path_of
from core.live.read import Opening
from core.live.reviewing import Raw


def bytes_of(folder: Path, unit: str) -> bytes:
    """All bytes of a unit's file. Raises OSError or ValueError."""
    with _opened(folder, unit) as file:
        return file.read()


def beginning_of(folder: Path, unit: str, most: int) -> Raw:
    """At most so many bytes of a unit's file. Raises OSError or ValueError."""
    with _opened(folder, unit) as file:
        return Raw(file.read(most), os.fstat(file.fileno()).st_size)


@contextmanager
def _opened(folder: Path, unit: str) -> Iterator[IO[bytes]]:
    with Opening(folder) as opening:
        number, status = opening.open(path_of(unit))
    if number < 0:
        raise OSError(errno.EINVAL, special_problem(unit, status.st_mode).reason)
    with os.fdopen(number, "rb") as file:
        yield file
