"""How good the candidates are on runs that they were not made from (`assay evaluate`; README, Evaluation).

Runs are split over groups into folds; each fold's runs judge the candidates that the other folds made. Everything is
counted by group, so that intervals come from drawing groups with replacement.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.measures import Estimate, Judged, Tally, brier, calibration, interval, noise_floor
from core.mining.exclude import eligible
from core.mining.generalised.evidence import Pool, tightest
from core.mining.generalised.fold import Facts, facts, fold, seen
from core.mining.generalised.judge import Mined
from core.mining.generalised.links import Material
from core.mining.generalised.mine import mine_pool
from core.mining.generalised.occurrence import Fitted, explained, occurrences, predicted
from core.mining.generalised.order import link_of
from core.mining.generalised.patterns import Pattern, aligned, done
from core.model.errors import InputError
from core.model.trace import Trace
from core.promotion.lineage import CohortBy, cohort_of

Progress = Callable[[str], None]


@dataclass(slots=True)
class Counts:
    """What all folds counted."""

    jobs: Tally = field(default_factory=Tally)
    effects: Tally = field(default_factory=Tally)
    pairs: Tally = field(default_factory=Tally)
    per_effect: Tally = field(default_factory=Tally)
    applicable: Tally = field(default_factory=Tally)
    from_any_start: Tally = field(default_factory=Tally)
    any_start: Tally = field(default_factory=Tally)
    begun: Tally = field(default_factory=Tally)
    member: Tally = field(default_factory=Tally)
    exact: Tally = field(default_factory=Tally)
    exact_share: Tally = field(default_factory=Tally)
    free_share: Tally = field(default_factory=Tally)
    set_size: Tally = field(default_factory=Tally)
    outcomes: Tally = field(default_factory=Tally)
    judged: list[Judged] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)


class Folder:
    """Folded runs under given facts, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[Facts, dict[str, Material]] = {}

    def materials(self, traces: Iterable[Trace], known: Facts) -> list[Material]:
        """The materials of some runs."""
        made = self._known.setdefault(known, {})
        for trace in traces:
            if trace.id not in made:
                made[trace.id] = Material(fold(trace, known))
        return [made[trace.id] for trace in traces]


