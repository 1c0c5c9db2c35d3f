"""A column's bindings with one part of the runs left out after the other, from one look at its rows.

`bind` on the rows that are left says the same, in as many looks as there are parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.mining.generalised.bindings import (
    CONSTANT_GROUPS,
    HOLDS,
    Column,
    Source,
    fault_of,
    holds,
    longest,
    preference,
    tried_places,
)
from core.mining.generalised.evidence import Pool
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.records import Binding, Tried

Texts = tuple[str, ...]


@dataclass(slots=True)
class _Sum:
    """A sum, and what of it comes from each part."""

    total: float = 0.0
    of: dict[int | None, float] = field(default_factory=dict)

    def add(self, part: int, amount: float) -> None:
        self.total += amount
        self.of[part] = self.of.get(part, 0.0) + amount

    def without(self, part: int | None) -> float:
        """The sum of the other parts."""
        return self.total - self.of.get(part, 0.0)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How well a source explains the rows, by part."""

    size: _Sum
    single: _Sum
    missed: Mapping[Texts, frozenset[int]]
    """By values the parts in which it does not hold; values that it always explains are left out."""


class Tally:
    """What the rows of a column say. `part_of` tells the part of a group; groups without one are never left out."""

    def __init__(
        self, pattern: Pattern, column: Column, part_of: Mapping[str, int], pool: Pool, *, decisive: bool
    ) -> None:
        self._pattern, self._column, self._pool, self._decisive = pattern, column, pool, decisive
        self._parts = [part_of.get(row.example.group, -1) for row in column.rows]
        self._total = _Sum()
        self._hits: dict[frozenset[Source], _Sum] = {}
        self._values: dict[Texts, _Sum] = {}
        self._where: dict[Texts, set[int]] = {}
        for row, part in zip(column.rows, self._parts, strict=True):
            weight = row.example.weight
            self._total.add(part, weight)
            (self._hits.get(row.hits) or self._hits.setdefault(row.hits, _Sum())).add(part, weight)
            (self._values.get(row.texts) or self._values.setdefault(row.texts, _Sum())).add(part, weight)
            self._where.setdefault(row.texts, set()).add(part)
        alone = (next(iter(where)) for where in self._where.values() if len(where) == 1)
        self._only: Counter[int | None] = Counter(alone)
        self._groups = _Sum()
        for group in {row.example.group for row in column.rows}:
            self._groups.add(part_of.get(group, -1), 1)
        self._sources: dict[Source, _Seen] = {}
        self._places: dict[int | None, int] = {}

    def binding(self, part: int | None) -> Binding | None:
        """What the other parts' rows bind the argument to, all rows where `part` is None; None when there are none."""
        if all(other == part for other in self._total.of):
            return None
        column, total = self._column, self._total.without(part)
        shown = Binding(step=column.step, name=column.name, kind="free", longest=self._longest)
        judged = [self._judged(source, part, weight, total) for source, weight in self._near(part, total)]
        if good := [one for one in judged if one.fault is None]:
            return shown.replace_source(min(good, key=preference), ())
        if (common := self._common(part, total)) is not None and self._groups.without(part) >= CONSTANT_GROUPS:
            return shown.replace_constant(common, self._values[common].without(part) / total, ())
        return shown

    def _near(self, part: int | None, total: float) -> Iterator[tuple[Source, float]]:
        """The sources that hold in nearly all rows, with the weight of these rows."""
        weights: dict[Source, float] = {}
        for hits, amount in self._hits.items():
            weight = amount.without(part)
            for source in hits:
                weights[source] = weights.get(source, 0.0) + weight
        return (item for item in weights.items() if holds(item[1], total, forgiving=self._decisive))

    def _judged(self, source: Source, part: int | None, weight: float, total: float) -> Tried:
        step, place = source
        seen = self._sources.get(source) or self._sources.setdefault(source, self._looked_at(source))
        known = len(self._where) - self._only.get(part, 0)
        here: set[int | None] = {part}
        distinct = known - sum(not where <= here and self._where[texts] != here for texts, where in seen.missed.items())
        evidence = self._pool.evidence(self._pattern[step], place, self._column.name)
        fault = fault_of(weight, total, distinct, known, evidence, tried=self._tried(part), decisive=self._decisive)
        return Tried(
            step=step,
            place=place,
            share=weight / total,
            distinct=distinct,
            chance=evidence.chance,
            bits=evidence.bits,
            mean_size=seen.size.without(part) / weight if weight else 0.0,
            single=seen.single.without(part) / weight if weight else 0.0,
            fault=fault,
        )

    def _looked_at(self, source: Source) -> _Seen:
        step, place = source
        size, single = _Sum(), _Sum()
        missed: dict[Texts, set[int]] = {}
        for row, part in zip(self._column.rows, self._parts, strict=True):
            if source not in row.hits:
                missed.setdefault(row.texts, set()).add(part)
                continue
            here = row.example.material.sizes(row.example.at[step])[place]
            size.add(part, row.example.weight * here)
            if here == 1:
                single.add(part, row.example.weight)
        return _Seen(size, single, {texts: frozenset(parts) for texts, parts in missed.items()})

    def _tried(self, part: int | None) -> int:
        if (known := self._places.get(part)) is None:
            left = [row for row, own in zip(self._column.rows, self._parts, strict=True) if own != part]
            known = self._places[part] = tried_places(left, self._column.step)
        return known

    def _common(self, part: int | None, total: float) -> Texts | None:
        """The values that nearly all rows have."""
        least = HOLDS * total - 1e-9 * total
        for texts in self._by_weight:
            if self._values[texts].total < least:
                break
            if self._values[texts].without(part) >= least:
                return texts
        return None

    @cached_property
    def _longest(self) -> int:
        return longest(self._values)

    @cached_property
    def _by_weight(self) -> Sequence[Texts]:
        return sorted(self._values, key=lambda texts: self._values[texts].total, reverse=True)
