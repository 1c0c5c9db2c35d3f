"""Journal lines that nobody's program wrote: what stands in their detail is never taken for what it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.model.decision import Decision
from core.promotion.standing import approval_history, verdicts
from core.review.verify import verify
from core.store.recovery import BUNDLE_DIGEST
from tests.review.making import opened, releases
from tests.review.test_decide import only, request


@pytest.mark.parametrize("odd", [5, None, "1", {"1": 1}, [[1]], [{"seq": 1}], True])
def test_a_revocation_of_no_decision_takes_nothing_back(odd: Any) -> None:
    given = Decision(seq=1, actor="ann", kind="approve")
    revoke = Decision(seq=2, actor="ann", kind="revoke", detail={"revokes": odd})

    assert verdicts((given, revoke)) == (given,)
    assert [one.decision for one in approval_history((given, revoke))] == ["approved_for_shadow_promotion"]


@pytest.mark.parametrize("detail", [{"revokes": 5}, {BUNDLE_DIGEST: [1]}, {"rule": [1]}, {"cohort": [1]}])
def test_such_a_line_ends_nothing(tmp_path: Path, detail: dict[str, Any]) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    made = session.decide(request(only(session))).decision
    kind = "withdraw" if "rule" in detail else "revoke"
    session.store.append(made.replace(kind=kind, actor="mallory", crashpack=None, detail=detail))
    (session.store.tmp / "left.00000000").mkdir(parents=True)
    (session.store.tmp / "left.00000000" / "file").write_bytes(b"")

    session = opened(traces)

    assert only(session).status == "ready"
    assert verify(session.store).decisions == 2
