"""Looks at the whole traces folder: of a large one the way through it is gone by a process of its own.

To ask how a hundred thousand files look takes half a second, in which nothing else of this process would go on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from core.live import walk
from core.live.scan import Scan, scan

MANY = 10_000
"""Files from which on it is worth another process."""


class Looking:
    """Looks at one folder. For one thread, but for `close`."""

    def __init__(self, folder: Path, *, expected: int = 0) -> None:
        """`expected` is how many files there may be; where that is many, the first look begins now."""
        self._folder, self._files = folder, expected
        self._closed = self._waits = False
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        if self.is_large:
            self._begin()

    @property
    def is_large(self) -> bool:
        """Whether there are so many files that another process looks, or will look, at them."""
        return self._files >= MANY

    def __call__(self) -> Scan | None:
        """What lies in the folder; None when that was closed meanwhile."""
        if self._process is None and self.is_large:
            self._begin()
        walked = self._walked()
        if self._closed:
            return None
        found = scan(self._folder, walk=walked)
        self._files = len(found.entries)
        return found

    def close(self) -> None:
        """End a look that is under way."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
                if not self._waits:
                    self._process.communicate()

    def _begin(self) -> None:
        # Nothing of the environment or of what is installed is looked at: only the standard library is needed.
        command = [sys.executable, "-I", "-S", walk.__file__, os.fspath(self._folder.absolute())]
        nobody = subprocess.DEVNULL
        with self._lock, suppress(OSError):
            if not self._closed:
                self._process = subprocess.Popen(
                    command,
                    stdin=nobody,
                    stdout=subprocess.PIPE,
                    stderr=nobody,
                    start_new_session=True,  # Ctrl+C is for the program in front, which ends this one
                )

    def _walked(self) -> walk.Walk | None:
        """What the process found; None when there is none, or when it failed."""
        with self._lock:
            process, self._waits = self._process, True
            if process is None or self._closed:
                return None
        data, _ = process.communicate()
        with self._lock:
            self._process, self._waits = None, False
        try:
            return walk.read(os.fspath(self._folder), data) if process.returncode == 0 else None
        except ValueError:
            return None
