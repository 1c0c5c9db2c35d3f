"""Generalised candidates between one mining and the next: runs that came meanwhile are compared with them as they are.

What was mined stays: steps, confidence, examples but for those that are gone. Every run that is there now is compared,
those that came last come last among the results, and who reviews is told how many runs the ranking has not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from core.columns.again import Reader
from core.live.folded import Name
from core.live.members import Members
from core.live.mined import Mined
from core.live.packed import PackedResults, changed, with_key
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
        self._traces: dict[Name, Trace] = {}
        self._materials: dict[tuple[Name, frozenset[str]], Material] = {}

    def proposal(self, one: Proposal, count: int) -> Proposal:
        """A candidate as it compares with the runs that there are now, of which so many are mined."""
        ground, rules = self._ground, self._ground.rules(one.lineage)
        candidate = changed(one.candidate, self._went, self._results(one.candidate, one.lineage, rules))
        judged = promote(
            unjudged(candidate).replace(shadow=_judged(candidate)),
            ground.options(one.lineage),
            created_at=ground.created_at,
            package_name=candidate.name.replace("_", "-"),
        )
        return with_key(replace(one, cohort_runs=count), judged)

    def _results(self, candidate: Candidate, lineage: str, rules: tuple[Waiver, ...]) -> list[TraceResult]:
        """What the runs that came say of a candidate, as far as they say anything."""
        found = []
        for came in self._came:
            key = came.name, came.held_out, lineage, rules
            if key not in self._known:
                self._known[key] = self._compared(candidate, lineage, came, rules)
            if (result := self._known[key]) is not None:
                found.append(result)
        return found

    def _compared(self, candidate: Candidate, lineage: str, came: _Came, rules: Sequence[Waiver]) -> TraceResult | None:
        if (recipe := self._recipes.get(lineage)) is None:
            recipe = self._recipes[lineage] = recipe_of(candidate)
        found = compare(recipe, self._material(came.name, recipe.facts))
        return result_of(recipe, found, rules, came.held_out) if says_something(found) else None

    def _material(self, name: Name, facts: Facts) -> Material:
        key = name, facts.idle
        if key not in self._materials:
            if name not in self._traces:
                self._traces[name] = self._read.run(*name)
            self._materials[key] = Material(fold(self._traces[name], facts))
        return self._materials[key]


def _judged(candidate: Candidate) -> ShadowReport:
    """The comparison with what its results say against promoting, of which no example is among those that differ."""
    results = candidate.shadow.traces
    assert isinstance(results, PackedResults)
    failures: list[str] = []
    for index in results.told.like(crosses_boundary):
        failures += failures_of_run(results[index], is_example=False)
    apart = results.told.like(lambda one: bool(one.held_out))
    holding = results.told.like(lambda one: bool(one.held_out) and one.standing == "holds")
    failures += failures_of_all(len(holding), len(apart), candidate.confidence)
    return candidate.shadow.replace(passed=not failures, compared_traces=len(results), failures=tuple(failures))
