"""Which allow rules are in force for a lineage."""

from __future__ import annotations

from typing import Any

from core.model.decision import Decision, DecisionKind
from core.promotion.rules import rules_for

HERE, OTHER, JOBS = "lineage_a", "lineage_b", "jobs"


def said(seq: int, kind: DecisionKind = "allow", lineage: str = HERE, **detail: Any) -> Decision:
    return Decision(seq=seq, actor="ann", kind=kind, lineage=lineage, reason=f"why {seq}", detail=detail)


def in_force(*decisions: Decision) -> list[int]:
    return [rule.seq for rule in rules_for(HERE, JOBS, decisions)]


def test_a_rule_is_about_its_lineage_or_about_the_whole_cohort() -> None:
    assert in_force(said(1, pointer="/n"), said(2, lineage=OTHER, pointer="/n")) == [1]
    assert in_force(said(1, pointer="/n", scope="cohort", cohort=JOBS)) == [1]
    assert in_force(said(1, lineage=OTHER, pointer="/n", scope="cohort", cohort=JOBS)) == [1]
    assert in_force(said(1, pointer="/n", scope="cohort", cohort="others")) == []
    (rule,) = rules_for(HERE, JOBS, [said(3, step=2, pointer="/n")])
    assert str(rule) == "step 2 output /n: why 3 (rule 3)"


def test_no_other_decision_makes_a_rule() -> None:
    assert in_force(said(1, "approve", pointer="/n"), said(2, "rename", pointer="/n", name="x")) == []


def test_a_rule_ends_when_it_is_withdrawn_from_whatever_lineage() -> None:
    rules = said(1, pointer="/n"), said(2, pointer="/m")
    assert in_force(*rules, said(3, "withdraw", rule=1)) == [2]
    assert in_force(*rules, said(3, "withdraw", OTHER, rule=2)) == [1]
    assert in_force(*rules, said(3, "withdraw", rule=7)) == [1, 2]
    for odd in (True, "1", 1.0, None, [1]):
        assert in_force(*rules, said(3, "withdraw", rule=odd)) == [1, 2]


def test_a_rule_that_cannot_be_read_ends_no_other() -> None:
    assert in_force(said(1, pointer=5), said(2, pointer="/n"), said(3, step=-1)) == [2]
