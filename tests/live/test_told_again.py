"""What is taken in past the feed is asked of it once more, so that nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import session as module
from core.live.engine import Change, State, step, without
from core.session import Session
from tests.live.feeding import wait_until
from tests.review.making import releases
from tests.review.test_upkeep import policy

UNIT = "run-1.json"


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Session]:
    with Session.open(releases(tmp_path / "runs"), mode="exact", actor="ann@example.com") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 4)
        yield session


def test_a_run_that_seems_gone_while_the_policy_is_taken_in_comes_back(
    watching: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanishing(state: State, change: Change, **more: Any) -> State:
        if change.policy is None:
            return step(state, change, **more)
        monkeypatch.setattr(module, "step", step)
        return step(without(state, frozenset({UNIT})), change, **more)

    monkeypatch.setattr(module, "step", vanishing)
    policy(watching, min_examples=3)
    wait_until(lambda: watching.snapshot.policy.min_examples == 3 and watching.snapshot.loaded == 4)
