"""Folded runs that are kept from one mining to the next: a run is read and folded anew only when it has to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.columns.again import VanishedError
from core.mining.generalised.fold import Facts, Seen, facts, fold, seen
from core.mining.generalised.links import Material
from core.model.trace import Trace

Name = tuple[str, str]
"""A run by its unit and the sha256 (hex) of its file."""

Read = Callable[[str, str], Trace]
"""Reads the run of a name. Raises VanishedError."""


@dataclass(frozen=True, slots=True)
class FoldedRun:
    """A run with what it says about its tools, and folded by what all runs say about them."""

    trace: Trace
    seen: Seen
    idle: frozenset[str]
    """Those of its tools that were known as idle when it was folded."""
    material: Material


Folds = Mapping[Name, FoldedRun]
"""Folded runs by name."""


def folded(
    mined: Iterable[Name], apart: Iterable[Name], read: Read, before: Folds
) -> tuple[Facts, dict[Name, FoldedRun]]:
    """What is known of the tools over the runs that are mined, and these and the others folded by it.

    `before` are earlier ones: such a run is not read again, and folded again only when other tools of its count as
    idle. Raises VanishedError for all that cannot be read as they are meant.
    """
    told = _told(mined, read, before)
    known = facts(said for _, said in told.values())
    told |= _told(apart, read, before)
    return known, {name: _folded(*run, known, before.get(name)) for name, run in told.items()}


def _told(names: Iterable[Name], read: Read, before: Folds) -> dict[Name, tuple[Trace, Seen]]:
    """The runs of some names, each with what it says about its tools."""
    made: dict[Name, tuple[Trace, Seen]] = {}
    vanished: list[str] = []
    for name in names:
        if (old := before.get(name)) is not None:
            made[name] = old.trace, old.seen
            continue
        try:
            trace = read(*name)
        except VanishedError as error:
            vanished += error.units
        else:
            made[name] = trace, seen(trace)
    if vanished:
        raise VanishedError(*vanished)
    return made


def _folded(trace: Trace, said: Seen, known: Facts, old: FoldedRun | None) -> FoldedRun:
    idle = known.idle & said.tools
    if old is not None and old.idle == idle:
        return old
    return FoldedRun(trace, said, idle, Material(fold(trace, known)))
