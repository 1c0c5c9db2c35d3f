"""From folded runs to the few candidates worth approving.

Very many patterns repeat and nearly all of them are parts or variants of others, so few are judged: some that tell how
sure one can be of any here, those that could be chosen, and the most common one of each job that no choice explains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from core.mining.generalised.confidence import leaning, rate
from core.mining.generalised.evidence import Pool
from core.mining.generalised.fold import Facts, Symbol, facts, fold, seen
from core.mining.generalised.jobs import Jobs
from core.mining.generalised.judge import (
    Draft,
    Judged,
    Mined,
    Rejected,
    Zs,
    drafted,
    effects_of,
    judged,
    worth,
)
from core.mining.generalised.links import Material
from core.mining.generalised.patterns import Index, Pattern
from core.mining.generalised.prospects import Prospect, Prospects
from core.mining.generalised.records import StepTemplate
from core.mining.generalised.select import Claim, select
from core.model.jsontext import sha256_hex
from core.model.trace import Trace

NOTHING: Mapping[Pattern, Judged] = MappingProxyType({})
MAX_CANDIDATES = 20
STRENGTH = 10.0
"""How many groups' worth a candidate's confidence leans on what all candidates together show."""
ENOUGH_TRIALS = 1_000
"""From so many groups' trials, those of some candidates, it is known well enough what all together show."""
MIN_GROUPS = 3
"""In how many groups a pattern has to occur, at least; how many runs is the policy's min_examples."""


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


def ending(pool: Pool, writers: frozenset[Symbol], min_examples: int) -> list[tuple[Pattern, int]]:
    """Every closed frequent pattern that ends where a job may end, with its number of groups, in their order."""
    frequent = index_of(pool).frequent(min_examples, min(min_examples, MIN_GROUPS))
    return [item for item in sorted(frequent.items()) if not writers or item[0][-1] in writers]


def accepted(pool: Pool, writers: frozenset[Symbol], min_examples: int) -> list[Mined]:
    """All acceptable candidates, in the order of their patterns."""
    judging = _Judging(pool, writers, NOTHING)
    found = [judging.of(*item) for item in ending(pool, writers, min_examples)]
    return [one for one in found if isinstance(one, Mined)]


class _Judging:
    """Judges the patterns of a pool, each once at the most."""

    def __init__(self, pool: Pool, writers: frozenset[Symbol], before: Mapping[Pattern, Judged]) -> None:
        self._pool, self._writers, self._before = pool, writers, before
        self._zs: Zs = {}
        self._drafts: dict[Pattern, Draft] = {}
        self._effects: dict[Pattern, tuple[StepTemplate, ...]] = {}
        self.judged: dict[Pattern, Judged] = {}

    def is_hopeless(self, pattern: Pattern) -> bool:
        """Whether a pattern that is not drafted yet cannot be a candidate, as far as that is quick to see."""
        if pattern in self.judged or pattern in self._drafts or pattern in self._before:
            return False
        if (effects := effects_of(pattern, self._pool, self._writers)) is None:
            return True
        self._effects[pattern] = effects
        return False

    def draft(self, pattern: Pattern, groups: int) -> Draft | Judged:
        """A pattern as far as it can be told without trying it on other runs, or what is known of it."""
        if known := self.judged.get(pattern) or self._drafts.get(pattern):
            return known
        effects = self._effects.pop(pattern, None)
        found = self._before.get(pattern) or drafted(pattern, groups, self._pool, self._writers, self._zs, effects)
        if isinstance(found, Draft):
            self._drafts[pattern] = found
        else:
            self.judged[pattern] = found
        return found

    def of(self, pattern: Pattern, groups: int) -> Judged:
        """A pattern by itself."""
        found = self.draft(pattern, groups)
        if isinstance(found, Draft):
            del self._drafts[pattern]
            found = self.judged[pattern] = judged(found, self._pool)
        return found