def evaluate(
    traces: Sequence[Trace],
    *,
    min_examples: int,
    folds: int = 5,
    seeds: int = 3,
    max_candidates: int = 20,
    cohort: CohortBy = "workflow_id",
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """All measures as JSON values. Raises InputError when there are too few runs to split."""
    began = time.monotonic()
    counts = Counts()
    by_cohort: dict[str | None, list[Trace]] = {}
    for trace in _distinct(eligible(traces)):
        by_cohort.setdefault(cohort_of(trace, cohort), []).append(trace)
    parts = [(key, runs) for key, runs in by_cohort.items() if len(runs) >= max(folds, min_examples)]
    if not parts:
        raise InputError(f"too few runs to evaluate: no cohort has {max(folds, min_examples)}")
    reruns = []
    for key, runs in parts:
        name = "(no workflow id)" if key is None else key
        reruns.append(_cohort(runs, name, counts, min_examples, folds, seeds, max_candidates, progress))
    small = [key for key, runs in by_cohort.items() if len(runs) < max(folds, min_examples)]
    return _report(counts, traces, parts, reruns, time.monotonic() - began) | {"too_small": small}


def _distinct(traces: Iterable[Trace]) -> list[Trace]:
    """The runs by id, of several with one id the first."""
    found = {trace.id: trace for trace in reversed(list(traces))}
    return [found[name] for name in sorted(found)]


def _cohort(
    runs: Sequence[Trace],
    name: str,
    counts: Counts,
    min_examples: int,
    folds: int,
    seeds: int,
    most: int,
    progress: Progress,
) -> tuple[int, bool]:
    """Evaluate one cohort; how many groups it has, and whether they are re-runs of one task."""
    folder = Folder()
    whole = Pool(folder.materials(runs, facts(map(seen, runs))))
    names = sorted(set(whole.groups.values()))
    for seed in range(seeds):
        order = names.copy()
        random.Random(seed).shuffle(order)  # noqa: S311 - reproducible, not secret
        for part in range(folds):
            held = set(order[part::folds])
            progress(f"{name}: seed {seed + 1} of {seeds}, fold {part + 1} of {folds}")
            train = [trace for trace in runs if whole.groups[trace.id] not in held]
            test = [trace for trace in runs if whole.groups[trace.id] in held]
            known = facts(map(seen, train))
            pool = Pool(folder.materials(train, known), reruns=whole.reruns)
            mined = mine_pool(pool, known, min_examples, most)
            counts.candidates.append(len(mined))
            _support(mined, counts, pool)
            for material in folder.materials(test, known):
                _judge(material, f"{name} {whole.groups[material.key]}", mined, counts)
    return len(names), whole.reruns


def _support(mined: Sequence[Mined], counts: Counts, pool: Pool) -> None:
    """How the supporting runs of each candidate ended, where they say so."""
    for one in mined:
        for material in pool.materials:
            success = material.run.trace.metadata.get("success")
            if one.trials.results.get(material.key) and isinstance(success, bool):
                counts.outcomes.add(pool.group(material), success)


def _judge(material: Material, group: str, mined: Sequence[Mined], counts: Counts) -> None:
    """Compare one held-out run with every candidate."""
    ended = {id(one): {at[-1]: at for at in occurrences(material, one.fitted)} for one in mined}
    covered = {
        step
        for one in mined
        if link_of(one.fitted.pattern, one.fitted.bindings) != "implied"
        for at in occurrences(material, one.fitted)
        for step in at
        if material.run.steps[step].effect
    }
    jobs = [index for index, step in enumerate(material.run.steps) if step.effect]
    if jobs:
        counts.jobs.add(group, bool(covered))
    for index in jobs:
        weight = len(material.run.steps[index].actions)
        counts.effects.add(group, weight * (index in covered), weight)
        _per_effect(material, group, index, mined, ended, counts)
    for one in mined:
        if done(material.shape, one.fitted.pattern):
            happened = bool(ended[id(one)])
            counts.pairs.add(group, happened)
            counts.judged.append(Judged(group, one.trials.confidence.value, happened))
        if aligned(material.shape, one.fitted.pattern[:2]):
            counts.begun.add(group, bool(ended[id(one)]))
        _values(material, group, one.fitted, counts)


def _per_effect(
    material: Material,
    group: str,
    index: int,
    mined: Sequence[Mined],
    ended: Mapping[int, Mapping[int, object]],
    counts: Counts,
) -> None:
    """Whether the candidate that begins first, then is the most confident, leads to an effect as described."""
    for anywhere, applies, right in (
        (False, counts.applicable, counts.per_effect),
        (True, counts.any_start, counts.from_any_start),
    ):
        begun = [
            (at, -one.trials.confidence.value, place)
            for place, one in enumerate(mined)
            if (at := _begun(material, one.fitted.pattern, index, anywhere)) is not None
        ]
        applies.add(group, bool(begun))
        if begun:
            right.add(group, index in ended[id(mined[min(begun)[2]])])


def _begun(material: Material, pattern: Pattern, end: int, anywhere: bool) -> int | None:
    """The earliest step at which a pattern that ends in an effect's tool may have begun.

    An occurrence never skips an effect: unless `anywhere`, a first step before a foreign effect began something else.
    """
    sequence = material.run.sequence
    if sequence[end] != pattern[-1]:
        return None
    earliest = None
    for index in range(end - 1, -1, -1):
        if sequence[index] == pattern[0]:
            earliest = index
        if not anywhere and material.run.steps[index].effect and sequence[index] not in pattern[:-1]:
            break
    return earliest


def _values(material: Material, group: str, fitted: Fitted, counts: Counts) -> None:
    """Compare predicted and observed values where the steps occur."""
    for at in tightest(material, fitted.pattern):
        for binding in fitted.bindings:
            if binding.name not in material.arguments[at[binding.step]]:
                continue
            hit = explained(material, at, binding)
            counts.free_share.add(group, hit is None)
            if hit is None:
                counts.exact_share.add(group, 0)
                continue
            size = len(predicted(material, at, binding) or ())
            counts.member.add(group, hit)
            counts.exact_share.add(group, size == 1)
            if size == 1:
                counts.exact.add(group, hit)
            elif size:
                counts.set_size.add(group, size)


def _report(
    counts: Counts,
    traces: Sequence[Trace],
    parts: Sequence[tuple[str | None, list[Trace]]],
    reruns: Sequence[tuple[int, bool]],
    seconds: float,
) -> dict[str, Any]:
    sizes = [float(size) for size in counts.candidates]
    return {
        "runs": len(traces),
        "judged_runs": sum(len(runs) for _, runs in parts),
        "groups": sum(groups for groups, _ in reruns),
        "reruns_of_one_task": [key for (key, _), (_, rerun) in zip(parts, reruns, strict=True) if rerun],
        "jobs_covered": counts.jobs.estimate().wire(),
        "effects_covered": counts.effects.estimate().wire(),
        "reproduction": counts.pairs.estimate().wire(),
        "per_effect_reproduction": {
            **counts.per_effect.estimate().wire(),
            "applicable": counts.applicable.estimate().wire(),
        },
        "per_effect_from_any_start": {
            **counts.from_any_start.estimate().wire(),
            "applicable": counts.any_start.estimate().wire(),
        },
        "completed_after_two_steps": counts.begun.estimate().wire(),
        "binding_member": counts.member.estimate().wire(),
        "binding_exact": {
            **counts.exact.estimate().wire(),
            "share": counts.exact_share.estimate().wire(),
            "mean_set_size": counts.set_size.estimate().wire(),
            "free_share": counts.free_share.estimate().wire(),
        },
        "calibration_error": {
            **calibration(counts.judged).wire(),
            "noise_floor": noise_floor(counts.judged),
            "brier": brier(counts.judged),
            "pairs": len(counts.judged),
        },
        "candidates": Estimate(sum(sizes) / len(sizes), *interval(sizes)).wire(),
        "outcomes": counts.outcomes.estimate().wire(),
        "seconds": {"value": round(seconds, 2), "low": None, "high": None},
    }
