"""A column's bindings with one part of the runs left out after the other, from one look at its rows.

`bind` on the rows that are left says the same, in as many looks as there are parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import repeat
from typing import Generic, TypeVar

from core.mining.generalised.bindings import (
    CONSTANT_GROUPS,
    HOLDS,
    MIN_DISTINCT,
    MIN_OWN,
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


Key = TypeVar("Key", bound=Hashable)


class _Sums(Generic[Key]):
    """What weighs how much, and what of it comes from each part; keys in the order of the rows."""

    def __init__(self, keys: Iterable[Key], parts: Iterable[int], weights: Sequence[float] | None) -> None:
        """Everything weighs 1 where `weights` is None; else it is added up in the order of the rows."""
        self.whole: dict[Key, float] = {}
        self.of: dict[tuple[Key, int], float] = {}
        if weights is None:
            self.of.update(Counter(zip(keys, parts, strict=True)))
            for (key, _), count in self.of.items():
                self.whole[key] = self.whole.get(key, 0) + count
        else:
            for key, part, weight in zip(keys, parts, weights, strict=True):
                self.whole[key] = self.whole.get(key, 0.0) + weight
                self.of[key, part] = self.of.get((key, part), 0.0) + weight

    def without(self, key: Key, part: int | None) -> float:
        """What a key weighs in the other parts."""
        whole = self.whole.get(key, 0.0)
        return whole if part is None else whole - self.of.get((key, part), 0.0)


class Tally:
    """What the rows of a column say. `part_of` tells the part of a group; groups without one are never left out."""

    def __init__(
        self, pattern: Pattern, column: Column, part_of: Mapping[str, int], pool: Pool, *, decisive: bool
    ) -> None:
        self._pattern, self._column, self._pool, self._decisive = pattern, column, pool, decisive
        self._part_of = part_of
        rows = column.rows
        self._parts = parts = [part_of.get(row.example.group, -1) for row in rows]
        weights = [row.example.weight for row in rows]
        self._weights = weights if any(weight != 1.0 for weight in weights) else None
        self._total = _Sums(repeat(None, len(rows)), parts, self._weights)
        self._hits = _Sums([row.hits for row in rows], parts, self._weights)
        self._values = _Sums([row.texts for row in rows], parts, self._weights)
        self._where: dict[Texts, set[int]] = {}
        for texts, part in self._values.of:
            self._where.setdefault(texts, set()).add(part)
        alone = (next(iter(where)) for where in self._where.values() if len(where) == 1)
        self._only: Counter[int | None] = Counter(alone)
        self._missed: dict[Source, Mapping[Texts, frozenset[int]]] = {}
        self._sizes: dict[Source, tuple[_Sums[None], _Sums[None]]] = {}
        self._places: dict[int | None, int] = {}

    def binding(self, part: int | None) -> Binding | None:
        """What the other parts' rows bind the argument to, all rows where `part` is None; None when there are none."""
        if all(other == part for _, other in self._total.of):
            return None
        column, total = self._column, self._total.without(None, part)
        shown = Binding(step=column.step, name=column.name, kind="free", longest=self._longest)
        judged = (self._judged(source, part, weight, total) for source, weight in self._near(part, total))
        if good := [one for one in judged if one is not None]:
            return shown.replace_source(min(good, key=preference), ())
        if (common := self._common(part, total)) is not None and self._groups.without(None, part) >= CONSTANT_GROUPS:
            return shown.replace_constant(common, self._values.without(common, part) / total, ())
        return shown

    def _near(self, part: int | None, total: float) -> Iterator[tuple[Source, float]]:
        """The sources that hold in nearly all rows, with the weight of these rows; none where none can be believed."""
        weights: dict[Source, float] = {}
        if len(self._where) < MIN_OWN:
            return iter(())
        for hits in self._hits.whole:
            if hits and (weight := self._hits.without(hits, part)):
                for source in hits:
                    weights[source] = weights.get(source, 0.0) + weight
        return (item for item in weights.items() if holds(item[1], total, forgiving=self._decisive))

    def _judged(self, source: Source, part: int | None, weight: float, total: float) -> Tried | None:
        """A source that holds in the other parts, as far as that is needed; None when a rule speaks against it."""
        step, place = source
        evidence = self._pool.evidence(self._pattern[step], place, self._column.name)
        if evidence.distinct < MIN_DISTINCT:
            return None
        if (missed := self._missed.get(source)) is None:
            missed = self._missed[source] = self._missing(source)
        known = len(self._where) - self._only.get(part, 0)
        here: set[int | None] = {part}
        distinct = known - sum(not where <= here and self._where[texts] != here for texts, where in missed.items())
        tried = partial(self._tried, part)
        if fault_of(weight, total, distinct, known, evidence, tried=tried, decisive=self._decisive) is not None:
            return None
        if (sizes := self._sizes.get(source)) is None:
            sizes = self._sizes[source] = self._sized(source)
        size, single = sizes
        return Tried(
            step=step,
            place=place,
            share=weight / total,
            distinct=distinct,
            chance=evidence.chance,
            bits=evidence.bits,
            mean_size=size.without(None, part) / weight if weight else 0.0,
            single=single.without(None, part) / weight if weight else 0.0,
        )

    def _missing(self, source: Source) -> Mapping[Texts, frozenset[int]]:
        """By values the parts in which a source does not hold; values that it always explains are left out."""
        missed: dict[Texts, set[int]] = {}
        if any(source not in hits for hits in self._hits.whole):
            for row, part in zip(self._column.rows, self._parts, strict=True):
                if source not in row.hits:
                    missed.setdefault(row.texts, set()).add(part)
        return {texts: frozenset(parts) for texts, parts in missed.items()}

    def _sized(self, source: Source) -> tuple[_Sums[None], _Sums[None]]:
        """How many values stand where a source holds, and how much weight those rows have where it is one."""
        step, place = source
        found = [
            (example.material.sizes(example.at[step])[place], part, example.weight)
            for (example, _, hits), part in zip(self._column.rows, self._parts, strict=True)
            if source in hits
        ]
        single = [(part, weight) for size, part, weight in found if size == 1]
        return (
            _Sums(repeat(None, len(found)), [part for _, part, _ in found], [size * w for size, _, w in found]),
            _Sums(repeat(None, len(single)), [part for part, _ in single], [weight for _, weight in single]),
        )

    def _tried(self, part: int | None) -> int:
        if (known := self._places.get(part)) is None:
            left = [row for row, own in zip(self._column.rows, self._parts, strict=True) if own != part]
            known = self._places[part] = tried_places(left, self._column.step)
        return known

    def _common(self, part: int | None, total: float) -> Texts | None:
        """The values that nearly all rows have."""
        least = HOLDS * total - 1e-9 * total
        for texts in self._by_weight:
            if self._values.whole[texts] < least:
                break
            if self._values.without(texts, part) >= least:
                return texts
        return None

    @cached_property
    def _groups(self) -> _Sums[None]:
        """How many groups the rows are of."""
        groups = {row.example.group for row in self._column.rows}
        return _Sums(repeat(None, len(groups)), [self._part_of.get(group, -1) for group in groups], None)

    @cached_property
    def _longest(self) -> int:
        return longest(self._values.whole)

    @cached_property
    def _by_weight(self) -> Sequence[Texts]:
        return sorted(self._values.whole, key=self._values.whole.__getitem__, reverse=True)
