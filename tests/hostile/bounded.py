"""Code that runs in a process of its own, so that a hang or a great use of memory is seen and ended."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]

PATIENCE = 120
"""Seconds after which something hangs: what is bounded takes a few at the most, what is not takes hours."""


def finishes(code: str) -> str:
    """Run code that has to come to its end, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
