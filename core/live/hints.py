"""The mailbox between the watcher's thread and the feed: which paths may have changed."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

MOST_PATHS = 4000
"""Paths above which looking at everything is cheaper than looking at each (design: watching)."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What may have changed; hints may be missing, doubled or wrong, so each is only a reason to look."""

    units: frozenset[str] = frozenset()
    """Files or sub-folders, by their path below the traces folder."""
    everything: bool = False
    """Whether to look at the whole folder."""

    def __bool__(self) -> bool:
        return self.everything or bool(self.units)


class HintBox:
    """Gathers hints until they are taken; bounded, and safe to use from any thread."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._units: set[str] = set()
        self._everything = False
        self._closed = False

    def put(self, units: Iterable[str]) -> None:
        """Say that some paths may have changed."""
        with self._ready:
            if not self._everything:
                self._units.update(units)
                self._everything = len(self._units) > MOST_PATHS
            if self._everything:
                self._units.clear()
            self._ready.notify_all()

    def put_everything(self) -> None:
        """Say that anything may have changed, also what no hint told of."""
        with self._ready:
            self._everything = True
            self._units.clear()
            self._ready.notify_all()

    def take(self, timeout: float) -> Hints:
        """All hints since the last time, after at most `timeout` seconds; none when there are none or on close."""
        with self._ready:
            self._ready.wait_for(lambda: self._closed or self._everything or bool(self._units), max(0.0, timeout))
            taken = Hints(frozenset(self._units), self._everything)
            self._units, self._everything = set(), False
            return taken

    def peek(self) -> Hints:
        """The hints that wait, left where they are."""
        with self._ready:
            return Hints(frozenset(self._units), self._everything)

    def close(self) -> None:
        """Wake up whoever waits, now and from now on."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
