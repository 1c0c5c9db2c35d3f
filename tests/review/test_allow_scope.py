"""How far an allow rule reaches: a rule for the whole cohort is about the step that somebody looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.live.reviewing import Refused
from core.live.snapshot import CandidateView
from core.session import Session
from tests.review.making import action, drop, opened, run
from tests.review.test_decide import request


def both(name: str, *, failed: int = 0, stored: int = 0) -> dict[str, Any]:
    """A run that does two jobs of three steps each, parted by something that no other run has."""
    made = run(name)
    made["actions"][1]["observed_output"] = {"count": failed}
    made["actions"] += [action(4, f"chat-{name}"), action(5, "fetch"), action(6, "store"), action(7, "notify")]
    made["actions"][5]["observed_output"] = {"count": stored}
    return made


def folder(traces: Path) -> Path:
    for number in range(3):
        drop(traces, f"run-{number}", both(f"run-{number}"))
    drop(traces, "shadow/run", both("other", failed=3, stored=9))
    return traces


def found(session: Session, name: str) -> CandidateView:
    views = session.snapshot.candidates
    return next(view for view in views if view.candidate.steps[1].name == name)


def rule(scope: str = "cohort", step: int | None = 2) -> dict[str, Any]:
    return {"detail": {"step": step, "pointer": "/count", "scope": scope}}


def test_a_rule_for_the_cohort_lets_no_other_step_differ(tmp_path: Path) -> None:
    session = opened(folder(tmp_path / "traces"))
    assert {view.status for view in session.snapshot.candidates} == {"blocked"}

    made = session.decide(request(found(session, "test"), "allow", **rule()))

    assert made.decision.detail["step_name"] == "test"
    assert found(session, "test").status == "needs_approval"
    assert found(session, "store").status == "blocked"
    assert found(session, "store").rules == ()
    assert [one.seq for one in found(session, "test").rules] == [1]


def test_a_rule_is_not_made_for_another_step_than_was_looked_at(tmp_path: Path) -> None:
    session = opened(folder(tmp_path / "traces"))
    view = found(session, "test")
    steps = tuple(step.replace(name="lint") if step.index == 2 else step for step in view.candidate.steps)
    seen = replace(view, candidate=view.candidate.replace(steps=steps))

    with pytest.raises(Refused, match="step 2 is test now and was lint"):
        session.decide(replace(request(view, "allow", **rule()), seen=seen))
