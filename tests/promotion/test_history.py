"""The approval history: what was decided, by whom, when and why."""

from __future__ import annotations

from core.model.candidate import ApprovalRecord
from core.model.decision import Decision
from core.promotion.standing import approval_history


def test_approvals_rejections_and_approvals_taken_back_are_told_with_their_reasons():
    decisions = [
        Decision(seq=1, actor="ann", kind="approve", time="t1", reason="read it"),
        Decision(seq=2, actor="bob", kind="reject", time="t2", reason="too wide"),
        Decision(seq=3, actor="bob", kind="revoke", time="t3", reason="it is not", detail={"revokes": [2]}),
        Decision(seq=4, actor="zoe", kind="needs_work", time="t4", reason="a name"),
        Decision(seq=5, actor="zoe", kind="rename", time="t5"),
        Decision(seq=6, actor="ann", kind="revoke", time="t6", detail={"revokes": [1]}),
    ]
    assert approval_history(decisions) == tuple(
        ApprovalRecord(actor=actor, decision=said, recorded_at=time, reason=reason)
        for actor, said, time, reason in (
            ("ann", "approved_for_shadow_promotion", "t1", "read it"),
            ("bob", "rejected", "t2", "too wide"),
            ("ann", "approval_revoked", "t6", None),
        )
    )
