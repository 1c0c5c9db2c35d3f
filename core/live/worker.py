"""A process that reads files for the engine: units in, a segment and what is wrong out, over two pipes.

It ends when nobody talks to it any more.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import orjson

from core.columns.encode import Encoder
from core.live.changes import BrokenFile, ManyRuns, Stamp
from core.live.messages import receive, send
from core.live.rows import RowReader, fetched, opening
from core.live.settle import settled_before

PROGRESS, SEGMENT, REST = b"P", b"S", b"R"
"""The letters: files read so far; a segment; the units that it leaves to others and the files that are broken."""

EVERY = 100
"""Files from one word of progress to the next."""


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Read the files of tasks until there are no more."""
    gc.disable()  # everything that is made is let go of with the task
    reader = RowReader()
    while (task := receive(tasks)) is not None:
        _work(orjson.loads(task[1]), reader, answers)


def _work(task: dict[str, Any], reader: RowReader, answers: IO[bytes]) -> None:
    folder, max_size = Path(task["folder"]), task["max_size"]
    reader.effects = task["effects"]
    encoder, left, broken = Encoder(), [], []
    settled = settled_before(time.time())
    with opening(folder) as files:
        found = reader.add_all(encoder, fetched(files, task["units"], max_size), settled=settled)
        for done, (unit, held) in enumerate(found, 1):
            if isinstance(held, BrokenFile):
                broken.append(held)
            elif isinstance(held, ManyRuns):
                left.append(unit)
            if done % EVERY == 0:
                send(answers, PROGRESS, done.to_bytes(8, "little"))
    if encoder.size:
        send(answers, SEGMENT, encoder.finish().data)
    send(answers, REST, orjson.dumps({"left": left, "broken": [_told(one) for one in broken]}))


def _told(found: BrokenFile) -> dict[str, Any]:
    return {
        "unit": found.unit,
        "stamp": None if found.stamp is None else list(found.stamp),
        "rule": found.rule,
        "reason": found.reason,
        "place": found.place,
        "advice": found.advice,
        "size": found.size,
        "unfinished": found.unfinished,
    }


def broken_files(told: Sequence[dict[str, Any]]) -> list[BrokenFile]:
    """The broken files of a message."""
    return [BrokenFile(**{**one, "stamp": None if one["stamp"] is None else Stamp(*one["stamp"])}) for one in told]