def propose(
    pool: Pool,
    known: Facts,
    min_examples: int,
    most: int = MAX_CANDIDATES,
    stays: Callable[[Pattern], bool] = lambda _: False,
    before: Mapping[Pattern, Judged] = NOTHING,
) -> Proposals:
    """The few and different candidates of a pool, and what else repeats.

    Which few explain most can change with a single run. A candidate that `stays`, because somebody decided on it, is
    proposed besides as long as it repeats; without displacing any other, so that deciding changes no other proposal.
    `before` is what was judged of the same runs already.
    """
    patterns = ending(pool, known.writers, min_examples)
    judging = _Judging(pool, known.writers, before)
    jobs = Jobs(pool)
    prospects = Prospects(pool, known.writers, jobs)
    hopeful = prospects.of_all(patterns)
    prior = _prior(hopeful, judging)
    choice = _Choice(hopeful, judging, jobs, prior)
    picked = [hopeful[index].pattern for index in select(choice.at_most, choice.closer, jobs.count, most)]
    kept = [judging.of(*item) for item in patterns if item[0] not in picked and stays(item[0])]
    picked += [one.pattern for one in kept if isinstance(one, Mined)]
    told = [*_most_common(patterns, {pattern[-1] for pattern in picked}, judging), *kept]
    chosen = [found for pattern in picked if isinstance(found := judging.judged[pattern], Mined)]
    rejected = {found.pattern: found for found in told if isinstance(found, Rejected)}
    return Proposals(tuple(_calibrated(found, prior) for found in chosen), tuple(rejected.values()), judging.judged)


class _Choice:
    """What patterns claim to be worth, each looked at only as closely as it has to be."""

    def __init__(self, hopeful: Sequence[Prospect], judging: _Judging, jobs: Jobs, prior: float) -> None:
        self._hopeful, self._judging, self._jobs, self._prior = hopeful, judging, jobs, prior
        self.at_most = [Claim(self._worth(one, one.share), one.explains) for one in hopeful]
        self._drafted: set[int] = set()

    def closer(self, index: int) -> Claim | None:
        """A pattern as it is drafted, then as it was judged; None when it is no candidate."""
        one = self._hopeful[index]
        if index not in self._drafted:
            self._drafted.add(index)
            if self._judging.is_hopeless(one.pattern):
                return None
            draft = self._judging.draft(one.pattern, one.groups)
            if isinstance(draft, Draft):
                return Claim(self._worth(one, draft.share), one.explains)
        found = self._judging.of(one.pattern, one.groups)
        if isinstance(found, Rejected):
            return None
        return Claim(_calibrated(found, self._prior).worth, self._jobs.explained(found.fitted), is_sure=True)

    def _worth(self, one: Prospect, share: float) -> float:
        return worth(one.pattern, share, leaning(one.means, self._prior, STRENGTH).value)


def _prior(hopeful: Sequence[Prospect], judging: _Judging) -> float:
    """How often candidates here describe runs that they were not made from.

    Some are enough to know it; which ones depends on nothing that means something.
    """
    means: list[float] = []
    for one in sorted(hopeful, key=lambda one: sha256_hex("\0".join(one.pattern).encode())):
        if len(means) >= ENOUGH_TRIALS:
            break
        if judging.is_hopeless(one.pattern):
            continue
        if isinstance(found := judging.of(one.pattern, one.groups), Mined):
            means += found.trials.means
    return rate(means).value


def _most_common(patterns: Sequence[tuple[Pattern, int]], done: set[Symbol], judging: _Judging) -> Iterator[Judged]:
    """The most common pattern of each job that is not done, in the order of what ends them."""
    others: dict[Symbol, tuple[Pattern, int]] = {}
    for item in patterns:
        if (last := item[0][-1]) not in done:
            others[last] = min(others.get(last, item), item, key=lambda one: (-one[1], -len(one[0]), one[0]))
    return (judging.of(*others[last]) for last in sorted(others))


def _calibrated(one: Mined, prior: float) -> Mined:
    """A candidate with a confidence that leans on what all of them together show.

    Held-out success varies by chance from candidate to candidate; what few groups could judge says little alone.
    """
    trials = replace(one.trials, confidence=leaning(one.trials.means, prior, STRENGTH))
    return replace(one, trials=trials, worth=worth(one.pattern, one.share, trials.confidence.value))


def mine_pool(pool: Pool, known: Facts, min_examples: int, most: int = MAX_CANDIDATES) -> list[Mined]:
    """The candidates of a pool, best first."""
    return list(propose(pool, known, min_examples, most).chosen)
