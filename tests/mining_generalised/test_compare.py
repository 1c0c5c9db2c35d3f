"""Comparing runs with a generalised candidate, and what it saves."""

from __future__ import annotations

import random

import pytest

from core.mining.generalised.candidate import Compared, GeneralisedCandidate
from core.mining.generalised.compare import _left, compare
from core.mining.generalised.costs import Savings
from core.mining.generalised.fold import fold
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted
from core.mining.generalised.recipe import Recipe, recipe_of
from core.mining.generalised.record import candidate_of
from core.model.candidate import Candidate
from core.model.jsontext import compact, parse
from core.model.options import Options
from core.model.trace import Action, Approval, SideEffect, Trace
from tests.mining_generalised.data import candidates, one_task, retail
from tests.mining_generalised.noise import action, closing, run, token


@pytest.fixture(scope="module")
def candidate() -> GeneralisedCandidate:
    (only,) = candidates(closing(random.Random(1), 20))
    return only


def held_out(**changes: object) -> Trace:
    """A run that the candidate was not made from; the last action is changed as given."""
    trace = closing(random.Random(99), 1)[0]
    return trace.replace(actions=(*trace.actions[:-1], trace.actions[-1].replace(**changes)))


def against(candidate: GeneralisedCandidate, trace: Trace) -> Compared:
    """The comparison with what is recorded of the candidate."""
    folded = {run.id: fold(run, candidate.facts) for run in made(candidate)}
    record = candidate_of(candidate, folded, Options())
    recipe = recipe_of(Candidate.decode(parse(compact(record))))
    return compare(recipe, Material(fold(trace, recipe.facts)))


def made(candidate: GeneralisedCandidate) -> tuple[Trace, ...]:
    """The runs that a candidate may have been made from."""
    return (*closing(random.Random(1), 20), *one_task())


def compared(candidate: GeneralisedCandidate, trace: Trace) -> Compared:
    found = against(candidate, trace)
    assert (found.trace_id, found.source_hash) == (trace.id, trace.source_hash)
    return found


def test_a_run_that_does_the_same_with_other_values_holds(candidate: GeneralisedCandidate) -> None:
    found = compared(candidate, held_out())
    assert (found.standing, found.mismatches) == ("holds", ())
    assert len(found.steps) == 3


def test_a_value_from_elsewhere_differs_and_says_what_was_predicted(candidate: GeneralisedCandidate) -> None:
    wrong = held_out(parameters={"row": "other"}, side_effects=(SideEffect(kind="db_write", target="row:other"),))
    found = compared(candidate, wrong)
    value = next(m for m in found.mismatches if m.kind == "value")
    assert found.standing == "differs"
    assert (value.step, value.name, value.observed) == (2, "row", ('"other"',))
    assert 2 <= len(value.expected) <= 4


def test_another_target_differs_from_the_template(candidate: GeneralisedCandidate) -> None:
    effect = held_out().actions[-1].side_effects[0].replace(target="row:somewhere else")
    found = compared(candidate, held_out(side_effects=(effect,)))
    assert [(m.step, m.kind, m.expected, m.observed) for m in found.mismatches] == [
        (2, "effect", ("row:{row}",), ("row:somewhere else",))
    ]


def test_an_approval_that_the_workflow_does_not_know_differs(candidate: GeneralisedCandidate) -> None:
    found = compared(candidate, held_out(approval=Approval(required=True)))
    assert found.standing == "differs"
    assert [(m.step, m.kind, m.observed) for m in found.mismatches] == [(2, "approval", ("true",))]


def asking(number: int, boundary: str | None) -> Trace:
    """A run whose last step asks somebody first, where a boundary says."""
    (trace,) = closing(random.Random(1000 + number), 1)
    last = trace.actions[-1].replace(approval=Approval(required=True, boundary=boundary))
    return trace.replace(id=f"asking {number}", actions=(*trace.actions[:-1], last))


def test_the_boundary_is_where_most_ask_and_another_one_differs() -> None:
    (found,) = candidates([asking(n, "auto-ok" if n == 7 else "legal") for n in range(30)])
    assert (found.steps[-1].approval_required, found.steps[-1].boundary) == (True, "legal")
    folded = {run.id: fold(run, found.facts) for run in (asking(n, None) for n in range(30))}
    recipe = recipe_of(candidate_of(found, folded, Options()))

    def stands(trace: Trace) -> Compared:
        return compare(recipe, Material(fold(trace, recipe.facts)))

    differs = stands(asking(7, "auto-ok"))
    assert differs.standing == "differs"
    assert [(m.kind, m.name, m.expected, m.observed) for m in differs.mismatches] == [
        ("approval", "boundary", ("legal",), ("auto-ok",))
    ]
    assert stands(asking(8, "legal")).standing == stands(asking(9, None)).standing == "holds"


def test_a_workflow_whose_effect_is_a_models_shows_the_effect_and_is_fuzzy() -> None:
    def sent(trace: Trace) -> Trace:
        return trace.replace(actions=(*trace.actions[:-1], trace.actions[-1].replace(kind="model_call")))

    (found,) = candidates([sent(run) for run in closing(random.Random(3), 20)])
    assert found.steps[-1].effects is not None
    assert [effect.target for effect in found.steps[-1].effects.effects] == ["row:{row}"]
    assert len(found.supports) == 20
    folded = {run.id: fold(run, found.facts) for run in map(sent, closing(random.Random(3), 20))}
    record = candidate_of(found, folded, Options())
    assert record.steps[-1].segment == "fuzzy"
    assert any("close_row" in warning and "fuzzy" in warning for warning in record.warnings)


