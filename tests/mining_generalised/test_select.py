"""Looking closely only at what could be chosen chooses what looking at everything would."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.mining.generalised.jobs import Explained
from core.mining.generalised.select import STOP, Claim, select

JOBS = 12

worths = st.integers(1, 20).map(lambda n: n / 2)
explained = st.dictionaries(st.integers(0, JOBS - 1), st.sampled_from([1.0, 0.5, 0.25]), max_size=6)
candidates = st.lists(st.tuples(worths, explained, st.integers(0, 3), st.booleans()), max_size=9)
"""Worth, jobs with their weights, how much more it claims at first, and whether it is a candidate."""


def told(worth: float, jobs: dict[int, float], *, sure: bool) -> Claim:
    return Claim(worth, Explained(np.array(list(jobs), np.int64), np.array(list(jobs.values()))), sure)


def eagerly(found: list[tuple[float, dict[int, float]] | None], most: int) -> list[int]:
    """Facility location, each time with a look at everything."""
    best: dict[int, float] = {}
    chosen: list[int] = []
    first = 0.0
    while len(chosen) < most:
        gains = {
            index: sum(max(one[0] * weight - best.get(job, 0.0), 0.0) for job, weight in one[1].items())
            for index, one in enumerate(found)
            if one is not None and index not in chosen
        }
        index = max(gains, key=lambda i: (gains[i], -i), default=None)
        if index is None or gains[index] <= 0 or (chosen and gains[index] < STOP * first):
            break
        first = first or gains[index]
        chosen.append(index)
        worth, jobs = found[index] or (0.0, {})
        for job, weight in jobs.items():
            best[job] = max(best.get(job, 0.0), worth * weight)
    return chosen


@given(candidates, st.integers(0, 5))
def test_what_is_chosen_is_what_looking_at_everything_chooses(
    made: list[tuple[float, dict[int, float], int, bool]], most: int
) -> None:
    at_most = [told(worth + more, jobs | ({0: 1.0} if more else {}), sure=False) for worth, jobs, more, _ in made]
    looked: list[int] = []

    def closer(index: int) -> Claim | None:
        looked.append(index)
        worth, jobs, more, is_one = made[index]
        if looked.count(index) == 1 and more > 1:
            return told(worth + 1, jobs, sure=False)
        return told(worth, jobs, sure=True) if is_one else None

    sure = [(worth, jobs) if is_one else None for worth, jobs, _, is_one in made]
    assert select(at_most, closer, JOBS, most) == eagerly(sure, most)


def test_what_cannot_be_chosen_is_not_looked_at() -> None:
    claims = [told(8.0, {0: 1.0, 1: 1.0}, sure=False), told(3.0, {0: 1.0}, sure=False), told(0.1, {2: 1.0}, sure=False)]
    looked: list[int] = []

    def closer(index: int) -> Claim | None:
        looked.append(index)
        return told(claims[index].worth - 0.05, {0: 1.0, 1: 1.0}, sure=True)

    assert select(claims, closer, 3, 3) == [0]
    assert looked == [0]
