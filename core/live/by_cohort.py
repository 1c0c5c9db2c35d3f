"""Decisions by the cohort that they are about, as far as mining depends on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.artifacts.names import program_name
from core.model.decision import Decision
from core.promotion.rules import rule_withdrawn


def given_names(decisions: Sequence[Decision]) -> defaultdict[str, dict[str, str]]:
    """What workflows are called in their programs after the names that reviewers gave, by cohort and lineage."""
    given: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for decision in decisions:
        if decision.kind == "rename" and "name" in decision.detail:
            given[_cohort(decision)][decision.lineage] = program_name(str(decision.detail["name"]))
    return given


def rules_made(decisions: Sequence[Decision]) -> defaultdict[str, tuple[int, ...]]:
    """The decisions that made or withdrew allow rules, by the cohort of the rule."""
    made: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
    cohorts: dict[int, str] = {}
    for decision in decisions:
        if decision.kind == "allow":
            cohorts[decision.seq] = _cohort(decision)
            made[_cohort(decision)] += (decision.seq,)
        elif decision.kind == "withdraw" and (cohort := cohorts.get(rule_withdrawn(decision))) is not None:
            made[cohort] += (decision.seq,)  # whichever candidate it was taken back on
    return made


def decided_on(decisions: Sequence[Decision]) -> defaultdict[str, frozenset[str]]:
    """The lineages that somebody decided on, by cohort."""
    made: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for decision in decisions:
        made[_cohort(decision)] |= {decision.lineage}
    return made


def _cohort(decision: Decision) -> str:
    """The key text of the cohort that a decision's lineage belongs to."""
    return str(decision.detail.get("cohort", ""))
