"""Arguments that some runs of a workflow give and others do not: nothing that is said of them holds for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from core.mining.generalised.said import Told

Sometimes = tuple[tuple[str, int], ...]
"""Arguments by name, with how many runs give them."""


def given_sometimes(told: Mapping[Told, int]) -> Sometimes:
    """The arguments that not all occurrences give at a step, at every repetition; so many of them tell the same."""
    some: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    for one, count in told.items():
        some.update(_counted(set().union(*one.names), count))
        everywhere.update(_counted(set(one.names[0]).intersection(*one.names[1:]), count))
    whole = sum(told.values())
    return tuple((name, some[name]) for name in sorted(some) if everywhere[name] < whole)


def _counted(names: Iterable[str], count: int) -> dict[str, int]:
    return dict.fromkeys(names, count)
