"""What is going on, told when it is news."""

from __future__ import annotations

from collections.abc import Callable

from core.live.snapshot import Activity
from core.model.errors import AssayError


class Telling:
    """Tells somebody what a session is doing. For the thread that works."""

    def __init__(self) -> None:
        self.activity = Activity()
        """What was told last."""
        self.fault = ""
        """What is told for good after a fault of the program itself, for nobody knows what was not taken in."""
        self._to: Callable[[Activity], None] = lambda _: None

    def begin(self, to: Callable[[Activity], None]) -> None:
        """Tell it to this one from now on."""
        self._to = to

    def trouble(self, error: Exception) -> str:
        """What to tell of an error."""
        if isinstance(error, AssayError):
            return str(error)
        kind = type(error).__qualname__  # its text may quote a run
        self.fault = f"a fault of the program itself ({kind}): what is shown may be behind until it is started again"
        return self.fault

    def tell(self, activity: Activity) -> None:
        """Say what is going on."""
        if activity != self.activity:
            self.activity = activity
            self._to(activity)
