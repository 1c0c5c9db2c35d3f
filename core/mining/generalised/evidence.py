"""The examples of a pattern, and what all runs together say about values that coincide by chance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import compress
from math import log2
from typing import NamedTuple, TypeVar

from core.mining.generalised.alike import Alike
from core.mining.generalised.fold import Symbol
from core.mining.generalised.followed import Followed
from core.mining.generalised.groups import are_reruns
from core.mining.generalised.jury import Jury
from core.mining.generalised.links import Material, Texts
from core.mining.generalised.meetings import Taker, takers
from core.mining.generalised.patterns import Alignment, Pattern, aligned, done, ended
from core.mining.generalised.values import Place

T = TypeVar("T")

MAX_SAMPLED = 400
"""From how many steps of one tool the chance rates are taken, and of how many examples a pattern's bindings."""

LARGE = 1_000
"""Runs of a pool from which on a pattern is judged on fewer of them; a share is known well enough from these."""
LONG = 20_000
"""The same for the steps of all its runs, for long runs show very many patterns."""
MAX_JUDGED = 120
"""Of how many examples a pattern's bindings are taken in a large pool."""
MAX_TRIALS = 240
"""In how many runs of a large pool it is tried."""


class Example(NamedTuple):
    """An occurrence of a pattern in a run; those of one group share one vote."""

    material: Material
    at: Alignment
    group: str
    weight: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all runs together say about an argument and a place that its value may come from."""

    distinct: int
    """How many distinct values were found there."""
    chance: float
    """How often the values stand at the same place in other groups."""
    bits: float
    """The evidence against coincidence, in bits."""


Passed = Mapping[Texts, frozenset[Place]]
"""By an argument's values the places at which all of these stood."""


