"""Folded runs that are kept from one mining to the next: a run is folded anew only when it has to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.mining.generalised.fold import Facts, Seen, facts, fold, seen
from core.mining.generalised.links import Material
from core.model.trace import Trace


@dataclass(frozen=True, slots=True)
class FoldedRun:
    """A run with what it says about its tools, and folded by what all runs say about them."""

    trace: Trace
    seen: Seen
    idle: frozenset[str]
    """Those of its tools that were known as idle when it was folded."""
    material: Material


Folds = Mapping[str, FoldedRun]
"""Folded runs by trace id."""


def folded(traces: Iterable[Trace], apart: Iterable[Trace], before: Folds) -> tuple[Facts, dict[str, FoldedRun]]:
    """What is known of the tools over the runs that are mined, and these and the others folded by it.

    `before` are earlier ones: of a run that is the same object, nothing is looked at twice, and it is folded again
    only when other tools of its count as idle.
    """
    mined = [(trace, _seen(trace, before)) for trace in traces]
    known = facts(one for _, one in mined)
    every = (*mined, *((trace, _seen(trace, before)) for trace in apart))
    return known, {trace.id: _folded(trace, said, known, before.get(trace.id)) for trace, said in every}


def _seen(trace: Trace, before: Folds) -> Seen:
    old = before.get(trace.id)
    return old.seen if old is not None and old.trace is trace else seen(trace)


def _folded(trace: Trace, said: Seen, known: Facts, old: FoldedRun | None) -> FoldedRun:
    idle = known.idle & said.tools
    if old is not None and old.trace is trace and old.idle == idle:
        return old
    return FoldedRun(trace, said, idle, Material(fold(trace, known)))
