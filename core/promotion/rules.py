"""Which allow rules are in force for a lineage (spec/review.md, Allow rules)."""

from __future__ import annotations

from collections.abc import Iterable

from core.model.decision import Decision
from core.model.record import DecodeError
from core.shadow.waivers import Waiver


def rules_for(lineage: str, cohort: str, decisions: Iterable[Decision]) -> tuple[Waiver, ...]:
    """The rules made for a lineage or for its whole cohort and not withdrawn, oldest first."""
    made: dict[int, Waiver] = {}
    for decision in decisions:
        if decision.kind == "withdraw":
            made.pop(rule_withdrawn(decision), None)
        elif decision.kind == "allow" and _concerns(decision, lineage, cohort):
            try:
                rule = Waiver.decode({**decision.detail, "seq": decision.seq, "reason": decision.reason or ""})
            except DecodeError:
                continue
            made[decision.seq] = rule
    return tuple(made.values())


def ruling(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions that made or withdrew rules; few among very many."""
    return tuple(decision for decision in decisions if decision.kind in ("allow", "withdraw"))


def rule_withdrawn(decision: Decision) -> int:
    """The number of the rule that a decision takes back; 0 where it names none."""
    rule = decision.detail.get("rule")
    return rule if type(rule) is int else 0


def _concerns(decision: Decision, lineage: str, cohort: str) -> bool:
    if decision.detail.get("scope") == "cohort":
        return decision.detail.get("cohort") == cohort
    return decision.lineage == lineage
