"""From folded runs to the few candidates worth approving."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from core.mining.generalised.accept import faults
from core.mining.generalised.bindings import columns
from core.mining.generalised.confidence import Trials, at_best, court, held_out, juries, leaning, rate
from core.mining.generalised.evidence import Pool
from core.mining.generalised.fold import Facts, Symbol, facts, fold, seen
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted, occurrences
from core.mining.generalised.patterns import Index, Pattern
from core.mining.generalised.select import Job, select
from core.mining.generalised.templates import templates
from core.model.trace import Trace

NOTHING: Mapping[Pattern, Judged] = MappingProxyType({})
MIN_CONFIDENCE = 0.55
"""More than half: of the many patterns that are tried for one effect, those that just pass are the luckiest."""
MAX_CANDIDATES = 20
STRENGTH = 10.0
"""How many groups' worth a candidate's confidence leans on what all candidates together show."""
MIN_GROUPS = 3
"""In how many groups a pattern has to occur, at least; how many runs is the policy's min_examples."""


@dataclass(frozen=True, slots=True)
class Mined:
    """One accepted candidate as mining sees it."""

    fitted: Fitted
    trials: Trials
    groups: int
    worth: float


@dataclass(frozen=True, slots=True)
class Rejected:
    """A pattern that repeats and is no candidate, with the reason."""

    pattern: Pattern
    groups: int
    reason: str
    is_sure: bool = True
    """Whether another reason might be found, that comes before this one, by looking closer."""


Judged: TypeAlias = Mined | Rejected


@dataclass(frozen=True, slots=True)
class Proposals:
    """What mining proposes, best first, and the most common pattern for each other job with why it is none."""

    chosen: tuple[Mined, ...]
    rejected: tuple[Rejected, ...]
    judged: Mapping[Pattern, Judged]
    """Everything that was judged, by itself."""


def materials_of(traces: Iterable[Trace]) -> tuple[Facts, tuple[Material, ...]]:
    """The folded runs of some traces, with what is known of their tools."""
    listed = tuple(traces)
    known = facts(map(seen, listed))
    return known, tuple(Material(fold(trace, known)) for trace in listed)


def index_of(pool: Pool) -> Index:
    """The patterns of all runs of a pool."""
    index = Index()
    index.add_all((material.shape, material.key, pool.group(material)) for material in pool.materials)
    return index


Mapped: TypeAlias = Callable[[Callable[[tuple[Pattern, int]], Judged], Sequence[tuple[Pattern, int]]], Iterable[Judged]]
"""What a function makes of patterns with their number of groups, in their order."""

Zs = dict[tuple[str, str, str, str], float]
"""How far links are in temporal order, by source, place, taker and argument; filled as they are asked for."""


def considered(
    pool: Pool,
    writers: frozenset[Symbol],
    min_examples: int,
    zs: Zs,
    known: Mapping[Pattern, Judged] = NOTHING,
    mapped: Mapped = map,
) -> Iterator[Judged]:
    """Every closed frequent pattern that ends where a job may end, judged, in the order of the patterns.

    `known` is what was judged of the same runs already; `mapped` judges one after the other, or several at a time.
    """
    frequent = index_of(pool).frequent(min_examples, min(min_examples, MIN_GROUPS))
    ending = [item for item in sorted(frequent.items()) if not writers or item[0][-1] in writers]

    def look(item: tuple[Pattern, int]) -> Judged:
        return known.get(item[0]) or judge(*item, pool, writers, zs)

    yield from mapped(look, ending)


def accepted(pool: Pool, writers: frozenset[Symbol], min_examples: int) -> list[Mined]:
    """All acceptable candidates, in the order of their patterns."""
    return [one for one in considered(pool, writers, min_examples, {}) if isinstance(one, Mined)]


def judge(
    pattern: Pattern, groups: int, pool: Pool, writers: frozenset[Symbol], zs: Zs, *, thorough: bool = False
) -> Judged:
    """A pattern as a candidate, or why it is none; the reason is only sure where it is judged thoroughly."""
    if writers and (groups + 1) / (pool.done_groups(pattern[0], pattern[-1]) + 2) < MIN_CONFIDENCE:
        # Even if every occurrence were as described, its confidence would be too low.
        return Rejected(pattern, groups, _OTHERWISE)
    runs = juries(pattern, pool)
    if not thorough and at_best(pattern, runs, pool) < MIN_CONFIDENCE:
        return Rejected(pattern, groups, _OTHERWISE, is_sure=False)
    examples = pool.examples(pattern)
    cols = columns(pattern, examples)
    judging = court(pattern, cols, pool, templates(pattern, examples, writers), runs)
    fitted = judging.fitted()
    if (fault := faults(fitted, pool, zs)) is not None:
        return Rejected(pattern, groups, fault)
    trials = held_out(judging, pool)
    if trials.confidence.value < MIN_CONFIDENCE:
        return Rejected(pattern, groups, _OTHERWISE)
    return Mined(fitted, trials, groups, worth(fitted, trials))


