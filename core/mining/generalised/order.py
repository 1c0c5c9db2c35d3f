"""Is the order of a workflow's steps more than chance would make it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import sqrt
from typing import Literal

from core.mining.generalised.evidence import Pool, sampled
from core.mining.generalised.links import Material
from core.mining.generalised.meetings import Taker
from core.mining.generalised.patterns import Pattern, Shape, aligned, alignments
from core.mining.generalised.records import Binding

Link = Literal["data", "determined", "implied"]

_SHUFFLES = 12
_MOST_RUNS = 200


def link_z(pool: Pool, source_symbol: str, place: str, symbol: str, name: str) -> float:
    """How far the step that gives a value precedes the one that takes it, in standard deviations over chance.

    In each group that has both with the same value, chance puts the taker behind at least one of `n` givers with
    probability n / (n + 1).
    """
    groups: dict[str, list[tuple[float, float]]] = {}
    for group, takers in pool.meetings(source_symbol, symbol):
        if (seen := _in_order(takers, place, name)) is not None:
            groups.setdefault(group, []).append(seen)
    excess = variance = 0.0
    for found in groups.values():
        chance = sum(p for _, p in found) / len(found)
        excess += sum(o for o, _ in found) / len(found) - chance
        variance += chance * (1 - chance)
    return excess / sqrt(variance) if variance else 0.0


def _in_order(takers: Sequence[Taker], place: str, name: str) -> tuple[float, float] | None:
    """Whether a run's first taker comes after a giver of its value, and how probable that is by chance."""
    for taker, each in takers:
        givers = [source for source, links in each if name in links and place in links[name]]
        if givers:
            return float(givers[0] < taker), len(givers) / (len(givers) + 1)
    return None


def joined(pattern: Pattern, bindings: Sequence[Binding]) -> bool:
    """Whether every step passes a value to another one or takes one, so that all hang together."""
    part = list(range(len(pattern)))
    for binding in bindings:
        if binding.source is not None:
            old, new = part[binding.step], part[binding.source.step]
            part = [new if one == old else one for one in part]
    return len(set(part)) == 1


def link_of(pattern: Pattern, bindings: Sequence[Binding]) -> Link:
    """What holds the steps of an acceptable pattern together."""
    if joined(pattern, bindings):
        return "data"
    return "implied" if any(binding.kind == "free" for binding in bindings) else "determined"


def shuffled_z(pool: Pool, pattern: Pattern) -> float:
    """How much more often a pattern occurs than in the same runs with their steps shuffled, in standard deviations."""
    holders = [m for m in pool.by_symbol.get(pattern[0], ()) if set(pattern) <= set(m.run.sequence)]
    excess = variance = 0.0
    for material in sampled(holders, _MOST_RUNS):
        chance = _by_chance(material, pattern)
        excess += bool(aligned(material.shape, pattern)) - chance
        variance += chance * (1 - chance)
    return excess / sqrt(variance) if variance else 0.0


def _by_chance(material: Material, pattern: Pattern) -> float:
    """The share of a run's shuffles that hold the pattern, never 0 or 1; the same for every equal run."""
    shuffle = random.Random(material.run.content)  # noqa: S311 - reproducible, not secret
    found = 0
    for _ in range(_SHUFFLES):
        steps = list(material.shape)
        shuffle.shuffle(steps)
        found += bool(alignments(Shape(steps), pattern, most=1))
    return (found + 1) / (_SHUFFLES + 2)
