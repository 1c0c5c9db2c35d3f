"""What a result proposes to the engine of the review: candidates as the local engine makes them of the same runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import overload

import numpy as np

from core.cluster.result import CohortResult, Given, Result, rules_of
from core.columns import rows
from core.columns.again import Reader
from core.columns.library import Indexes, Library
from core.columns.names import Names
from core.columns.segment import DamagedError
from core.crystallize import assess
from core.live.changes import FileProblem, problem_of
from core.live.engine import State
from core.live.exact import Made, made
from core.live.names import order_of
from core.live.partition import Cohort
from core.live.ranking import cast_of
from core.live.shelf import Shelf
from core.live.viewed import Proposal
from core.model.candidate import Candidate
from core.model.decision import Decision
from core.model.errors import InputError
from core.model.options import Options
from core.promotion.promote import promote
from core.promotion.rules import rules_for
from core.promotion.witness import told_by_record
from core.shadow.waivers import Waiver
from core.store.policy import Policy


def shelf_of(result: Result) -> Shelf:
    """The runs at hand, with what was found out about them."""
    library = Library(Names()).adding(*result.segments)
    for one in result.answers:
        with suppress(DamagedError):  # then it is found out again
            one.recall(library.volumes[one.segment])
    order = _in_path_order(library)
    return Shelf(library, _Units(library, order), order, big=len(library.volumes))


class _Units(Sequence[str]):
    """The units of some runs, read from their segments when they are asked for."""

    def __init__(self, library: Library, runs: Indexes) -> None:
        self._library, self._runs = library, runs

    def __len__(self) -> int:
        return len(self._runs)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return _Units(self._library, self._runs[index])
        return rows.unit(*self._library.place(int(self._runs[index])))


def _in_path_order(library: Library) -> Indexes:
    """The library's numbers of all runs. Parts that lie one behind the other are sorted one by one."""
    parts = []
    for volume, base in zip(library.volumes, library.base.tolist(), strict=False):
        keys = [order_of(unit or "") for unit in volume.segment.column("run_unit")]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        if order:
            parts.append((keys[order[0]], keys[order[-1]], np.array(order, np.int64) + base))
    parts.sort(key=lambda part: part[:2])
    runs = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0, np.int64)
    if any(here[1] >= there[0] for here, there in pairwise(parts)):
        keys = [order_of(unit) for unit in rows.units(library, runs)]
        runs = runs[sorted(range(len(keys)), key=keys.__getitem__)]
    return runs


def broken_of(result: Result) -> dict[str, FileProblem]:
    """The files that cannot be used, by unit."""
    return {one.unit: problem_of(one) for one in result.problems}


def unfit(result: Result, policy: Policy) -> str:
    """Why a result cannot be reviewed by a policy; empty when it can."""
    mined, wanted = rules_of(result.policy), rules_of(policy)
    for key in ("mode", "cohort", "shadow_paths"):
        if mined[key] != wanted[key]:
            return (
                f"the workspace's policy says {key} = {wanted[key]}, but the runs were mined with {mined[key]}; "
                "mine again, or name another workspace"
            )
    return ""


def noticed(result: Result, policy: Policy) -> tuple[str, ...]:
    """What a reviewer should know about how the result was mined."""
    told = [f"Mined {result.mined_at[:16].replace('T', ' ')} UTC; what changed in the source since is not in it."]
    rarer = max((one.least for one in result.cohorts), default=0)
    if rarer > policy.min_examples:
        told.append(f"What occurs in less than {rarer:,} runs of a cohort (or its share) was not looked for.")
    if policy.max_candidates > result.policy.max_candidates:
        told.append(f"At most {result.policy.max_candidates} candidates of a cohort were looked for.")
    return tuple(told)


class FromResult:
    """The candidates of a result (core.live.elsewhere.Elsewhere)."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._cohorts: Mapping[Cohort, CohortResult] = {one.cohort: one for one in result.cohorts}
        self._made: dict[Cohort, Mapping[str, Made]] = {}

    @property
    def loaded(self) -> int:
        """How many runs took part."""
        return self._result.loaded

    def proposals(
        self, state: State, cohort: Cohort, names: Mapping[str, str], rulings: Sequence[Decision], read: Reader
    ) -> tuple[Proposal, ...]:
        """A cohort's candidates, best first. Raises InputError when the policy asks for other ones."""
        if reason := unfit(self._result, state.policy):
            raise InputError(reason)
        found = self._cohorts.get(cohort)
        if found is None:
            return ()
        if state.policy.mode != "exact":
            given = found.given
            return tuple(_generalised(one, found, state, names, rulings) for one in given)
        cast = replace(cast_of(state, cohort, names, rulings), mined=found.count)
        sequences = found.sequences[: state.policy.max_candidates]
        self._made[cohort] = made(cast, self._made.get(cohort, {}), read, sequences)
        return tuple(one.proposal for one in self._made[cohort].values())


def _generalised(
    one: Given, found: CohortResult, state: State, names: Mapping[str, str], rulings: Sequence[Decision]
) -> Proposal:
    policy, candidate = state.policy, one.candidate
    if (name := names.get(one.lineage)) is not None:
        candidate = candidate.replace(name=name)
    options = Options(
        min_examples=policy.min_examples,
        promotion_min_confidence=policy.min_confidence,
        workflow_name=names.get(one.lineage),
        author=policy.author,
    )
    rules = rules_for(one.lineage, found.cohort or "", rulings)
    judged = _judged(candidate, rules, options, state)
    seen = told_by_record(candidate, one.backwards, one.unresolved)
    return Proposal(one.lineage, found.cohort, judged, found.count, seen)


def _judged(candidate: Candidate, rules: Sequence[Waiver], options: Options, state: State) -> Candidate:
    if not rules:
        package = candidate.name.replace("_", "-")
        return promote(candidate, options, created_at=state.created_at, package_name=package)
    runs = {result.trace_id for result in candidate.shadow.traces}
    pool = [state.parts.traces[trace_id] for trace_id in state.parts.traces if trace_id in runs]
    apart = frozenset(trace_id for trace_id in runs if state.parts.runs[trace_id].shadow)
    return assess(candidate, pool, options, state.created_at, waivers=rules, held_out=apart)
