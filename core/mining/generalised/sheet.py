"""What the examples of a pattern show, put together by what they have in common.

In many examples values stand at the very same places: these are of one kind, and are looked at and weighed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter, methodcaller
from types import MappingProxyType
from typing import NamedTuple

from core.mining.generalised.evidence import Example
from core.mining.generalised.links import Given, Texts
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.values import Place
from core.model.argument_names import exclude

PRESENT = 0.5
"""An argument belongs to the step when at least this share of the examples has it."""

Source = tuple[int, Place]
"""An earlier step of the pattern (from 0) and a place in it."""


class Weight(NamedTuple):
    """What some examples weigh together, and what of it comes from each part of the runs."""

    whole: float
    parts: Mapping[int, float]

    def without(self, part: int | None) -> float:
        """The weight of those outside a part; of all, for None."""
        return self.whole if part is None else self.whole - self.parts.get(part, 0)


def weighed(parts: Iterable[int], weights: Iterable[float]) -> Weight:
    """Examples with their parts and their weights, added up."""
    found: dict[int, float] = {}
    whole = 0.0
    for part, weight in zip(parts, weights, strict=True):
        whole += weight
        found[part] = found.get(part, 0.0) + weight
    return Weight(whole, found)


class Rows:
    """Those of the examples that have an argument."""

    def __init__(self, examples: Sequence[Example], parts: Sequence[int]) -> None:
        self.examples, self.parts = examples, parts
        self.weights = [example.weight for example in examples]
        self.most_tried: dict[int, int] = {}
        """How many places were looked at in any of them for an argument of a step, at most; filled when asked for."""

    @cached_property
    def weight(self) -> Weight:
        """What they weigh."""
        return weighed(self.parts, self.weights)

    @cached_property
    def least(self) -> float:
        """What they weigh where most is left out, with one part left out or none."""
        return min(map(self.weight.without, (None, *self.weight.parts)))

    @cached_property
    def groups(self) -> Weight:
        """How many groups they are of."""
        found = {example.group: part for example, part in zip(self.examples, self.parts, strict=True)}
        return weighed(found.values(), [1] * len(found))

    def middle(self, part: int | None) -> Example | None:
        """One outside a part that stands for all."""
        left = [example for example, own in zip(self.examples, self.parts, strict=True) if own != part]
        return left[len(left) // 2] if left else None


class Kind(NamedTuple):
    """What examples of one kind say about an argument of a step."""

    hits: Mapping[Source, int]
    """Where its values stand, with how many distinct ones stand there."""
    weight: Weight


@dataclass(frozen=True, slots=True)
class Argument:
    """What the examples say about one argument of one step (from 0)."""

    step: int
    name: str
    rows: Rows
    texts: Sequence[Texts]
    """The values in each of the rows."""
    kinds: Sequence[Kind]
    kind_of: Sequence[int]
    """The kind of each of the rows."""

    def places_tried(self, part: int | None) -> int:
        """How many places were looked at, in a typical example outside a part."""
        if not self.step or (example := self.rows.middle(part)) is None:
            return 0
        return self._tried(example)

    @property
    def most_tried(self) -> int:
        """How many places were looked at in any example, at most."""
        known = self.rows.most_tried
        if self.step not in known:
            known[self.step] = max(map(self._tried, self.rows.examples), default=0)
        return known[self.step]

    def _tried(self, example: Example) -> int:
        return sum(len(example.material.sizes(at)) for at in example.at[: self.step])


def arguments(
    pattern: Pattern, examples: Sequence[Example], part_of: Mapping[str, int] = MappingProxyType({})
) -> Iterator[Argument]:
    """Every argument of every step that at least half of the examples have; `part_of` tells the part of a group.

    Groups without a part are in no part. Where half have it in one form and half in another, the first by name counts.
    """
    every = Rows(examples, [part_of.get(example.group, -1) for example in examples])
    for step in range(len(pattern)):
        yield from _of_step(step, every)


def _of_step(step: int, every: Rows) -> Iterator[Argument]:
    numbers: dict[tuple[int, ...], int] = {}
    kinds: list[Sequence[Given]] = []
    kind_of: list[int] = []
    each = []
    for example in every.examples:
        material, at = example.material, example.at
        taker = at[step]
        given = material.given(at[:step], taker) if step else ()
        number = numbers.setdefault(tuple(map(id, given)), len(kinds))
        if number == len(kinds):
            kinds.append(given)
        kind_of.append(number)
        each.append(material.arguments[taker])
    weights = _by_kind(every, kind_of, len(kinds))
    names = dict.fromkeys(each[0]) if each else {}
    alike = all(map(names.keys().__eq__, map(methodcaller("keys"), each)))
    if not alike:
        names = dict.fromkeys(chain.from_iterable(each))
    done: list[str] = []
    for name in sorted(names):
        texts = list(map(itemgetter(name), each)) if alike else [given[name] for given in each if name in given]
        rows, own, sums = every, kind_of, weights
        if len(texts) < len(each):
            having = [index for index, given in enumerate(each) if name in given]
            rows = Rows([every.examples[index] for index in having], [every.parts[index] for index in having])
            if rows.weight.whole < PRESENT * every.weight.whole or any(exclude(name, other) for other in done):
                continue
            own = [kind_of[index] for index in having]
            sums = _by_kind(rows, own, len(kinds))
        found = [Kind(_hits(given, name), weight) for given, weight in zip(kinds, sums, strict=True)]
        done.append(name)
        yield Argument(step, name, rows, texts, found, own)


def _hits(given: Sequence[Given], name: str) -> Mapping[Source, int]:
    found: dict[Source, int] = {}
    nothing: Mapping[Place, int] = {}
    for source, here in enumerate(given):
        for place, size in here.get(name, nothing).items():
            found[source, place] = size
    return found


def _by_kind(rows: Rows, kind_of: Sequence[int], count: int) -> Sequence[Weight]:
    if count == 1:
        return [rows.weight]
    parts: list[list[int]] = [[] for _ in range(count)]
    weights: list[list[float]] = [[] for _ in range(count)]
    for kind, part, weight in zip(kind_of, rows.parts, rows.weights, strict=True):
        parts[kind].append(part)
        weights[kind].append(weight)
    return list(map(weighed, parts, weights))
