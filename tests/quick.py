"""What makes the same tests take less time: only how long they wait, and what they do twice.

Rest is told by the event loop, stylesheets are read once, garbage is left to lie, nobody waits for the device, and no
process is started to look at a handful of files.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from concurrent.futures import thread as pools
from time import process_time
from typing import Any

import textual.app
import textual.pilot
import textual.screen
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from core.live.looking import Looking

SOON = 1 / 50
"""Seconds: timers that are due within them are waited for, as the pilot's own wait would."""
IDLE = SOON / 20
"""Seconds of work in that time that still pass for idle, where threads work of which the event loop knows nothing."""
FRAME = 1 / 1000
"""Seconds between two looks of a screen at what has to be drawn anew; nobody sees how smoothly a test scrolls."""
GARBAGE = 200_000
"""New objects until the garbage collector looks: an app that ended is one big ring, and it takes many to fill memory.

With Python's own figures a third of the time of every test with a screen goes into looking.
"""

_before: frozenset[threading.Thread] = frozenset()
"""The threads that there were when the test began: what others left behind."""
_MAIN = threading.main_thread()
_POOLED = pools._worker.__code__  # type: ignore[attr-defined]
_READ: dict[object, list[RuleSet]] = {}
_read = Stylesheet._parse_rules
_ahead = Looking.ahead
fsync = os.fsync
"""The real one."""


def begin() -> None:
    """Call before the first test is collected."""
    gc.set_threshold(GARBAGE, 10, 10)
    textual.pilot.wait_for_idle = textual.app.wait_for_idle = at_rest
    os.fsync = _trusted
    Looking.ahead = _ahead_of_many  # type: ignore[method-assign]
    textual.screen.UPDATE_PERIOD = FRAME  # type: ignore[misc]
    Stylesheet._parse_rules = _read_once  # type: ignore[method-assign]


def collected() -> None:
    """Call when the tests are collected: what is there then stays, so the garbage collector need not look at it."""
    gc.collect()
    gc.freeze()


def test_begins() -> None:
    """Call before every test."""
    global _before
    _before = frozenset(threading.enumerate())


async def at_rest(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until nothing is ready to run, no timer is due soon and no thread is at work, in place of the pilot's wait.

    That one waits until the process has used next to no time for 20 ms. This is long when there is nothing to do, and
    too short on a busy machine, where a process that is given no time looks idle.
    """
    loop: Any = asyncio.get_running_loop()
    began = loop.time()
    soon = began + max(SOON, min_sleep)
    while loop.time() - began < max_sleep:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        if _threads_at_work(loop):
            before = process_time()
            await asyncio.sleep(SOON)
            if process_time() - before < IDLE:
                return
            continue
        due = [handle.when() for handle in loop._scheduled if not handle.cancelled() and handle.when() <= soon]
        if not due:
            return
        await asyncio.sleep(max(0.0, min(due) - loop.time()))


def _threads_at_work(loop: Any) -> bool:
    """Whether a thread that this test has started may be doing something."""
    executor, resting = loop._default_executor, set(_before)
    if executor is not None and executor._idle_semaphore._value >= len(executor._threads):
        resting |= executor._threads
    others = [thread for thread in threading.enumerate() if thread not in resting and thread is not _MAIN]
    if not others:
        return False
    where = sys._current_frames()
    # Threads of other pools work only while somebody waits for them; between that they stand in their first function.
    return any(getattr(where.get(thread.ident or 0), "f_code", None) is not _POOLED for thread in others)


def _read_once(self: Stylesheet, css: str, *where: Any, **more: Any) -> list[RuleSet]:
    """The rules of a text with its variables; nobody changes rules that were read, so all apps may have the same."""
    key = (css, where, tuple(more.items()), frozenset(self._variables.items()))
    if key not in _READ:
        _READ[key] = _read(self, css, *where, **more)
    return _READ[key]


def _ahead_of_many(self: Looking) -> None:
    """Have another process look at a large folder only; it looks at others while numpy is imported, as it is here."""
    if self.is_large:
        _ahead(self)


def _trusted(descriptor: int) -> None:
    """Flush nothing, but fail as flushing does where there is nothing to flush; no test can cut the power."""
    os.fstat(descriptor)