class Pool:
    """Runs that are mined together, in an order that does not depend on the files', with what is known of all."""

    def __init__(self, materials: Iterable[Material], *, reruns: bool | None = None) -> None:
        self.materials: Sequence[Material] = sorted(materials, key=lambda m: (m.run.content, m.key))
        self.reruns = are_reruns(m.run.group for m in self.materials if m.run.steps) if reruns is None else reruns
        self.groups: Mapping[str, str] = {m.key: m.run.content if self.reruns else m.run.group for m in self.materials}

    def group(self, material: Material) -> str:
        """The group whose vote a run shares."""
        return self.groups[material.key]

    @cached_property
    def by_symbol(self) -> Mapping[Symbol, Sequence[Material]]:
        """The runs that hold each symbol."""
        found: dict[Symbol, list[Material]] = defaultdict(list)
        for material in self.materials:
            for symbol in dict.fromkeys(material.run.sequence):
                found[symbol].append(material)
        return found

    @cached_property
    def writes(self) -> bool:
        """Whether any run has an effect."""
        return any(effect for material in self.materials for _, effect in material.shape)

    def jury(self, pattern: Pattern) -> Jury:
        """The runs to judge a pattern on; many patterns have the same job."""
        job = (pattern[0], pattern[-1])
        if (known := self._juries.get(job)) is None:
            holders = self.by_symbol.get(pattern[0], ())
            is_done = Alike(holders).tell(lambda shape: done(shape, pattern))
            known = self._juries[job] = Jury(self.trials(list(compress(holders, is_done))), self.groups)
        return known

    @cached_property
    def _juries(self) -> dict[tuple[Symbol, Symbol], Jury]:
        return {}

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """How many runs each group has."""
        return Counter(map(self.group, self.materials))

    @cached_property
    def _chances(self) -> dict[Symbol, tuple[int, Mapping[Place, Counter[str]]]]:
        return {}

    def background(self, symbol: Symbol) -> tuple[int, Mapping[Place, Counter[str]]]:
        """In how many groups a symbol occurs, and by place in how many each value stands there."""
        if (known := self._chances.get(symbol)) is not None:
            return known
        holders: dict[Place, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        groups: set[str] = set()
        for material in sampled(self.by_symbol.get(symbol, ()), MAX_SAMPLED):
            group = self.group(material)
            groups.add(group)
            for step in material.steps_of[symbol]:
                for text, at in material.places(step).items():
                    for place in at:
                        holders[place][text].add(group)
        counts = {place: Counter({text: len(held) for text, held in texts.items()}) for place, texts in holders.items()}
        self._chances[symbol] = known = (len(groups), counts)
        return known

    @cached_property
    def _evidence(self) -> dict[tuple[Symbol, Place, str], Evidence]:
        return {}

    def evidence(self, source: Symbol, place: Place, name: str) -> Evidence:
        """What all runs say about arguments of a name, of whatever tool, that take their values from a place."""
        key = (source, place, name)
        if (known := self._evidence.get(key)) is None:
            self._evidence[key] = known = self._gathered(*key)
        return known

    def _gathered(self, source: Symbol, place: Place, name: str) -> Evidence:
        found = [texts for texts, at in self.passed(source, name).items() if place in at]
        chance = self._chance(source, place, found)
        return Evidence(len(found), chance, len(found) * log2(1 / chance))

    def passed(self, source: Symbol, name: str) -> Passed:
        """What later steps took from the steps of a symbol as arguments of a name, in some of the runs that hold it."""
        if (known := self._passed.get((source, name))) is None:
            found: dict[Texts, frozenset[Place]] = {}
            for material in sampled(self.by_symbol.get(source, ()), MAX_SAMPLED):
                for texts, at in passed_on(material, source, name):
                    before = found.get(texts)
                    found[texts] = at if before is None or before is at else before | at
            known = self._passed[source, name] = found
        return known

    @cached_property
    def _passed(self) -> dict[tuple[Symbol, str], Passed]:
        return {}

    def _chance(self, source: Symbol, place: Place, found: Sequence[tuple[str, ...]]) -> float:
        """The share of other groups in which the values stand at the same place, never less than can be seen."""
        groups, background = self.background(source)
        counts = background.get(place)
        if counts is None or groups < 2:
            return 1.0
        others = sum(max(min(counts[text] for text in texts) - 1, 0) for texts in found)
        return min((others + 1) / (len(found) * (groups - 1) + 1), 1.0)

    def done_groups(self, first: Symbol, last: Symbol) -> int:
        """In how many groups some run has one symbol before the other."""
        return self._followed.groups(first, last)

    @cached_property
    def _followed(self) -> Followed:
        return Followed((material.shape, self.group(material)) for material in self.materials)

    def examples(self, pattern: Pattern) -> tuple[Example, ...]:
        """The occurrence that passes on most values at every end of a pattern, one vote for each group."""
        if (known := self._examples.get(pattern)) is None:
            known = self._examples[pattern] = self._chosen(pattern)
        return known

    @cached_property
    def _examples(self) -> dict[Pattern, tuple[Example, ...]]:
        return {}

    def _chosen(self, pattern: Pattern) -> tuple[Example, ...]:
        rarest = min((self.by_symbol.get(symbol, ()) for symbol in pattern), key=len)
        by_end: dict[int, tuple[Sequence[Alignment], ...]] = {}
        every: list[tuple[Material, Sequence[Alignment]]] = []
        for material in sampled(rarest, 4 * MAX_SAMPLED):
            ends = by_end.get(id(material.shape))
            if ends is None:
                ends = by_end[id(material.shape)] = ended(aligned(material.shape, pattern))
            every += [(material, choice) for choice in ends]
        found = sampled(every, MAX_JUDGED if self.is_large else MAX_SAMPLED)
        return weighted([(material, connected(material, choice)) for material, choice in found], self)

    def meetings(self, source: Symbol, taker: Symbol) -> Sequence[tuple[str, Sequence[Taker]]]:
        """By its group each run to try a pattern on in which steps of one symbol have values of another one's steps.

        Very many patterns have steps of the same two.
        """
        if (known := self._meetings.get((source, taker))) is None:
            runs = self.trials(self.by_symbol.get(taker, ()))
            found = ((self.group(material), takers(material, source, taker)) for material in runs)
            known = self._meetings[source, taker] = [one for one in found if one[1]]
        return known

    @cached_property
    def _meetings(self) -> dict[tuple[Symbol, Symbol], Sequence[tuple[str, Sequence[Taker]]]]:
        return {}

    @cached_property
    def is_large(self) -> bool:
        """Whether it holds so many runs, or so long ones, that patterns are judged on some of them."""
        return len(self.materials) >= LARGE or sum(len(material.shape) for material in self.materials) >= LONG

    def trials(self, found: Sequence[Material]) -> Sequence[Material]:
        """The runs to try a pattern on: all that were found or, in a large pool, some that are spread evenly."""
        return sampled(found, MAX_TRIALS) if self.is_large else found


def weighted(found: Sequence[tuple[Material, Alignment]], pool: Pool) -> tuple[Example, ...]:
    """Occurrences as examples, one vote for each group."""
    groups = [pool.group(material) for material, _ in found]
    votes = Counter(groups)
    return tuple(
        Example(material, at, group, 1 / votes[group]) for (material, at), group in zip(found, groups, strict=True)
    )


def tightest(material: Material, pattern: Pattern) -> Iterable[Alignment]:
    """For each end of a pattern in a run its occurrence with the latest steps."""
    ends: dict[int, Alignment] = {}
    for at in aligned(material.shape, pattern):
        ends.setdefault(at[-1], at)
    return ends.values()


def connected(material: Material, choice: Sequence[Alignment]) -> Alignment:
    """Of some occurrences in a run the one that passes on most values; of equals the tightest.

    A run may hold a step several times; the one that gave what a later step took is the one that belongs to it.
    """
    return choice[0] if len(choice) == 1 else max(choice, key=partial(_passed_on, material))


def _passed_on(material: Material, at: Alignment) -> int:
    """How many arguments of an occurrence stand in an earlier step of it."""
    steps = range(1, len(at))
    return sum(len({name for j in range(step) for name in material.links(at[j], at[step])}) for step in steps)


def passed_on(material: Material, source: Symbol, name: str) -> Iterator[tuple[Texts, frozenset[Place]]]:
    """The values that a run's steps took as arguments of a name from earlier steps of a symbol, with the places there.

    All values of one step have to stand in one and the same earlier step.
    """
    if (taken := material.taken.get(name)) is not None:
        givers = material.steps_of[source]
        for texts, last in taken.items():
            if givers[0] >= last:
                continue
            if len(givers) == 1:
                at = material.held(givers[0], texts)
            else:
                at = _NOWHERE.union(*(material.held(step, texts) for step in givers if step < last))
            if at:
                yield texts, at


_NOWHERE: frozenset[Place] = frozenset()


def sampled(items: Sequence[T], most: int) -> Sequence[T]:
    """At most so many items, spread evenly; their order is already independent of the files'."""
    if len(items) <= most:
        return items
    return [items[index * len(items) // most] for index in range(most)]
