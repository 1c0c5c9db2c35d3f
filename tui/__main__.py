"""`python -m tui` is `assay`, for where the command itself is not on the path."""

from __future__ import annotations

from tui.start import run

if __name__ == "__main__":
    run()
