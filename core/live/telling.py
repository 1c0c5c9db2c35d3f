"""What is going on, told when it is news."""

from __future__ import annotations

from collections.abc import Callable

from core.live.snapshot import Activity


class Telling:
    """Tells somebody what a session is doing. For the thread that works."""

    def __init__(self) -> None:
        self.activity = Activity()
        """What was told last."""
        self._to: Callable[[Activity], None] = lambda _: None

    def begin(self, to: Callable[[Activity], None]) -> None:
        """Tell it to this one from now on."""
        self._to = to

    def tell(self, activity: Activity) -> None:
        """Say what is going on."""
        if activity != self.activity:
            self.activity = activity
            self._to(activity)
