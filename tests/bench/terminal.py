"""The program as a person has it: in a terminal, with time taken of what appears there after what is done."""

from __future__ import annotations

import atexit
import codecs
import os
import re
import select
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pexpect

SIZE = (45, 140)
_CONTROLS = re.compile(r"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[=>]|\x1b[()][A-Z0-9]")
_UNFINISHED = re.compile(r"\x1b(\[[0-9;?<>=]*[ -/]*|\][^\x07]*|[()])?\Z")
"""A control sequence of which only the beginning was read."""
_CURSOR = re.compile(r"▌ \S(?: [\w ]+?)?  +(\S.*?)  ")


@cache
def compiled() -> dict[str, str]:
    """The environment for programs that find their modules compiled, as an installed one does."""
    there = {**os.environ, "PYTHONPYCACHEPREFIX": mkdtemp(prefix="assay-bench-")}
    atexit.register(shutil.rmtree, there["PYTHONPYCACHEPREFIX"])
    there.pop("PYTHONDONTWRITEBYTECODE", None)
    imports = "import core.live.exact, core.live.remembered, core.live.rows, tui.app, tui.cli.review"
    subprocess.run([sys.executable, "-c", imports], check=True, env=there)
    return there


class Terminal:
    """`assay TRACES` in a terminal of its own."""

    def __init__(self, folder: Path, workspace: Path, mode: str) -> None:
        command = ["-m", "tui", str(folder), "--workspace", str(workspace), "--mode", mode]
        there = {**compiled(), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.began = time.perf_counter()
        self._program = pexpect.spawn(sys.executable, command, dimensions=SIZE, env=there)
        self._program.delaybeforesend = None  # else every key would take 50 ms before it is even pressed
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""
        """The beginning of a control sequence whose end is still to come."""
        self._text = ""
        self._cursor = ""
        self.peak = 0.0
        """The most megabytes seen, of all processes together."""

    def until(self, pattern: str, timeout: float = 600, *, memory: bool = False) -> float:
        """The moment (perf_counter) at which a text appeared. Raises TimeoutError."""
        end = time.perf_counter() + timeout
        while time.perf_counter() < end:
            self._read(0.05)
            if memory:
                self.peak = max(self.peak, self.megabytes())
            if re.search(pattern, self._text):
                return time.perf_counter()
        raise TimeoutError(f"{pattern} did not appear; last: {self._text[-2000:]}")

    def forget(self) -> None:
        """Look only at what appears from now on."""
        self._text = ""

    def rest(self, seconds: float) -> None:
        """Let things happen."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._read(0.05)

    def begin_at(self, key: str) -> None:
        """Press a key and see where the list's cursor is once that is drawn."""
        self.forget()
        self._program.send(key)
        self.rest(2)
        self._cursor = [found[1] for found in _CURSOR.finditer(self._text)][-1]

    def move(self, key: str) -> float:
        """Seconds from a key to the list's cursor drawn on another row."""
        before, begin = self._cursor, len(self._text)
        began = time.perf_counter()
        self._program.send(key)
        while time.perf_counter() < began + 60:
            self._read(0.002)
            for found in _CURSOR.finditer(self._text, begin):
                if found[1] != before:
                    self._cursor = found[1]
                    return time.perf_counter() - began
        raise TimeoutError(f"the cursor did not leave {before}")

    def megabytes(self) -> float:
        """The memory of the program and of every process that it started, each shared page counted once (PSS)."""
        return sum(map(_share, _family(self._program.pid))) / 1024

    def quit(self) -> None:
        """End it as a person does, and wait for it."""
        self._program.send("\x11")
        end = time.perf_counter() + 30
        while time.perf_counter() < end and self._program.isalive():
            self._read(0.05)
        self._program.close(force=True)

    def _read(self, timeout: float) -> None:
        if not select.select([self._program.child_fd], [], [], timeout)[0]:
            return
        try:
            data = os.read(self._program.child_fd, 1 << 20)
        except OSError:  # the other end is closed
            time.sleep(timeout)
            return
        read = self._begun + self._decoder.decode(data)
        begun = _UNFINISHED.search(read)
        self._begun = begun[0] if begun else ""
        self._text += _CONTROLS.sub("", read.removesuffix(self._begun))


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    listed = [pid]
    for known in listed:
        for task in Path(f"/proc/{known}/task").glob("*/children"):
            try:
                listed += map(int, task.read_text().split())
            except OSError:
                continue
    return listed


def _share(pid: int) -> int:
    """Kilobytes of a process, its part of shared pages included; 0 when it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0