def _sure(one: Rejected, pool: Pool, writers: frozenset[Symbol], zs: Zs) -> Rejected:
    """A pattern that is no candidate, with the reason that is told."""
    found = one if one.is_sure else judge(one.pattern, one.groups, pool, writers, zs, thorough=True)
    assert isinstance(found, Rejected)
    return found


_OTHERWISE = "where the job gets done in runs that it was not made from, it is mostly done otherwise"


def worth(fitted: Fitted, trials: Trials) -> float:
    """(calls + 2) times the share of bound arguments behind the first step, times confidence."""
    later = [binding.kind != "free" for binding in fitted.bindings if binding.step]
    share = sum(later) / len(later) if later else 1.0
    return (len(fitted.pattern) + 2) * share * trials.confidence.value


def explains(fitted: Fitted, pool: Pool) -> Mapping[Job, float]:
    """The effects that a candidate explains, each with the share of its group's vote that the run has.

    Where no run has an effect, the last step of an occurrence stands for one.
    """
    found: dict[Job, float] = {}
    for material in pool.trials(pool.by_symbol.get(fitted.pattern[-1], ())):
        for at in occurrences(material, fitted):
            for step in at:
                if material.run.steps[step].effect or (not pool.writes and step == at[-1]):
                    found[material.key, step] = 1 / pool.sizes[pool.group(material)]
    return found


def propose(
    pool: Pool,
    known: Facts,
    min_examples: int,
    most: int = MAX_CANDIDATES,
    stays: Callable[[Pattern], bool] = lambda _: False,
    before: Mapping[Pattern, Judged] = NOTHING,
    mapped: Mapped = map,
) -> Proposals:
    """The few and different candidates of a pool, and what else repeats.

    Which few explain most can change with a single run. A candidate that `stays`, because somebody decided on it, is
    proposed besides as long as it repeats; without displacing any other, so that deciding changes no other proposal.
    `before` is what was judged of the same runs already; `mapped` judges one after the other, or several at a time.
    """
    zs: Zs = {}
    judged = list(considered(pool, known.writers, min_examples, zs, before, mapped))
    made = [*_calibrated([one for one in judged if isinstance(one, Mined)])]
    picked = select([one.worth for one in made], [explains(one.fitted, pool) for one in made], most)
    picked += [i for i, one in enumerate(made) if i not in picked and stays(one.fitted.pattern)]
    others: dict[Symbol, Rejected] = {}
    done = {made[index].fitted.pattern[-1] for index in picked}
    for one in judged:
        if isinstance(one, Rejected) and (last := one.pattern[-1]) not in done:
            others[last] = min(others.get(last, one), one, key=lambda r: (-r.groups, -len(r.pattern), r.pattern))
    rejected = {others[last].pattern: others[last] for last in sorted(others)}
    rejected |= {one.pattern: one for one in judged if isinstance(one, Rejected) and stays(one.pattern)}
    told = {pattern: _sure(one, pool, known.writers, zs) for pattern, one in rejected.items()}
    by_pattern = {pattern_of(one): one for one in judged} | told
    return Proposals(tuple(made[index] for index in picked), tuple(told.values()), by_pattern)


def pattern_of(one: Judged) -> Pattern:
    """The pattern that was judged."""
    return one.fitted.pattern if isinstance(one, Mined) else one.pattern


def _calibrated(made: Sequence[Mined]) -> Iterator[Mined]:
    """The candidates with confidences that lean on what all of them together show.

    Held-out success varies by chance from candidate to candidate; what few groups could judge says little alone.
    """
    prior = rate([mean for one in made for mean in one.trials.means]).value
    for one in made:
        trials = replace(one.trials, confidence=leaning(one.trials.means, prior, STRENGTH))
        yield replace(one, trials=trials, worth=worth(one.fitted, trials))


def mine_pool(pool: Pool, known: Facts, min_examples: int, most: int = MAX_CANDIDATES) -> list[Mined]:
    """The candidates of a pool, best first."""
    return list(propose(pool, known, min_examples, most).chosen)
