"""Where each argument's value comes from: a constant, an earlier step, or nobody knows and somebody decides.

A value that is found in an earlier step may be there by coincidence. A source is believed only when it holds in nearly
all examples and nearly all distinct values, when there are several distinct values, and when finding them there by
chance would be improbable: chance is how often the values stand at the same place in runs of other groups, and the
evidence has to grow with the number of places that were tried. An argument that a side effect's target is made from has
to be known for the workflow to be of any use, and few examples cannot show 95 %: there a source may fail a single one,
where chance is out of the question. How well a source holds is a matter of the workflow's
own examples; how improbable chance is, of all tools that take an argument of that name from there (a rare job uses the
same ids as the common ones, and five distinct values of its own come late).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial
from math import log2

from core.mining.generalised.evidence import Evidence, Pool
from core.mining.generalised.links import Texts
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.records import Binding, Tried
from core.mining.generalised.sheet import Argument, Source
from core.mining.generalised.values import Place

HOLDS = 0.95
"""The share of examples, and of distinct values, in which a binding has to hold."""

MIN_DISTINCT = 5
"""Distinct values over all tools that take an argument of the name from the place."""
MIN_OWN = 3
"""Distinct values in the examples themselves."""
CONSTANT_GROUPS = 3
"""In fewer groups than this, a value that is always the same may still be one run's."""
FORGIVEN_FROM = 8
"""Of so many examples, or distinct values, one may be an exception for an argument that a target is made from."""
FORGIVEN_BITS = 100.0
"""The evidence that this takes."""
MIN_BITS = 10.0
MIN_LIFT = 2.0


def bind(pattern: Pattern, argument: Argument, pool: Pool, *, decisive: bool = False, explain: bool = False) -> Binding:
    """The binding that examples of a pattern support; with `explain` it also says what was tried in vain.

    `decisive` is whether a side effect's target is made from the argument.
    """
    rows, total = argument.rows, argument.rows.weight.whole
    values: dict[Texts, float] = {}
    for texts, weight in zip(argument.texts, rows.weights, strict=True):
        values[texts] = values.get(texts, 0.0) + weight
    weights: dict[Source, float] = {}
    for kind in argument.kinds:
        for source in kind.hits:
            weights[source] = weights.get(source, 0.0) + kind.weight.whole
    near = sorted(source for source, weight in weights.items() if holds(weight, total, forgiving=decisive))
    tried = argument.places_tried(None)
    judge = partial(_judge, pattern, argument, values=values, tried=tried, pool=pool, decisive=decisive)
    judged = [judge(source, weight=weights[source]) for source in near]
    good = [one for one in judged if one.fault is None]
    common = max(values, key=lambda texts: (values[texts], texts)) if values else ()
    share = values[common] / total if values else 0.0
    shown = Binding(
        step=argument.step, name=argument.name, kind="free", distinct=len(values), tried=tried, longest=longest(values)
    )
    if good:
        best = min(good, key=preference)
        return shown.replace_source(best, tuple(judged) if explain else ())
    if share >= HOLDS - 1e-9 and rows.groups.whole >= CONSTANT_GROUPS:
        return shown.replace_constant(common, share, tuple(judged) if explain else ())
    if explain:
        far = sorted((s for s in weights if s not in near), key=lambda s: (-weights[s], s))[:3]
        judged += [judge(source, weight=weights[source]) for source in far]
        return shown.replace_tried(tuple(judged))
    return shown


def longest(values: Iterable[tuple[str, ...]]) -> int:
    """The longest value, in characters."""
    most = 0
    for texts in values:
        for text in texts:
            if len(text) > most:  # so that few are looked at
                most = max(most, len(text) - 2 if text[0] == '"' else len(text))
    return most


def holds(count: float, total: float, *, forgiving: bool) -> bool:
    """Whether something holds in nearly all of a number of cases."""
    missed = total - count
    return missed <= (1 - HOLDS) * total + 1e-9 or (forgiving and total >= FORGIVEN_FROM and missed <= 1 + 1e-9)


def _judge(
    pattern: Pattern,
    argument: Argument,
    source: Source,
    *,
    values: Collection[Texts],
    weight: float,
    tried: int,
    pool: Pool,
    decisive: bool,
) -> Tried:
    """How well a source explains an argument, with the rule that it breaks, if any."""
    step, place = source
    kinds, rows, total = argument.kinds, argument.rows, argument.rows.weight.whole
    hit = [source in kind.hits for kind in kinds]
    missed: set[str] = set()
    lost: set[Texts] = set()
    if not all(hit):
        for texts, kind, example in zip(argument.texts, argument.kind_of, rows.examples, strict=True):
            if not hit[kind]:
                missed.add(example.material.key)
                lost.add(texts)
    offered = sum(kind.weight.whole * kind.hits[source] for kind in kinds if source in kind.hits)
    single = sum(kind.weight.whole for kind in kinds if kind.hits.get(source) == 1)
    distinct, evidence = len(values) - len(lost), pool.evidence(pattern[step], place, argument.name)
    fault = fault_of(weight, total, distinct, len(values), evidence, tried=lambda: tried, decisive=decisive)
    return Tried(
        step=step,
        place=place,
        share=weight / total,
        distinct=distinct,
        chance=evidence.chance,
        bits=evidence.bits,
        mean_size=offered / weight if weight else 0.0,
        single=single / weight if weight else 0.0,
        missed=tuple(sorted(missed)),
        fault=fault,
    )


def fault_of(
    weight: float,
    total: float,
    distinct: int,
    values: int,
    evidence: Evidence,
    *,
    tried: Callable[[], int],
    decisive: bool,
) -> str | None:
    """The rule that a source breaks, if any.

    It holds for so much of a weight and so many of the distinct values; `tried` says how many places were looked at.
    """
    forgiving = decisive and evidence.bits >= FORGIVEN_BITS
    if not holds(weight, total, forgiving=forgiving):
        return "does not hold in enough runs"
    if not holds(distinct, values, forgiving=forgiving):
        return "does not hold for enough distinct values"
    if evidence.distinct < MIN_DISTINCT or distinct < MIN_OWN:
        return "too few distinct values to tell it from coincidence"
    if weight / total < MIN_LIFT * evidence.chance:
        return "other runs hold the values as often"
    if evidence.bits < MIN_BITS + log2(1 + tried()):
        return "could be coincidence"
    return None


def preference(tried: Tried) -> tuple[object, ...]:
    """What sources are ordered by, the preferred ones first."""
    return rank(tried.step, tried.place, tried.share, tried.mean_size, tried.single)


def rank(step: int, place: Place, share: float, mean_size: float, single: float) -> tuple[object, ...]:
    """Single values first, then the smallest choice; of equals the one that holds best, then the earliest."""
    is_single = single >= HOLDS
    size = 1.0 if is_single else mean_size
    return (
        *(not is_single, round(size, 1), -round(share, 2), step),
        *(place.count("*"), place.startswith("in/"), len(place), place),
    )
