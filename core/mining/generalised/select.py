"""The few and different candidates that explain most of the work: facility location, lazily.

What a candidate adds to those that are chosen already never grows, and most of very many candidates never come near to
being chosen. So they begin with what they add at most, and only those are looked at that could be the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace

from core.mining.generalised.jobs import Best, Explained

STOP = 0.025
"""Selection ends when the next candidate would add less than this share of what the first one did."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a candidate says it is worth, and which jobs it explains."""

    worth: float
    explains: Explained
    is_sure: bool = False
    """Whether that is what it is, and not what it is at most."""


def select(claims: Sequence[Claim], closer: Callable[[int], Claim | None], jobs: int, most: int) -> list[int]:
    """The indexes of the chosen candidates, best first; of equals the first one.

    `claims` are what they are at most; `closer` looks closer at one, until that is sure or it turns out to be none.
    Each of so many jobs is explained by its one best candidate, and weighs what `explains` says times its worth.
    """
    best = Best(jobs)
    chosen: list[int] = []
    first = 0
    known = list(claims)
    # By what each adds at most: that, its index, and after how many choices it was told.
    waiting = [(-best.gain(claim.worth, claim.explains), index, 0) for index, claim in enumerate(claims)]
    heapify(waiting)
    while len(chosen) < most and waiting:
        gain, index, when = -waiting[0][0], waiting[0][1], waiting[0][2]
        if gain <= 0 or (chosen and gain < STOP * first):
            break
        if when == len(chosen) and known[index].is_sure:
            heappop(waiting)
            first = first or gain
            chosen.append(index)
            best.choose(known[index].worth, known[index].explains)
            continue
        if when == len(chosen):
            if (found := closer(index)) is None:
                heappop(waiting)
                continue
            known[index] = found
        claim = known[index]
        heapreplace(waiting, (-best.gain(claim.worth, claim.explains), index, len(chosen)))
    return chosen
