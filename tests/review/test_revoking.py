"""Taking back decisions while others decide: only what was shown goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.live.reviewing import Refused
from core.session import Session
from tests.review.making import opened, releases
from tests.review.test_decide import only, request
from tests.review.test_relied_on import ANN, BOB, CAT, policy


def decide(session: Session, kind: str, actor: str) -> None:
    session.decide(request(only(session), kind, actor=actor))


def test_what_came_meanwhile_is_not_taken_back_unseen(tmp_path: Path) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    policy(session, "revoke_others = false", "revoke_others = true")
    decide(session, "reject", ANN)
    seen = only(session)
    decide(opened(traces), "approve", BOB)

    with pytest.raises(Refused, match=r"decision 2 \(approve by bob@example\.com\) came meanwhile") as refused:
        session.decide(request(seen, "revoke", actor=CAT))

    assert refused.value.stale
    decided = session.decide(request(only(session), "revoke", actor=CAT)).decision
    assert decided.detail["revokes"] == [1, 2]


def test_what_somebody_else_took_back_first_does_not_keep_the_rest(tmp_path: Path) -> None:
    session = opened(traces := releases(tmp_path / "traces"))
    policy(session, "revoke_others = false", "revoke_others = true")
    decide(session, "reject", ANN)
    decide(session, "approve", BOB)
    seen = only(session)
    decide(opened(traces), "revoke", ANN)

    assert session.decide(request(seen, "revoke", actor=CAT)).decision.detail["revokes"] == [2]
