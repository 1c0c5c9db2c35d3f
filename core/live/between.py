"""Generalised candidates between one mining and the next: runs that came meanwhile are compared with them as they are.

What was mined stays: steps, examples, confidence. Every run that is there now is compared, those that came last come
last among the results, and who reviews is told how many runs the ranking has not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from core.columns.again import Reader
from core.live.folded import Name
from core.live.members import Members
from core.live.mined import Mined
from core.live.packed import PackedResults, example_ids, packed, with_key
from core.live.proposing import Ground
from core.live.viewed import Proposal
from core.mining.generalised.compare import compare
from core.mining.generalised.fold import Facts, fold
from core.mining.generalised.links import Material
from core.mining.generalised.recipe import Recipe, recipe_of
from core.mining.generalised.shadow import (
    crosses_boundary,
    failures_of_all,
    failures_of_run,
    result_of,
    says_something,
)
from core.model.candidate import Candidate, ShadowReport, TraceResult
from core.model.trace import Trace
from core.promotion.promote import promote, unjudged
from core.shadow.compare import missing
from core.shadow.waivers import Waiver

MOST = 1_000
"""Runs that came or went above which only their number is told: to mine anew takes not much longer."""

Line = tuple[Members, Members]
"""Runs that are mined, and runs that are only compared."""


@dataclass(frozen=True, slots=True)
class _Came:
    """A run that was not mined yet."""

    name: Name
    held_out: bool
    """Whether it is only compared."""


def kept_up(known: Mined, ground: Ground, now: Line, read: Reader) -> Mined:
    """What was mined of other runs, with the runs that there are now compared. Raises VanishedError."""
    assert known.line is not None
    went: set[str] = set()
    came: list[_Came] = []
    for is_apart, (new, old) in enumerate(zip(now, known.line, strict=True)):
        names, ids = new.since(old)
        came += [_Came(name, bool(is_apart)) for name in names]
        went.update(ids)
    count = max(len(came) + len(went), 1)
    counted = replace(known, ground=ground, compared=now, unranked=count)
    if count > MOST:
        return replace(counted, proposals=known.base)
    told = _Told(known, ground, read, came, went)
    return replace(counted, proposals=tuple(told.proposal(one, len(now[0])) for one in known.base))


class _Told:
    """How runs that came compare with candidates; each is read, folded and compared once, until cohorts are mined."""

    def __init__(
        self, known: Mined, ground: Ground, read: Reader, came: Sequence[_Came], went: Collection[str]
    ) -> None:
        self._ground, self._read, self._known = ground, read, known.told
        self._came, self._went = came, went
        self._recipes: dict[str, Recipe] = {}
        self._examples: dict[str, set[str]] = {}
        self._traces: dict[Name, Trace] = {}
        self._materials: dict[tuple[Name, frozenset[str]], Material] = {}

    def proposal(self, one: Proposal, count: int) -> Proposal:
        """A candidate as it compares with the runs that there are now, of which so many are mined."""
        ground, rules = self._ground, self._ground.rules(one.lineage)
        candidate = one.candidate
        if not isinstance(candidate.shadow.traces, PackedResults):
            (candidate,) = packed([candidate])
        came = self._results(candidate, one.lineage, rules)
        made_from = self._made_from(candidate, one.lineage)
        gone = made_from - {trace_id for trace_id, _ in came}
        results = [found for _, found in came if found is not None]
        shadow = _report(candidate, self._went, gone, results, made_from)
        judged = promote(
            unjudged(candidate).replace(shadow=shadow),
            ground.options(one.lineage),
            created_at=ground.created_at,
            package_name=candidate.name.replace("_", "-"),
        )
        return with_key(replace(one, cohort_runs=count), judged)

    def _results(
        self, candidate: Candidate, lineage: str, rules: tuple[Waiver, ...]
    ) -> list[tuple[str, TraceResult | None]]:
        """The ids of the runs that came, and what each says of a candidate; None for nothing."""
        found = []
        for came in self._came:
            key = came.name, came.held_out, lineage, rules
            if key not in self._known:
                self._known[key] = self._compared(candidate, lineage, came, rules)
            found.append(self._known[key])
        return found

    def _compared(
        self, candidate: Candidate, lineage: str, came: _Came, rules: Sequence[Waiver]
    ) -> tuple[str, TraceResult | None]:
        if (recipe := self._recipes.get(lineage)) is None:
            recipe = self._recipes[lineage] = recipe_of(candidate)
        material = self._material(came.name, recipe.facts)
        found = compare(recipe, material)
        told = says_something(found) or material.key in self._made_from(candidate, lineage)
        return material.key, result_of(recipe, found, rules, came.held_out) if told else None

    def _made_from(self, candidate: Candidate, lineage: str) -> set[str]:
        """The ids of a candidate's examples, as far as they may be among the runs that came."""
        if lineage not in self._examples:
            ids = example_ids(candidate) if self._went else ()
            self._examples[lineage] = {one for one in ids if one in self._went}
        return self._examples[lineage]

    def _material(self, name: Name, facts: Facts) -> Material:
        key = name, facts.idle
        if key not in self._materials:
            if name not in self._traces:
                self._traces[name] = self._read.run(*name)
            self._materials[key] = Material(fold(self._traces[name], facts))
        return self._materials[key]


def _report(
    candidate: Candidate,
    went: Collection[str],
    gone: Collection[str],
    came: Sequence[TraceResult],
    made_from: Collection[str],
) -> ShadowReport:
    """The comparison without the runs that went, and with results of those that came; `gone` are examples."""
    before = candidate.shadow.traces
    assert isinstance(before, PackedResults)
    results = before.changed(went, came)
    failures = [missing(one) for one in example_ids(candidate) if one in gone] if gone else []
    first = len(results) - len(came)
    for index in results.told.like(crosses_boundary):
        if index < first:  # of those that were mined none speaks against it otherwise
            failures += failures_of_run(results[index], is_example=False)
    for result in came:
        failures += failures_of_run(result, is_example=result.trace_id in made_from)
    apart = results.told.like(lambda one: bool(one.held_out))
    holding = results.told.like(lambda one: bool(one.held_out) and one.standing == "holds")
    failures += failures_of_all(len(holding), len(apart), candidate.confidence)
    return candidate.shadow.replace(
        passed=not failures, compared_traces=len(results), failures=tuple(failures), traces=results
    )
