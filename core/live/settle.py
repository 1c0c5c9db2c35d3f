"""When a file that does not load counts as broken: a pure state machine with time as an argument.

A file whose last change is younger than 2 s may still be being written: it is *settling*, and is looked at again
0.2, 0.5, 1 and 2 s after that change, each further change starting anew. One that still does not load 2 s after its
last change is broken, at the latest within 4 s of it. A good reading at any time wins (spec/review.md, Pipeline).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.live.changes import BrokenFile, FileReading, LoadedFile, ManyRuns, SameFile, Stamp

SETTLED = 2.0
"""Seconds without a change after which a file counts as written."""

LOOKS = (0.2, 0.5, 1.0, SETTLED)
"""Seconds after a file's last change at which it is looked at again."""

_BYTES_PER_SECOND = 64 * 1024 * 1024
_LONGEST_PAUSE = 1.5


def settled_before(wall: float) -> int:
    """The time, in Unix nanoseconds, from which on a file that was changed is young; `wall` is now, in seconds.

    To be told before files are read: what is changed while they are is young as well.
    """
    return int((wall - SETTLED) * 1e9)


def is_young(stamp: Stamp, settled: int) -> bool:
    """Whether a file's stamp alone does not tell its bytes: it was changed after a time (Unix ns), or tells nothing."""
    changed, _, inode, touched = stamp
    return changed >= settled or touched >= settled or not (changed or inode)


@dataclass(frozen=True, slots=True)
class Settling:
    """A file that does not load and may be unfinished; all times are those of the monotonic clock, in seconds."""

    reading: BrokenFile
    """The last look's."""
    looked_at: float
    changed_at: float
    """When the file last changed, as near as can be told."""
    due: float
    """When to look again."""


Outcome: TypeAlias = Settling | LoadedFile | ManyRuns | SameFile | BrokenFile
"""What to make of a file: wait, use it, or (BrokenFile) quarantine it."""


def judged(
    state: Settling | None, reading: FileReading, now: float, wall: float, before: Stamp | None = None
) -> Outcome:
    """What one more look at a file means.

    `state` is what the look before came to when that was to wait; `before` the stamp at the last look of any kind.
    `now` is the monotonic clock, `wall` the Unix time that modification times are compared with.
    """
    if not isinstance(reading, BrokenFile):
        return reading
    changed_at = _changed_at(state, reading, now, wall, before)
    if changed_at + SETTLED <= now:
        return reading
    return Settling(reading, now, changed_at, _due(changed_at, now, reading.size or 0))


def hinted(state: Settling, now: float) -> Settling:
    """A settling file that is said to have changed: it is looked at sooner, yet not at every single write."""
    soon = now + LOOKS[0] + _pause(state.reading.size or 0)
    return state if state.due <= soon else Settling(state.reading, state.looked_at, state.changed_at, soon)


def _changed_at(state: Settling | None, reading: BrokenFile, now: float, wall: float, before: Stamp | None) -> float:
    """The time of the last change: the file's own, kept between the last look and now when it moved since."""
    if reading.stamp is None:  # nothing to go by: what cannot even be looked at is new now, or as old as before
        return state.changed_at if state else now
    by_file = now - max(0.0, wall - reading.stamp.mtime_ns / 1e9)
    if state is not None:
        return state.changed_at if state.reading.stamp == reading.stamp else max(by_file, state.looked_at)
    return now if before is not None and before != reading.stamp else by_file


def _due(changed_at: float, now: float, size: int) -> float:
    step = next(look for look in LOOKS if changed_at + look > now)
    return min(changed_at + SETTLED, max(changed_at + step, now + _pause(size)))


def _pause(size: int) -> float:
    """Seconds that a big file is left alone between two looks, so that reading it does not take all the time."""
    return min(_LONGEST_PAUSE, size / _BYTES_PER_SECOND)