def test_another_output_is_told_but_does_not_fail(candidate: GeneralisedCandidate) -> None:
    found = compared(candidate, held_out(observed_output={"done": False}))
    assert found.standing == "holds"
    assert [(m.step, m.kind, m.name) for m in found.mismatches] == [(2, "output", "/done")]


def test_ways_of_not_holding_the_steps(candidate: GeneralisedCandidate) -> None:
    whole = [a for a in held_out().actions if not a.name.startswith("tool")]
    trace = held_out()
    without = trace.replace(actions=(whole[0], whole[2]))
    foreign = run("x", [action("other", {"id": "y1"}, {}, "row:y1")]).actions[0]
    between = trace.replace(actions=(whole[0], foreign, whole[1], whole[2]))
    assert compared(candidate, without).standing == "otherwise"
    assert compared(candidate, without).note == "the job gets done without list_rows"
    assert compared(candidate, between).note == "other effects, or too many other steps, stand between the steps"
    assert compared(candidate, trace.replace(actions=(whole[0], whole[1]))).standing == "unfinished"
    twice = Fitted(("tool_call:find_customer", "tool_call:list_rows", "tool_call:find_customer"), (), ())
    again = trace.replace(actions=(whole[0], whole[1]))
    assert _left(Material(fold(again, candidate.facts)).shape, twice.pattern) == (
        "the job gets done with find_customer fewer times"
    )
    assert compared(candidate, trace.replace(actions=(whole[1], whole[2]))).standing == "absent"


def test_what_is_told_of_all_runs_of_a_shape_is_told_of_each_by_its_own_name(candidate: GeneralisedCandidate) -> None:
    whole = [a for a in held_out().actions if not a.name.startswith("tool")]
    without = held_out().replace(actions=(whole[0], whole[2]))
    unfinished = held_out().replace(actions=(whole[0], whole[1]))
    for name in ("one", "other"):
        for standing, trace in (("otherwise", without), ("unfinished", unfinished)):
            found = compared(candidate, trace.replace(id=name, source_hash=f"sha256:{name}"))
            assert (found.trace_id, found.source_hash, found.standing) == (name, f"sha256:{name}", standing)


def test_unknown_costs_are_counted_apart_and_talk_remains() -> None:
    draw = random.Random(3)
    priced = {"model_calls": 1, "input_tokens": 100, "output_tokens": 10, "total_cost_usd": 0.25, "wall_ms": 40}
    made = []
    for n in range(20):
        steps = [a for a in closing(draw, 1)[0].actions if not a.name.startswith("tool")]
        choice = run("c", [{"kind": "model_call", "name": "llm", "output": "next", "cost": priced}]).actions[0]
        unpriced = run("u", [{"kind": "model_call", "name": "llm", "output": "next"}]).actions[0]
        talk = run("t", [{"kind": "model_call", "name": "say", "output": "?", "observed_output": "!"}]).actions[0]
        actions = (talk, choice, steps[0], unpriced, steps[1], talk, choice, steps[2], talk)
        day = f"2026-03-{n + 1:02}T00:00:00Z"
        made.append(run(f"r{n}", [], started_at=day).replace(actions=actions, source_hash=token(draw)))
    (only,) = candidates(made)
    assert only.savings == Savings(
        occurrences=20,
        glue_calls=60,
        input_tokens=4000,
        output_tokens=400,
        cost_usd=10.0,
        wall_ms=1600,
        unknown_cost_calls=20,
        unknown_token_calls=20,
        unknown_time_calls=20,
        remaining_calls=20,
        tool_ms=0,
    )


def test_every_supporting_run_holds() -> None:
    (only,) = candidates(one_task())
    by_id = {trace.id: trace for trace in one_task()}
    assert {against(only, by_id[s.trace_id]).standing for s in only.supports} == {"holds"}


def test_what_passes_for_usual_at_one_look_does_so_when_looked_at_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    found = candidates(retail())
    asking = [run.replace(actions=tuple(map(asked, run.actions))) for run in retail()[:10]]
    runs = [*retail(), *asking, *(run.replace(actions=tuple(map(mute, run.actions))) for run in retail()[:10])]
    told = [against_all(candidate, runs) for candidate in found]
    monkeypatch.setattr(Recipe, "is_usual", lambda *_: False)
    assert told == [against_all(candidate, runs) for candidate in found]
    kinds = {mismatch.kind for some in told for one in some for mismatch in one.mismatches}
    assert kinds >= {"approval", "output"}


def asked(action: Action) -> Action:
    return action.replace(approval=Approval(required=True))


def mute(action: Action) -> Action:
    return action.replace(observed_output=7)


def against_all(candidate: GeneralisedCandidate, runs: list[Trace]) -> list[Compared]:
    folded = {run.id: fold(run, candidate.facts) for run in retail()}
    recipe = recipe_of(candidate_of(candidate, folded, Options()))
    return [compare(recipe, Material(fold(run, recipe.facts))) for run in runs]


def test_arguments_that_not_every_call_gives_are_told() -> None:
    draw = random.Random(5)
    made = []
    for n, trace in enumerate(closing(draw, 24)):
        last = trace.actions[-1]
        more = {"note": "vip"} if n % 2 else {}
        more |= {"reason": token(draw)} if n % 12 == 0 else {}
        given = {**parse(compact(last.parameters)), **more}
        last = last.replace(parameters=given, inputs=given)
        made.append(trace.replace(actions=(*trace.actions[:-1], last)))
    (found,) = candidates(made)
    assert len(found.supports) == 24
    assert dict(found.steps[-1].sometimes) == {"note": 12, "reason": 2}
    record = candidate_of(found, {run.id: fold(run, found.facts) for run in made}, Options())
    assert "step 3 'close_row': not every call of the runs gives note and reason (not stated here)" in record.warnings
    assert not candidates(closing(random.Random(5), 24))[0].steps[-1].sometimes
