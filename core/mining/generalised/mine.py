"""From folded runs to the few candidates worth approving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.mining.generalised.accept import faults
from core.mining.generalised.bindings import columns
from core.mining.generalised.confidence import Trials, fit, held_out
from core.mining.generalised.evidence import Pool
from core.mining.generalised.fold import Facts, Symbol, facts, fold, seen
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted, occurrences
from core.mining.generalised.patterns import Index, Pattern
from core.mining.generalised.select import Job, select
from core.model.trace import Trace

MIN_CONFIDENCE = 0.5
MAX_CANDIDATES = 20
MIN_GROUPS = 3
"""In how many groups a pattern has to occur, at least; how many runs is the policy's min_examples."""


@dataclass(frozen=True, slots=True)
class Mined:
    """One accepted candidate as mining sees it."""

    fitted: Fitted
    trials: Trials
    groups: int
    worth: float


def materials_of(traces: Iterable[Trace]) -> tuple[Facts, tuple[Material, ...]]:
    """The folded runs of some traces, with what is known of their tools."""
    listed = tuple(traces)
    known = facts(map(seen, listed))
    return known, tuple(Material(fold(trace, known)) for trace in listed)


def index_of(pool: Pool) -> Index:
    """The patterns of all runs of a pool."""
    index = Index()
    for material in pool.materials:
        index.add(material.shape, material.key, pool.group(material))
    return index


def accepted(pool: Pool, writers: frozenset[Symbol], min_examples: int) -> list[Mined]:
    """All acceptable candidates, in the order of their patterns."""
    zs: dict[tuple[str, str, str, str], float] = {}
    made = []
    for pattern, groups in sorted(index_of(pool).frequent(min_examples, min(min_examples, MIN_GROUPS)).items()):
        if writers and pattern[-1] not in writers:
            continue
        if writers and (groups + 1) / (pool.done_groups(pattern[0], pattern[-1]) + 2) < MIN_CONFIDENCE:
            continue  # Even if every occurrence were as described, its confidence would be too low.
        if (one := judge(pattern, groups, pool, writers, zs)) is not None:
            made.append(one)
    return made


def judge(
    pattern: Pattern,
    groups: int,
    pool: Pool,
    writers: frozenset[Symbol],
    zs: dict[tuple[str, str, str, str], float],
) -> Mined | None:
    """A pattern as a candidate, if it is acceptable."""
    examples = pool.examples(pattern)
    cols = columns(pattern, examples)
    fitted = fit(pattern, cols, examples, pool, writers)
    if faults(fitted, pool, zs) is not None:
        return None
    trials = held_out(pattern, cols, pool, fitted.templates)
    if trials.confidence.value < MIN_CONFIDENCE:
        return None
    return Mined(fitted, trials, groups, worth(fitted, trials))


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
    sizes: dict[str, int] = {}
    for material in pool.materials:
        sizes[pool.group(material)] = sizes.get(pool.group(material), 0) + 1
    for material in pool.by_symbol.get(fitted.pattern[-1], ()):
        for at in occurrences(material, fitted):
            for step in at:
                if material.run.steps[step].effect or (not pool.writes and step == at[-1]):
                    found[material.key, step] = 1 / sizes[pool.group(material)]
    return found


def mine_pool(pool: Pool, known: Facts, min_examples: int, most: int = MAX_CANDIDATES) -> list[Mined]:
    """The candidates of a pool, best first."""
    made = accepted(pool, known.writers, min_examples)
    chosen = select([one.worth for one in made], [explains(one.fitted, pool) for one in made], most)
    return [made[index] for index in chosen]


def mine_runs(traces: Sequence[Trace], min_examples: int) -> list[Mined]:
    """The candidates of some traces, best first."""
    known, materials = materials_of(traces)
    return mine_pool(Pool(materials), known, min_examples)
