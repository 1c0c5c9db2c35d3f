"""A failure in one screen ends that screen, not the program: it is reported, closed, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, ClassVar
from weakref import WeakSet

from rich.text import Text
from textual import events
from textual._context import active_message_pump
from textual.app import App
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed

from tui import crash, settings

AGAIN = 10.0
"""Seconds within which a second failure of the same kind of home screen ends the program."""


class FaultBarrier(App[None]):
    """Closes a screen that failed and tells where the report is; a failure of the app itself still ends it."""

    GOES_ON: ClassVar[bool] = True
    """Whether the program goes on after a failure in a screen; tests want to see every failure."""

    def __init__(self) -> None:
        super().__init__()
        self._failed_at: dict[type[Screen[Any]], float] = {}
        self._failing: WeakSet[Screen[Any]] = WeakSet()
        """Screens that are being closed; one failure leads to others, which tell nothing new."""

    def new_home(self) -> Screen[Any]:
        """The first screen, made anew."""
        return self.get_default_screen()

    def each_screen(self, screens: Iterable[Screen[Any]], call: Callable[[Screen[Any]], None]) -> None:
        """Do something with screens; one that fails is closed, and the others are done all the same."""
        for screen in list(screens):
            try:
                call(screen)
            except Exception as error:
                if not self._closed_for(error, screen):
                    raise

    async def _dispatch_action(self, namespace: DOMNode, action_name: str, params: Any) -> bool:
        """Keys run their actions in the app's own time, so their failures are told apart here.

        Who types ahead may mean a screen that is not built yet, which then waits for it, or one that is closed by now.
        """
        screen = _screen_of(namespace)
        if screen is not None and screen not in self.screen_stack:
            return True
        if screen is not None and not screen.is_mounted:
            self.call_later(self._dispatch_action, namespace, action_name, params)
            return True
        try:
            return await super()._dispatch_action(namespace, action_name, params)
        except Exception as error:
            if not self._closed_for(error, screen):
                raise
            return True

    async def on_event(self, event: events.Event) -> None:
        """Hand an event on; the mouse may stand on what is just being taken away, which Textual does not expect."""
        try:
            await super().on_event(event)
        except AttributeError:
            if not isinstance(event, events.MouseEvent):
                raise

    def _handle_exception(self, error: Exception) -> None:
        screen = _origin()
        if self._exit and (isinstance(error, WorkerFailed) or (screen is not None and isinstance(error, NoMatches))):
            # Once the program ends a screen that just comes is not built any more, and misses its parts; and what is
            # still being read is not there any more, nor is anybody who would see it.
            return
        if not self._closed_for(error, screen):
            super()._handle_exception(error)

    def _closed_for(self, error: Exception, screen: Screen[Any] | None) -> bool:
        """Whether the screen is closed because of an error; False when the program has to end."""
        if not self.GOES_ON or screen is None or not self._running or screen not in self.screen_stack:
            return False
        if screen in self._failing:
            return True
        now, before = monotonic(), self._failed_at.get(type(screen))
        self._failed_at[type(screen)] = now
        if screen is self.screen_stack[0] and before is not None and now - before < AGAIN:
            return False
        self._failing.add(screen)
        self.call_later(self._close_failed, screen, crash.written(_cause(error), settings.folder()))
        return True

    async def _close_failed(self, screen: Screen[Any], fault: crash.Fault) -> None:
        if screen in self.screen_stack:
            while len(self.screen_stack) > 1 and screen in self.screen_stack:
                self.pop_screen()
            if screen in self.screen_stack:
                if not screen._result_callbacks:  # the very first screen was not pushed by anybody
                    screen._push_result_callback(screen, None)
                await self.switch_screen(self.new_home())
        from tui.screens.fault import FaultDialog

        self.push_screen(FaultDialog(fault))

    def _fatal_error(self) -> None:
        """A fault of the program: Textual would print local variables, which can hold secrets of traces."""
        error = _cause(self._exception or RuntimeError("unknown"))
        self.bell()
        self.panic(Text(crash.record(error, settings.folder())))


def _cause(error: Exception) -> BaseException:
    """What failed in a worker, of which Textual only says that it did."""
    return error.error if isinstance(error, WorkerFailed) else error


def _origin() -> Screen[Any] | None:
    """The screen in whose code an exception arose; None when it was the app's own."""
    return _screen_of(active_message_pump.get(None))


def _screen_of(node: object) -> Screen[Any] | None:
    if isinstance(node, Screen):
        return node
    if isinstance(node, Widget):
        return next((above for above in node.ancestors if isinstance(above, Screen)), None)
    return None
