"""Which steps of a run have values in common, wherever they stand: what the order of steps is judged by."""

from __future__ import annotations

from collections.abc import Sequence

from core.mining.generalised.fold import Symbol
from core.mining.generalised.links import Links, Material

Taker = tuple[int, Sequence[tuple[int, Links]]]
"""A step that has values of other steps, with these and where its arguments stand there."""


def takers(material: Material, source: Symbol, taker: Symbol) -> Sequence[Taker]:
    """The steps of one symbol in a run that have values which also stand in steps of another one, wherever these are.

    Each with those steps, and what it has in common with them.
    """
    steps = material.steps_of
    if source not in steps:
        return ()
    each = ((at, [(other, material.links(other, at)) for other in steps[source] if other != at]) for at in steps[taker])
    found = ((at, [one for one in others if one[1]]) for at, others in each)
    return [one for one in found if one[1]]
