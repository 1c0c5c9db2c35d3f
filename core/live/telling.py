"""What is going on, told when it is news."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.live.snapshot import Activity, Phase
from core.model.errors import AssayError, reason_of
from core.model.text import visible

if TYPE_CHECKING:
    from core.live.feed import Feed


class Telling:
    """Tells somebody what a session is doing. For the thread that works."""

    def __init__(self) -> None:
        self.activity = Activity()
        """What was told last."""
        self.trouble = ""
        """What the present turn is tried again for; the next one that is done takes it back."""
        self.fault = ""
        """What is told for good after a fault of the program itself, for nobody knows what was not taken in."""
        self._to: Callable[[Activity], None] = lambda _: None

    def begin(self, to: Callable[[Activity], None]) -> None:
        """Tell it to this one from now on."""
        self._to = to

    def failed(self, error: Exception) -> None:
        """Take in what a turn ended with."""
        if isinstance(error, AssayError):
            self.trouble = str(error)
        elif isinstance(error, OSError):
            place = f" of {visible(os.fsdecode(error.filename))}" if isinstance(error.filename, str | bytes) else ""
            self.trouble = f"the system says{place}: {reason_of(error)}; it is tried again every second"
        else:
            kind = type(error).__qualname__  # its text may quote a run
            told = f"a fault of the program itself ({kind})"
            self.fault = f"{told}: what is shown may be behind until it is started again"

    def tell_of(
        self, feed: Feed, phase: Phase, *, done: int = 0, total: int = 0, changed: bool = False, strain: str = ""
    ) -> None:
        """Say what is going on with a feed; `strain` is that of core.live.supply.Supply."""
        last = time.time() if changed else self.activity.last_change
        told = self.trouble or self.fault or feed.trouble or strain
        self.tell(Activity(phase, done, total, feed.watching.mode, feed.waiting, last, told))

    def tell(self, activity: Activity) -> None:
        """Say what is going on, if that is news."""
        if activity != self.activity:
            self.activity = activity
            self._to(activity)
