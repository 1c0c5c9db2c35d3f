"""Which decision says what a lineage is about that is proposed no longer."""

from __future__ import annotations

import pytest

from core.model.decision import Decision
from core.promotion.standing import Rules, governing
from tests.review.test_standing import NOW, OLD, decision

GOVERNING = [
    # A verdict, however late a note or a question comes behind it.
    ([decision(1, "a", "reject", OLD), decision(2, "b", "allow")], Rules(), 1),
    # What was relied on, whatever somebody said about another behaviour later.
    ([decision(1, "a", "approve", OLD), decision(2, "b", "reject", NOW)], Rules(), 1),
    # The latest group that was enough, not a later approval that was not.
    (
        [decision(1, "a", "approve", OLD), decision(2, "b", "approve", OLD), decision(3, "c", "approve", NOW)],
        Rules(approvals_required=2),
        2,
    ),
    # An approval that does not count is no verdict.
    ([decision(1, "b", "reject", OLD), decision(2, "a", "approve", NOW)], Rules(author="a"), 1),
    # Two approvals by one person are one.
    ([decision(1, "b", "reject", OLD), decision(2, "a", "approve", NOW)], Rules(approvals_required=2), 2),
    # What was taken back is none; the latest decision where no verdict is left.
    ([decision(1, "a", "approve", OLD), decision(2, "a", "revoke", revokes=[1])], Rules(), 2),
    ([decision(1, "a", "approve", OLD), decision(2, "b", "allow", NOW)], Rules(author="a"), 2),
    # Where keys are required, only a signed approval.
    ([decision(1, "b", "reject", OLD), decision(2, "a", "approve", NOW)], Rules(keys_required=True), 1),
]


@pytest.mark.parametrize(("decisions", "rules", "seq"), GOVERNING)
def test_what_a_lineage_is_about_that_is_proposed_no_longer(decisions: list[Decision], rules: Rules, seq: int) -> None:
    assert governing(decisions, lambda _: rules).seq == seq


def test_each_approval_is_judged_by_the_rules_for_the_risk_of_what_it_is_about() -> None:
    decisions = [decision(1, "a", "approve", OLD), decision(2, "b", "approve", NOW)]
    rules = {OLD: Rules(), NOW: Rules(approvers=frozenset("a"))}
    assert governing(decisions, lambda one: rules[one.behaviour_digest]).seq == 1
