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
        self._listener: threading.Thread | None = None
        """Listens to the process where nothing else waits for it."""
        self._data = b""
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

    def ahead(self) -> None:
        """Begin the look that is taken next, while something else goes on."""
        if self._process is None:
            self._begin()

    def begin(self) -> None:
        """Begin a look that nobody waits for until it `is_done`; then a call takes it."""
        self.ahead()
        with self._lock:
            if self._process is None or self._closed:
                return
            self._waits = True
            self._listener = threading.Thread(target=self._listen, args=[self._process], name="assay-look", daemon=True)
            self._listener.start()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        self._data, _ = process.communicate()

    @property
    def is_done(self) -> bool:
        """Whether a look that was begun can be taken."""
        return self._listener is None or not self._listener.is_alive()

    def drop(self) -> None:
        """Let go of a look that was begun."""
        if self._listener is not None and self._process is not None:
            self._process.kill()
            self._walked()

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
        if self._listener is None:
            data, _ = process.communicate()
        else:
            self._listener.join()
            data = self._data
        with self._lock:
            self._process, self._listener, self._data, self._waits = None, None, b"", False
        try:
            return walk.read(os.fspath(self._folder), data) if process.returncode == 0 else None
        except ValueError:
            return None
