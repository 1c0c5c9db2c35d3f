"""The few and different candidates that explain most of the work: facility location."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

STOP = 0.025
"""Selection ends when the next candidate would add less than this share of what the first one did."""

Job = tuple[str, int]
"""An effect: the run's id and the index of the folded step."""


def select(worth: Sequence[float], explains: Sequence[Mapping[Job, float]], most: int) -> list[int]:
    """The indexes of the chosen candidates, best first.

    Each job is explained by its one best candidate and weighs what `explains` says times that candidate's worth.
    """
    best: dict[Job, float] = {}
    chosen: list[int] = []
    first = 0.0
    # What a candidate adds never grows, so that what it added before says at most what it adds now.
    bounds = dict.fromkeys(range(len(worth)), inf)
    while len(chosen) < most and bounds:
        gain, index = 0.0, -1
        for i in sorted(bounds, key=lambda i: (-bounds[i], i)):
            if index >= 0 and (-bounds[i], i) > (-gain, index):
                break
            bounds[i] = _gain(worth[i], explains[i], best)
            if index < 0 or (-bounds[i], i) < (-gain, index):
                gain, index = bounds[i], i
        if gain <= 0 or (chosen and gain < STOP * first):
            break
        first = first or gain
        chosen.append(index)
        del bounds[index]
        for job, weight in explains[index].items():
            best[job] = max(best.get(job, 0.0), worth[index] * weight)
    return chosen


def _gain(worth: float, explains: Mapping[Job, float], best: Mapping[Job, float]) -> float:
    """What a candidate adds to what others explain already."""
    return sum(sorted(max(worth * weight - best.get(job, 0.0), 0.0) for job, weight in explains.items()))
