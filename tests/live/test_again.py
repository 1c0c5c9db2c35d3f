"""After any series of decisions candidates are those that mining by all of them finds, and nothing is mined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.live import generalised
from core.live.engine import Change, State, step
from core.live.proposing import Ground
from core.live.snapshot import CandidateView, JournalView
from core.model.decision import Decision
from core.model.jsontext import canonical
from core.model.trace import Trace
from tests.live.test_apart import runs
from tests.live.test_engine_generalised import POLICY, changes

NAMED = POLICY.replace(cohort="workflow_id", shadow_paths=("shadow/**",))


def odd(run: Trace) -> Trace:
    """The run with outputs of another kind."""
    actions = (one.replace(observed_output=["other"]) if one.kind == "tool_call" else one for one in run.actions)
    return run.replace(actions=tuple(actions))


@cache
def mined() -> State:
    """Two cohorts of which some runs differ, one of them only compared."""
    a, b, apart = runs(1, 12), runs(2, 12, "b"), runs(3, 4)
    files = changes([*a[:10], *map(odd, a[10:]), *b[:11], *map(odd, b[11:])], [*apart[:3], odd(apart[3])])
    return step(State(created_at="now"), Change(files=files, policy=NAMED))


def decision(seq: int, what: tuple[str, int, int]) -> Decision:
    """Something decided on one of the candidates."""
    kind, at, number = what
    views = mined().snapshot.candidates
    view = views[at % len(views)]
    detail: dict[str, Any] = {"cohort": view.cohort}
    if kind == "rename":
        detail["name"] = f"name {number}"
    elif kind == "allow":
        detail |= {"step": number, "pointer": "/", "scope": "lineage" if at < len(views) else "cohort"}
    elif kind == "withdraw":
        detail["rule"] = number
    return Decision(
        seq=seq,
        time="2026-01-01T00:00:00Z",
        actor="ann@example.com",
        kind=kind,  # type: ignore[arg-type]
        reason="so",
        lineage=view.lineage,
        candidate_id=view.candidate.id,
        behaviour_digest=view.behaviour_digest,
        evidence_digest=str(view.evidence),
        detail=detail,
    )


kinds = st.sampled_from(["rename", "allow", "allow", "withdraw", "approve", "reject", "needs_work", "revoke"])
decisions = st.lists(st.tuples(kinds, st.integers(0, 3), st.integers(1, 4)), max_size=6)


def told(views: Sequence[CandidateView]) -> list[object]:
    return [(replace(view, evidence=str(view.evidence)), canonical(view.candidate)) for view in views]


@settings(max_examples=60, deadline=None)
@given(decisions)
def test_a_series_of_decisions_ends_where_mining_by_all_of_them_does(series: list[tuple[str, int, int]]) -> None:
    made = [decision(seq, what) for seq, what in enumerate(series, 1)]
    state = mined()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generalised, "proposals_of", None)  # nothing is mined
        for count in range(1, len(made) + 1):
            state = step(state, Change(journal=JournalView(decisions=tuple(made[:count]))))
    cold = step(replace(mined(), mined={}, viewed={}), Change(journal=JournalView(decisions=tuple(made))))
    assert told(state.snapshot.candidates) == told(cold.snapshot.candidates)
    assert state.snapshot == cold.snapshot


def results(views: Sequence[CandidateView]) -> Mapping[str, int]:
    """How many runs differ from each."""
    return {view.cohort: sum(not one.passed for one in view.candidate.shadow.traces) for view in views}


def test_a_rule_lets_runs_differ_and_what_it_does_not_concern_stays() -> None:
    before = mined()
    assert results(before.snapshot.candidates) == {"a": 3, "b": 1}
    (first,) = (at for at, view in enumerate(before.snapshot.candidates) if view.cohort == "a")
    rules = [decision(number, ("allow", first, number)) for number in (1, 2, 3)]
    state = step(before, Change(journal=JournalView(decisions=tuple(rules))))
    assert results(state.snapshot.candidates) == {"a": 0, "b": 1}
    assert state.mined["b"].proposals is before.mined["b"].proposals
    assert {one.held_out for one in state.mined["a"].proposals[0].candidate.shadow.traces} == {None, True}
    withdrawn = decision(4, ("withdraw", first, 2))
    state = step(state, Change(journal=JournalView(decisions=(*rules, withdrawn))))
    assert results(state.snapshot.candidates) == {"a": 3, "b": 1}


def test_one_of_two_candidates_of_a_cohort_gets_its_new_name() -> None:
    files = changes([*runs(1, 12), *runs(2, 12, "b")])
    before = step(State(created_at="now"), Change(files=files, policy=NAMED.replace(cohort="none")))
    one, other = before.mined[None].proposals
    named = decision(1, ("rename", 0, 1)).replace(lineage=other.lineage, detail={"cohort": "", "name": "name 1"})
    state = step(before, Change(journal=JournalView(decisions=(named,))))
    stays, renamed = state.mined[None].proposals
    assert stays is one
    assert renamed.candidate.name == "name_1"


def test_a_rule_may_be_withdrawn_on_a_candidate_of_another_cohort() -> None:
    before = mined()
    at = {view.cohort: at for at, view in enumerate(before.snapshot.candidates)}
    rules = [decision(number, ("allow", at["a"], number)) for number in (1, 2, 3)]
    state = step(before, Change(journal=JournalView(decisions=tuple(rules))))
    withdrawn = decision(4, ("withdraw", at["b"], 2))
    state = step(state, Change(journal=JournalView(decisions=(*rules, withdrawn))))
    assert results(state.snapshot.candidates) == {"a": 3, "b": 1}


def test_what_was_decided_on_and_is_not_proposed_is_mined_for(monkeypatch: pytest.MonkeyPatch) -> None:
    mining, mined_for = generalised.proposals_of, []

    def noted(grounds: Sequence[Ground], *more: Any) -> Any:
        mined_for.extend(ground.cohort for ground in grounds)
        return mining(grounds, *more)

    monkeypatch.setattr(generalised, "proposals_of", noted)
    gone = decision(1, ("approve", 0, 1)).replace(lineage="lineage_of_something_else")
    state = step(mined(), Change(journal=JournalView(decisions=(gone,))))
    assert mined_for == [gone.detail["cohort"]]
    step(state, Change(journal=JournalView()))
    assert mined_for == [gone.detail["cohort"]] * 2
