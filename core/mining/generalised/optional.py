"""Arguments that some runs of a workflow give and others do not: nothing that is said of them holds for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from core.mining.generalised.fold import Run
from core.mining.generalised.links import Material
from core.mining.generalised.patterns import Alignment

Sometimes = tuple[tuple[str, int], ...]
"""Arguments by name, with how many runs give them."""


def given_sometimes(found: Sequence[tuple[Material, Alignment]], length: int) -> tuple[Sometimes, ...]:
    """For each of so many steps the arguments that not all occurrences give at it, at every repetition."""
    return tuple(_at(found, place) for place in range(length))


def _at(found: Sequence[tuple[Material, Alignment]], place: int) -> Sometimes:
    alike = Counter([_given(material.run, material.run.steps[at[place]].actions) for material, at in found])
    some: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    for each, count in alike.items():
        some.update(_counted(set().union(*each), count))
        everywhere.update(_counted(set(each[0]).intersection(*each[1:]), count))
    return tuple((name, some[name]) for name in sorted(some) if everywhere[name] < len(found))


def _given(run: Run, actions: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    if len(actions) == 1:  # nearly always
        return (tuple(run.arguments(actions[0])),)
    return tuple([tuple(run.arguments(index)) for index in actions])


def _counted(names: Iterable[str], count: int) -> dict[str, int]:
    return dict.fromkeys(names, count)
