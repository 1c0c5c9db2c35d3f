"""An argument's bindings with one part of the runs left out after the other, from one look at its rows.

`bind` on the rows that are left says the same, in as many looks as there are parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from math import log2

from core.mining.generalised.bindings import (
    CONSTANT_GROUPS,
    HOLDS,
    MIN_BITS,
    MIN_DISTINCT,
    MIN_OWN,
    fault_of,
    holds,
    longest,
    preference,
    rank,
)
from core.mining.generalised.evidence import Pool
from core.mining.generalised.links import Texts
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.records import Binding, Tried
from core.mining.generalised.sheet import Argument, Source, Weight, weighed


class Tally:
    """What examples say about an argument, and what those outside a part do."""

    def __init__(self, pattern: Pattern, argument: Argument, pool: Pool, *, decisive: bool) -> None:
        self._pattern, self._argument, self._pool, self._decisive = pattern, argument, pool, decisive
        self._tried: dict[int | None, int] = {}
        self._missed: dict[Source, dict[Texts, set[int]]] = {}
        self._counts = Counter(argument.texts)
        """How many rows have each value."""
        self._distinct = len(self._counts)

    @cached_property
    def _only(self) -> Counter[int]:
        """How many values each part alone has."""
        where = set(zip(self._argument.texts, self._argument.rows.parts, strict=True))
        if len(where) == self._distinct:
            return Counter(part for _, part in where)
        parts = Counter(texts for texts, _ in where)
        return Counter(part for texts, part in where if parts[texts] == 1)

    @cached_property
    def whole(self) -> Binding | None:
        """What all rows bind the argument to."""
        return self.binding(None)

    @cached_property
    def steady(self) -> Binding | None:
        """What the argument is bound to whichever part is left out, where that is plain to see.

        How well it holds is told of all rows; what runs are compared with is the same.
        """
        argument, parts = self._argument, (None, *self._argument.rows.weight.parts)
        if len(argument.rows.weight.parts) == 1 or self._sometimes:
            return None
        found = self.whole
        assert found is not None
        if found.kind == "free":
            return None if self._always or self._by_weight else found
        if found.kind == "constant":
            is_one = self._distinct == 1 and min(map(argument.rows.groups.without, parts)) >= CONSTANT_GROUPS
            return found if is_one else None
        assert found.source is not None
        sure = found.source.bits >= MIN_BITS + log2(1 + argument.most_tried)
        first = self._always[0][0] == (found.source.step, found.source.place)
        return found if sure and first and min(map(self._known, parts)) >= MIN_OWN else None

    def binding(self, part: int | None) -> Binding | None:
        """What the other parts' rows bind the argument to, all rows where `part` is None; None when there are none."""
        given = self._argument
        total = given.rows.weight.without(part)
        if given.rows.weight.parts.keys() <= {part}:
            return None
        shown = Binding(step=given.step, name=given.name, kind="free", longest=self._longest)
        if (best := self._best(part, total)) is not None:
            return shown.replace_source(best, ())
        common = self._common(part, total)
        if common is not None and given.rows.groups.without(part) >= CONSTANT_GROUPS:
            return shown.replace_constant(common[0], common[1] / total, ())
        return shown

    def _best(self, part: int | None, total: float) -> Tried | None:
        """The source that is preferred among those that may be believed."""
        known = self._known(part)
        if known < MIN_OWN:
            return None
        for source, size in self._always:
            if best := self._believed(source, part, known, known, total, total, size * total, total * (size == 1)):
                break
        else:
            best = None
        good = [best] if best else []
        good += [tried for source in self._sometimes if (tried := self._judged(source, part, known, total))]
        return min(good, key=preference, default=None)

    def _known(self, part: int | None) -> int:
        """How many distinct values the other parts have."""
        return self._distinct if part is None else self._distinct - self._only[part]

    @cached_property
    def _always(self) -> Sequence[tuple[Source, int]]:
        """The sources that hold in all rows and always offer as many values, the preferred ones first."""
        first, *others = self._argument.kinds
        found = [(at, n) for at, n in first.hits.items() if all(kind.hits.get(at) == n for kind in others)]
        return sorted(found, key=lambda one: rank(one[0][0], one[0][1], 1.0, one[1], one[1] == 1))

    @cached_property
    def _sometimes(self) -> Sequence[Source]:
        """The other sources."""
        if len(self._argument.kinds) == 1:
            return ()
        always = {source for source, _ in self._always}
        every = dict.fromkeys(source for kind in self._argument.kinds for source in kind.hits)
        return [source for source in every if source not in always]

    def _judged(self, source: Source, part: int | None, known: int, total: float) -> Tried | None:
        """A source that does not hold everywhere, or not always offers as much; None when a rule speaks against it."""
        found = [(k.hits[source], k.weight.without(part)) for k in self._argument.kinds if source in k.hits]
        weight = sum(weight for _, weight in found)
        if not holds(weight, total, forgiving=self._decisive):
            return None
        here: set[int | None] = {part}
        distinct = known - sum(not where <= here for where in self._missing(source).values())
        offered, single = sum(n * w for n, w in found), sum(w for n, w in found if n == 1)
        return self._believed(source, part, distinct, known, weight, total, offered, single)

    def _believed(
        self,
        source: Source,
        part: int | None,
        distinct: int,
        known: int,
        weight: float,
        total: float,
        offered: float,
        single: float,
    ) -> Tried | None:
        """A source that holds for so much of a weight and so many values; None when a rule speaks against it."""
        step, place = source
        evidence = self._pool.evidence(self._pattern[step], place, self._argument.name)
        if evidence.distinct < MIN_DISTINCT:
            return None
        tried = partial(self._places_tried, part)
        if fault_of(weight, total, distinct, known, evidence, tried=tried, decisive=self._decisive) is not None:
            return None
        return Tried(
            step=step,
            place=place,
            share=weight / total,
            distinct=distinct,
            chance=evidence.chance,
            bits=evidence.bits,
            mean_size=offered / weight,
            single=single / weight,
        )

    def _missing(self, source: Source) -> Mapping[Texts, set[int]]:
        """By values the parts in which a source does not hold; values that it always explains are left out."""
        if (known := self._missed.get(source)) is None:
            known = self._missed[source] = {}
            given = self._argument
            if not all(source in kind.hits for kind in given.kinds):
                for texts, kind, part in zip(given.texts, given.kind_of, given.rows.parts, strict=True):
                    if source not in given.kinds[kind].hits:
                        known.setdefault(texts, set()).add(part)
        return known

    def _places_tried(self, part: int | None) -> int:
        if (known := self._tried.get(part)) is None:
            known = self._tried[part] = self._argument.places_tried(part)
        return known

    def _common(self, part: int | None, total: float) -> tuple[Texts, float] | None:
        """The values that nearly all rows have, with their weight."""
        least = HOLDS * total - 1e-9 * total
        for texts, weight in self._by_weight:
            if weight.whole < least:
                break
            if (left := weight.without(part)) >= least:
                return texts, left
        return None

    @cached_property
    def _by_weight(self) -> Sequence[tuple[Texts, Weight]]:
        """The values that could be those of nearly all rows, the most common ones first."""
        given = self._argument
        # Outside a part there is less of everything.
        least = HOLDS * given.rows.least * (1 - 1e-9)
        # No row weighs more than one vote; nearly always that tells that no value is so common.
        if max(self._counts.values(), default=0) < least:
            return ()
        whole: dict[Texts, float] = {}
        for texts, weight in zip(given.texts, given.rows.weights, strict=True):
            whole[texts] = whole.get(texts, 0.0) + weight
        return [
            (texts, self._weight(texts))
            for texts in sorted(whole, key=lambda t: (-whole[t], t))
            if whole[texts] >= least
        ]

    def _weight(self, texts: Texts) -> Weight:
        rows = self._argument.rows
        at = [index for index, own in enumerate(self._argument.texts) if own == texts]
        return weighed([rows.parts[index] for index in at], [rows.weights[index] for index in at])

    @cached_property
    def _longest(self) -> int:
        return longest(self._counts)
