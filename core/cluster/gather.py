"""Taking what shows a candidate from the workers, part by part, with what they found out about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.cluster.draft import Draft
from core.cluster.job import Job
from core.cluster.mining import Sorted
from core.cluster.sift import Key, Sequences, Shown, Steps, compared, expected, sifted


class _Part(NamedTuple):
    """A part of which something is left."""

    number: int
    segment: int
    """Its number in the result."""
    sum: bytes


def gather(job: Job, runs: Sorted, found: Sequences, begun: Draft) -> None:
    """Write the runs of every part that show a sequence, and what is told of them."""
    count = len(runs.names)
    parts: list[_Part] = []
    shown: dict[Key, list[Shown]] = {}
    given = ([runs.place] * count, runs.names, runs.members, [found] * count)
    for number, one in enumerate(job.streamed(sifted, "gathering evidence", *given)):
        if one is not None:
            parts.append(_Part(number, begun.add(one.runs, one.answers), one.sum))
            for key, some in one.shown.items():
                shown.setdefault(key, []).append(some)
    if shown:
        _compare(job, runs, found, {key: expected(some) for key, some in shown.items()}, parts, begun)


def _compare(
    job: Job, runs: Sorted, found: Sequences, wanted: Mapping[Key, Steps], parts: Sequence[_Part], begun: Draft
) -> None:
    """Have every part compared with what the candidates expect."""
    count = len(parts)
    names, members = ([listed[part.number] for part in parts] for listed in (runs.names, runs.members))
    given = ([runs.place] * count, names, members, [found] * count, [wanted] * count, [part.sum for part in parts])
    for answers, part in zip(job.streamed(compared, "comparing", *given), parts, strict=True):
        begun.answer(part.segment, answers)
