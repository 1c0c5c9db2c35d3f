"""What is typed, in its order: each key does what it does before the next one is looked at.

Textual hands every key to what has the focus just then, and looks for a binding only when the key came back from
there. Of keys that come faster than that, some would act before those typed earlier, or go to what these were about to
leave: `/bump` would not be a filter but four other actions, and a letter behind a backspace would be gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

LONGEST = 1.0
"""Seconds after which a key is not waited for any more, whatever became of it."""


class InOrder(App[None]):
    """Hands on one key, or what is pasted, at a time; Ctrl+C waits for none."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._before: MessagePump | None = None
        """What has to work on its messages before it is the turn of the next key; None when that may come."""
        self._since = 0.0

    async def on_event(self, event: events.Event) -> None:
        """Hand an event on, a key when it is its turn."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and not _is_interrupt(event):
            self._typed.append(event)
            if self._before is None or self._is_lost(self._before):
                await self._begin()
        else:
            await super().on_event(event)

    def _is_lost(self, before: MessagePump) -> bool:
        """Whether what was waited for never comes: what failed works on no message any more."""
        return monotonic() - self._since > LONGEST or (before._task is not None and before._task.done())

    async def _begin(self) -> None:
        self._since = monotonic()
        if self.focused is None and self.screen_stack:
            self._settle()  # a screen may just be opening
        else:
            await self._hand_on()

    async def _hand_on(self) -> None:
        self._before = None
        if self._typed and self.screen_stack:
            self._since = monotonic()
            to = self._before = self.focused or self.screen
            await super().on_event(self._typed.popleft())
            self._follow(to)

    def _follow(self, pump: MessagePump | None) -> None:
        """Go through all that the key may come to, behind it."""
        while pump is not None and not self._wait(pump, self._follow, pump._parent):
            pump = pump._parent  # it is gone
        if pump is None:
            self._settle()

    def _settle(self) -> None:
        """Let what the key did come to its end: a screen that it opened, the focus that it moved."""
        if not self.screen_stack or not self._wait(self.screen, self._wait, self, self._hand_on):
            self._wait(self, self._hand_on)

    def _wait(self, before: MessagePump, then: Callable[..., object], *about: object) -> bool:
        """Do something once a pump has worked on its messages; whether it works on any."""
        self._before = before
        return before.call_later(then, *about)


def _is_interrupt(event: events.Key | events.Paste) -> bool:
    return isinstance(event, events.Key) and event.key == "ctrl+c"
