"""The few and different candidates that explain most of the work: facility location."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    while len(chosen) < most:
        gains = [
            (sum(sorted(max(worth[i] * weight - best.get(job, 0.0), 0.0) for job, weight in explains[i].items())), -i)
            for i in range(len(worth))
            if i not in chosen
        ]
        gain, negative = max(gains, default=(0.0, 0))
        if gain <= 0 or (chosen and gain < STOP * first):
            break
        index = -negative
        first = first or gain
        chosen.append(index)
        for job, weight in explains[index].items():
            best[job] = max(best.get(job, 0.0), worth[index] * weight)
    return chosen
