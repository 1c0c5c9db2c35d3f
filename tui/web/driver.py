"""What draws the screens for a browser, by way of a server that can be killed at any time."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import Any

from textual.app import App
from textual.drivers.web_driver import WebDriver


class Drawing(WebDriver):
    """Textual's own, for which it is no fault that nobody reads any more: `tui.terminal` ends the review then."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = partial(_write, self.fileno)


def _write(file: int, data: bytes) -> int:
    with suppress(BrokenPipeError):
        os.write(file, data)
    return len(data)
