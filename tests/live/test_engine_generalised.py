"""The engine in generalised mode: cold starts, what an approval survives, what speaks against promoting."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.live.changes import ChangeSet, LoadedFile, Stamp
from core.live.decided import Archived, Kept
from core.live.engine import Change, State, step
from core.live.snapshot import CandidateView, JournalView, Snapshot
from core.mining.comparing import all_differences, run_savings, steps_in
from core.model.decision import CrashpackRef, Decision
from core.model.jsontext import compact, sha256_hex
from core.model.trace import Approval, SideEffect, Trace
from core.promotion.savings import added
from core.store.policy import NEW_POLICY
from tests.mining_generalised.data import one_task, retail
from tests.mining_generalised.noise import closing

POLICY = NEW_POLICY.replace(cohort="none")


def loaded(unit: str, trace: Trace) -> LoadedFile:
    return LoadedFile(unit, Stamp(0, 1, 0, 0), sha256_hex(compact(trace)), 1, trace)


def changes(runs: Iterable[Trace], shadow: Iterable[Trace] = ()) -> ChangeSet:
    files = {f"{run.id}.json": run for run in runs} | {f"shadow/{run.id}.json": run for run in shadow}
    return ChangeSet({unit: loaded(unit, run) for unit, run in files.items()})


def after(runs: Iterable[Trace], shadow: Iterable[Trace] = (), **change: object) -> Snapshot:
    return step(State(), Change(files=changes(runs, shadow), policy=POLICY, **change)).snapshot  # type: ignore[arg-type]


@cache
def planted() -> tuple[Trace, ...]:
    return tuple(closing(random.Random(1), 20))


@cache
def further(count: int = 12) -> tuple[Trace, ...]:
    return tuple(run.replace(id=f"new {run.id}") for run in closing(random.Random(7), count))


def only(snapshot: Snapshot) -> CandidateView:
    (view,) = snapshot.candidates
    return view


def changed(run: Trace, **fields: object) -> Trace:
    """The run with its last action changed."""
    return run.replace(actions=(*run.actions[:-1], run.actions[-1].replace(**fields)))


def elsewhere(run: Trace) -> Trace:
    """The run with a write to a place that its parameter does not name."""
    return changed(run, side_effects=(run.actions[-1].side_effects[0].replace(target="row:elsewhere"),))


def test_a_planted_workflow_needs_approval_and_tells_where_its_values_come_from() -> None:
    view = only(after(planted()))
    assert (view.status, view.approvable) == ("needs_approval", ())
    bound = {(s.index, b.name): b for s in view.candidate.steps if s.detail for b in s.detail.bindings}
    assert bound[3, "row"].kind == "output"
    assert [effect.target for effect in view.candidate.side_effects] == ["row:{row}"]
    assert all(result.passed and result.standing == "holds" for result in view.candidate.shadow.traces)


def test_of_one_task_one_candidate_is_listed_with_its_ambiguous_constant() -> None:
    view = only(after(one_task()))
    assert (view.label, view.status) == ("get_current_time → write_file", "needs_approval")
    assert view.candidate.confidence >= 0.8
    assert any("part of step 1's output /datetime" in warning for warning in view.warnings)


@pytest.mark.parametrize("seed", range(3))
def test_new_runs_that_bear_it_out_keep_the_behaviour_and_change_the_evidence(seed: int) -> None:
    more = list(further())
    random.Random(seed).shuffle(more)
    before = only(after(planted()))
    for count in (1, 4, len(more)):
        view = only(after([*planted(), *more[:count]]))
        assert (view.lineage, view.behaviour_digest) == (before.lineage, before.behaviour_digest)
        assert view.evidence_digest != before.evidence_digest
        assert view.candidate.id != before.candidate.id


def test_another_template_or_binding_is_another_behaviour_of_the_same_lineage() -> None:
    before = only(after(planted()))
    moved = [changed(r, side_effects=(SideEffect(kind="db_write", target="the log"),)) for r in planted()]
    fixed = [
        changed(
            r, parameters={"row": "r1"}, inputs={"row": "r1"}, side_effects=(SideEffect(kind="w", target="row:r1"),)
        )
        for r in planted()
    ]
    for runs in (moved, fixed):
        view = only(after(runs))
        assert view.lineage == before.lineage
        assert view.behaviour_digest != before.behaviour_digest


def test_near_misses_are_listed_counted_and_do_not_block_by_themselves() -> None:
    view = only(after([*planted(), elsewhere(further()[0])]))
    (miss,) = (result for result in view.candidate.shadow.traces if not result.passed)
    assert (miss.standing, miss.held_out) == ("differs", None)
    assert miss.details == ("step 3 side effects differ from row:{row}",)
    assert view.candidate.shadow.passed
    assert view.status == "needs_approval"
    assert view.candidate.confidence < only(after([*planted(), further()[0]])).candidate.confidence


def test_differences_name_the_place_and_both_sides() -> None:
    odd = changed(further()[0], parameters={"row": "r-odd"}, inputs={"row": "r-odd"})
    view = only(after([*planted(), odd]))
    argument, effect = all_differences(view.candidate, odd)
    assert (argument.step, argument.kind, argument.pointer, argument.observed) == (3, "argument", "/row", "r-odd")
    assert odd.actions[-1].side_effects[0].target.removeprefix("row:") in str(argument.expected)
    assert (effect.kind, effect.expected[0]["target"]) == ("side_effects", "row:r-odd")
    assert all_differences(view.candidate, planted()[0]) == ()


def test_a_boundary_that_any_run_has_blocks() -> None:
    view = only(after([*planted(), changed(further()[0], approval=Approval(required=True))]))
    assert not view.candidate.shadow.passed
    assert view.status == "blocked"
    assert "step 3 approval boundary differs" in {d for r in view.candidate.shadow.traces for d in r.details}


@pytest.mark.parametrize(("bad", "good", "passes"), [(0, 3, True), (1, 0, False), (1, 6, True), (4, 2, False)])
def test_held_out_runs_may_differ_as_often_as_the_confidence_says(bad: int, good: int, passes: bool) -> None:
    runs = [elsewhere(run) for run in further()[:bad]] + list(further()[bad : bad + good])
    view = only(after(planted(), runs))
    apart = [result for result in view.candidate.shadow.traces if result.held_out]
    assert len(apart) == bad + good
    assert view.candidate.shadow.passed is passes
    assert (view.status == "needs_approval") is passes


def decided(view: CandidateView, seq: int = 1) -> JournalView:
    decision = Decision(
        seq=seq,
        time="2026-01-01T00:00:00Z",
        actor="ann@example.com",
        kind="approve",
        lineage=view.lineage,
        candidate_id=view.candidate.id,
        behaviour_digest=view.behaviour_digest,
        evidence_digest=view.evidence_digest,
        crashpack=CrashpackRef(name="pack"),
        detail={"cohort": view.cohort, "compared_traces": view.candidate.shadow.compared_traces},
    )
    return JournalView(decisions=(decision,))


def test_an_approval_survives_passing_runs_and_deciding_changes_no_other_proposal() -> None:
    before = step(State(), Change(files=changes(retail()), policy=POLICY))
    chosen = next(view for view in before.snapshot.candidates if not view.approvable)
    state = step(before, Change(journal=decided(chosen)))
    assert {v.lineage: v.candidate.id for v in state.snapshot.candidates} == {
        v.lineage: v.candidate.id for v in before.snapshot.candidates
    }
    assert next(v for v in state.snapshot.candidates if v.lineage == chosen.lineage).status == "ready"
    assert state.mined[None].proposals is before.mined[None].proposals
    cold = step(State(), Change(files=changes(retail()), policy=POLICY, journal=decided(chosen)))
    assert cold.snapshot == state.snapshot


@pytest.mark.parametrize(
    ("bad", "good", "status"), [(0, 4, "ready"), (1, 0, "ready"), (2, 0, "drifted"), (2, 9, "ready")]
)
def test_runs_that_came_since_the_approval_are_held_out(bad: int, good: int, status: str) -> None:
    before = step(State(), Change(files=changes([*planted(), *further(40)[20:]]), policy=POLICY))
    view = only(before.snapshot)
    archive = {"pack": Archived(lambda: Kept(view.candidate, view.cohort))}
    approved = step(before, Change(journal=decided(view), archive=archive))
    assert only(approved.snapshot).status == "ready"
    since = [*(elsewhere(run) for run in further(40)[:bad]), *further(40)[bad : bad + good]]
    later = only(step(approved, Change(files=changes(since))).snapshot)
    assert later.behaviour_digest == view.behaviour_digest
    assert later.status == status, later.reasons
    again = decided(view).decisions[0].replace(seq=2, crashpack=None)
    recording = Change(files=changes(since), journal=JournalView(decisions=(*decided(view).decisions, again)))
    assert only(step(approved, recording).snapshot).status == "ready", "what is approved now was seen as it is"
    assert ("runs that came since the decision" in " ".join(later.reasons)) is (status == "drifted")


def test_what_was_decided_on_stays_proposed_where_others_explain_more() -> None:
    every = {view.lineage for view in after(retail()).candidates}
    for end in range(30, 60, 6):
        for view in after(retail()[:end]).candidates:
            if view.lineage not in every and not view.candidate.rejection_reasons:
                found = after(retail(), journal=decided(view)).candidates
                assert view.lineage in {v.lineage for v in found if v.proposed}
                return
    pytest.skip("every candidate of a part is one of the whole")


def of_another_kind(runs: Iterable[Trace]) -> list[Trace]:
    """Runs of another workflow, which has no tool in common with the first."""
    return [
        run.replace(id=f"other {run.id}", actions=tuple(a.replace(name=f"other_{a.name}") for a in run.actions))
        for run in runs
    ]


POOL = (*planted()[:8], *further()[:4], *of_another_kind(planted()[8:14]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(POOL) - 1), st.sampled_from(["put", "put", "odd", "gone"])), max_size=20))
def test_any_series_of_events_ends_where_a_cold_start_does(events: list[tuple[int, str]]) -> None:
    state = step(State(), Change(policy=POLICY))
    present: dict[str, Trace] = {}
    for index, kind in events:
        run = POOL[index]
        unit = f"{run.id}.json"
        if kind == "gone":
            present.pop(unit, None)
            state = step(state, Change(files=ChangeSet(gone=frozenset({unit}))))
        else:
            present[unit] = elsewhere(run) if kind == "odd" else run
            state = step(state, Change(files=ChangeSet({unit: loaded(unit, present[unit])})))
    files = ChangeSet({unit: loaded(unit, run) for unit, run in present.items()})
    assert state.snapshot == step(State(), Change(files=files, policy=POLICY)).snapshot


def test_an_unchanged_run_is_not_folded_again() -> None:
    state = step(State(), Change(files=changes(planted()), policy=POLICY))
    later = step(state, Change(files=changes(further()[:1])))
    old, new = state.mined[None].folds, later.mined[None].folds
    assert all(new[key] is old[key] for key in old)


def test_what_a_change_does_not_touch_is_taken_over() -> None:
    others = of_another_kind(further())
    state = step(State(), Change(files=changes([*planted(), *others]), policy=POLICY))
    later = step(state, Change(files=changes([elsewhere(further()[0])])))
    old, new = state.mined[None].worked, later.mined[None].worked
    assert old is not None
    assert new is not None
    judged = {
        pattern: one is old.judgements.by_pattern.get(pattern) for pattern, one in new.judgements.by_pattern.items()
    }
    assert {pattern[0].partition(":")[2].startswith("other_"): same for pattern, same in judged.items()} == {
        True: True,
        False: False,
    }
    kept = {pattern: one.supports is old.described[pattern].supports for pattern, one in new.described.items()}
    assert sorted(kept.values()) == [False, True]
    assert later.snapshot == after([*planted(), *others, elsewhere(further()[0])])


def test_a_run_that_moves_is_listed_where_it_stands_now() -> None:
    runs = {f"{number}.json": run for number, run in enumerate(planted())}
    odd = [elsewhere(run) for run in further()[:2]]
    first = {unit: loaded(unit, run) for unit, run in {**runs, "x.json": odd[0], "y.json": odd[1]}.items()}
    state = step(State(), Change(files=ChangeSet(first), policy=POLICY))
    moved = {"z.json": loaded("z.json", odd[0])}
    later = step(state, Change(files=ChangeSet(moved, gone=frozenset({"x.json"}))))
    last = {unit: file for unit, file in (first | moved).items() if unit != "x.json"}
    assert later.snapshot == step(State(), Change(files=ChangeSet(last), policy=POLICY)).snapshot
    assert later.snapshot != state.snapshot


def test_copies_of_runs_and_another_order_change_nothing_but_their_number() -> None:
    view = only(after(planted()))
    copies = [run.replace(id=f"copy of {run.id}") for run in planted()]
    twice = only(after([*copies, *planted()]))
    assert twice.behaviour_digest == view.behaviour_digest
    assert twice.candidate.confidence == pytest.approx(view.candidate.confidence, abs=0.02)
    assert after(reversed(planted())) == after(planted())


def test_savings_of_runs_and_steps_add_up_to_the_total() -> None:
    view = only(after(one_task()))
    by_id = {run.id: run for run in one_task()}
    parts = [run_savings(view.candidate, e, by_id[e.trace_id]) for e in view.candidate.examples]
    assert added(part for some in parts for part in some) == view.candidate.savings
    assert view.candidate.savings.unknown_cost_calls


def test_what_no_run_records_is_unknown_and_not_nothing() -> None:
    saved = after(retail()).candidates[0].candidate.savings
    assert (saved.usd_known, saved.tokens_known, saved.ms_known) == (None, None, None)
    known = only(after(one_task())).candidate.savings
    assert known.usd_known == known.estimated_cost_usd_avoided > 0


def test_the_actions_of_every_step_are_found_in_every_run_that_holds_it() -> None:
    for view in after(retail()).candidates:
        by_id = {run.id: run for run in retail()}
        for example in view.candidate.examples:
            places = steps_in(view.candidate, by_id[example.trace_id])
            names = [by_id[example.trace_id].actions[indexes[0]].name for indexes in places]
            assert names == [made.name for made in view.candidate.steps]
