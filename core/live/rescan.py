"""When the whole folder is looked at again without a hint, and what such a look tells about the hints; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from core.live.changes import Stamp
from core.live.hints import Hints
from core.live.scan import Difference, Scan
from core.live.settle import SETTLED

GRACE = 1.0
"""Seconds for which a folder may be away, as when it is replaced, before its runs count as gone."""

ABSENT = 0.25
"""Seconds between two looks for a folder that is away."""

QUIET = 2.0
"""Seconds without an event after which everything is looked at once more where that takes a moment.

watchfiles (1.1) forgets what comes just while it says that nothing came, which is long on a busy machine.
"""

MANY_FOLDERS = 20
"""Sub-folders of which one look at everything is cheaper than one look at each."""

MANY_LINKS = 50
"""Links above which not each of them is looked at whenever something else changes."""


def interval(mode: Literal["events", "polling", "off"], took: float) -> float:
    """Seconds from one look at everything to the next, when the last `took` some: a share of 2 to 5 per cent."""
    return max(30.0, 50 * took) if mode == "events" else max(0.5, 20 * took)


def next_look(mode: Literal["events", "polling", "off"], took: float, looked: float, heard: float) -> float:
    """When everything is looked at next: the last time was `looked` and `took` some seconds, the last event `heard`."""
    due = looked + interval(mode, took)
    if mode == "events" and heard > looked:
        return min(due, max(heard + QUIET, looked + 50 * took))
    return due


def wants_everything(hints: Hints, folders: frozenset[str]) -> bool:
    """Whether to look at everything, of known sub-folders `folders`, because of some hints."""
    return hints.everything or len(hints.units & folders) > MANY_FOLDERS


def links(parts: Sequence[Scan], known: frozenset[str]) -> frozenset[str]:
    """The units of links that some looks found, and where none was at everything, of those that were known before."""
    found = frozenset(u for part in parts for u, problem in part.problems.items() if "link" in problem.rule)
    return found | known if all(part.below for part in parts) else found


def with_links(units: frozenset[str], links: frozenset[str]) -> frozenset[str]:
    """Units to look at, and the links, if they are few: what is wrong with a link depends on what it leads to."""
    return units | links if len(links) <= MANY_LINKS else units


def topmost(units: Iterable[str]) -> list[str]:
    """Units without those that lie below another of them, in order."""
    found: list[str] = []
    kept: set[str] = set()
    for unit in sorted(units, key=lambda u: u.count("/")):
        parts = unit.split("/")
        if not any("/".join(parts[:count]) in kept for count in range(1, len(parts))):
            kept.add(unit)
            found.append(unit)
    return sorted(found)


def unannounced(seen: Scan, changes: Difference, wall: float) -> bool:
    """Whether a look found changes that are too old for their event to be still on its way; `wall` is Unix seconds."""
    entries = (seen.entries[unit] for unit in changes.added | changes.changed)
    return any(isinstance(entry, Stamp) and wall - entry.touched > SETTLED for entry in entries)
