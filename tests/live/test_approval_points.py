"""A question to a person in front of a step is a boundary of the workflow, as one that the step's own call names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from core.live.snapshot import CandidateView
from core.live.transfer import source_points
from core.model.trace import Action, Approval, Trace
from core.traces.normalise import normalise
from tests.live.test_engine_generalised import after, changed, further, only, planted

HITL = Approval(prompt="sure?", required=True, boundary="hitl")
YES = HITL.replace(approver="ann")


def question(**fields: Any) -> Action:
    """What a run record has of a question to a person (spec/traces.md)."""
    made = {"kind": "human_approval", "name": "agent", "deterministic": False, "fuzzy": True, "approval": HITL}
    return Action(**(made | fields))


def asking(run: Trace, step: str, asked: Action) -> Trace:
    """A run in which somebody is asked before one of its steps."""
    place = next(index for index, action in enumerate(run.actions) if action.name == step)
    return normalise(run.replace(actions=(*run.actions[:place], asked, *run.actions[place:])))


def answered(runs: Iterable[Trace], step: str) -> list[Trace]:
    return [asking(run, step, question(approval=YES)) for run in runs]


def boundaries(view: CandidateView) -> list[str | None]:
    return [step.approval and step.approval.boundary for step in view.candidate.steps]


STEPS = ("find_customer", "list_rows", "close_row")


@pytest.mark.parametrize("place", [0, 2])
def test_a_question_is_the_boundary_of_the_step_that_waits_for_it(place: int) -> None:
    view = only(after(answered(planted(), STEPS[place])))
    assert boundaries(view) == ["hitl" if step == place else None for step in range(3)]
    assert view.candidate.steps[place].preconditions == ("human approval boundary is preserved",)
    assert (view.status, view.failed) == ("needs_approval", 0)


@pytest.mark.parametrize("asked", [{0}, {1}, {0, 1}])
def test_what_is_asked_before_a_step_that_repeats_is_asked_for_what_follows_of_it(asked: set[int]) -> None:
    def twice(run: Trace) -> Trace:
        *rest, last = run.actions
        closes = [one for n in range(2) for one in ([question(approval=YES)] if n in asked else []) + [last]]
        return normalise(run.replace(actions=(*rest, *(one.replace(id="") for one in closes))))

    view = only(after(map(twice, planted())))
    assert (boundaries(view), view.failed) == ([None, None, "hitl"], 0 if 0 in asked else len(planted()))


def test_a_question_is_no_conversation_that_a_run_may_have() -> None:
    def quiet(run: Trace) -> Trace:
        return normalise(run.replace(actions=tuple(one for one in run.actions if one.name in STEPS)))

    warnings = only(after(answered(map(quiet, planted()), "close_row"))).candidate.warnings
    assert "conversation" not in " ".join(warnings)


@pytest.mark.parametrize(
    "asked",
    [
        question(),
        Action(kind="model_call", name="say", observed_output="yes", approval=HITL),
        Action(kind="tool_call", name="sign_off", observed_output="yes", approval=HITL),
    ],
)
def test_one_run_in_which_somebody_is_asked_keeps_the_workflow_from_being_approved(asked: Action) -> None:
    silent, held = [*planted()[1:]], planted()[0]
    assert only(after([*silent, held])).status == "needs_approval"
    view = only(after([*silent, asking(held, "close_row", asked)]))
    assert view.status == "blocked"
    assert [(one.trace_id, one.details) for one in view.candidate.shadow.traces if not one.passed] == [
        (held.id, ("step 3 approval boundary differs",))
    ]


def test_what_is_asked_for_another_job_before_it_or_behind_it_is_not_asked_for_this_one() -> None:
    def other(run: Trace) -> Trace:
        asked, tool = question(), Action(kind="tool_call", name="other", parameters={"x": 1}, observed_output="y")
        return normalise(run.replace(actions=(asked, tool, *run.actions, asked.replace(id="last"))))

    view = only(after([*planted()[1:], other(planted()[0])]))
    assert (boundaries(view), view.status, view.failed) == ([None] * 3, "needs_approval", 0)


def test_points_that_nobody_resolved_are_counted_alike_before_and_in_a_decision() -> None:
    runs = [*answered(planted()[3:], "close_row"), *(asking(run, "close_row", question()) for run in planted()[:3])]
    view = only(after(runs))
    assert len([told for told in view.warnings if "3 approval points that no approver resolved" in told]) == 1
    points = list(source_points(view.candidate, runs))
    assert (len(points), sum(not resolved for _, _, resolved in points)) == (len(runs), 3)


@pytest.mark.parametrize("times", [1, 40])
def test_of_several_times_that_a_run_does_the_job_one_may_be_asked_for(times: int) -> None:
    first = changed(further()[0], approval=Approval(required=True, boundary="boss", approver="ann"))
    more = [action for _ in range(times) for action in planted()[0].actions]
    both = normalise(planted()[0].replace(actions=(*first.actions, *more)))
    view = only(after([*planted()[1:], both]))
    assert (view.status, boundaries(view)) == ("blocked", [None] * 3)
    assert [r.trace_id for r in view.candidate.shadow.traces if not r.passed] == [both.id]
