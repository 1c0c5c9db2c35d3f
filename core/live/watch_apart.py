"""The system's events by way of another process.

Where a folder holds very many files, to begin to watch it takes half a second, and watchfiles lets nothing else of a
process go on in that time: neither the first reading nor the screens.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from core.live.messages import receive, send
from core.live.process import New, Serve
from core.live.watch import Batches, native_events

FOLDER, EVENTS, FAILED = b"W", b"E", b"F"
"""The letters: where to watch; changed paths, none at first as a sign that events come; why they do not."""

_TICK = 0.25


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Watch the folder that the first message names, until there is nobody to tell."""
    if (message := receive(tasks)) is None:
        return
    folder = Path(os.fsdecode(message[1]))
    threading.Thread(target=_end_with, args=(tasks,), daemon=True).start()
    first = True
    try:
        for batch in native_events(folder, threading.Event()):
            if (paths := list(batch)) or first:
                send(answers, EVENTS, "\0".join(paths).encode("utf-8", "surrogateescape"))
                first = False
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001 - it is told to who waits, who knows what to do about it
        code, text = getattr(error, "errno", None), getattr(error, "strerror", None) or str(error)
        send(answers, FAILED, f"{code or 0} {text}".encode("utf-8", "replace"))


def _end_with(tasks: IO[bytes]) -> None:
    """End with the process that started this one."""
    tasks.read()
    os._exit(0)


def events_apart(folder: Path, stop: threading.Event, process: Callable[[Serve], New] = New) -> Batches:
    """As core.live.watch.native_events; `process` starts the other one."""
    other = process(serve)
    inbox: SimpleQueue[tuple[bytes, bytes] | None] = SimpleQueue()

    def listen() -> None:
        try:
            while (message := receive(other.answers)) is not None:
                inbox.put(message)
        except (OSError, ValueError):
            pass
        inbox.put(None)

    listener = threading.Thread(target=listen, name="assay-events", daemon=True)
    try:
        send(other.tasks, FOLDER, os.fsencode(folder))
        listener.start()
        come = False
        while not stop.is_set():
            try:
                message = inbox.get(timeout=_TICK)
            except Empty:
                if come:
                    yield ()
                continue
            if message is None:
                raise RuntimeError("the process that watches has ended")  # another one may not
            letter, body = message
            if letter == FAILED:
                code, _, text = body.decode().partition(" ")
                raise OSError(int(code), text) if code != "0" else RuntimeError(text)
            come = True
            yield body.decode("utf-8", "surrogateescape").split("\0") if body else ()
    finally:
        other.end()
