"""Between two minings candidates are kept up, and what is mined beside is taken in whatever changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.live import between, generalised
from core.live.changes import ChangeSet
from core.live.engine import Change, State, anew, step
from core.live.generalised import rankings, unranked
from core.live.packed import packed
from core.live.proposing import Ground, Proposed, proposals_of
from core.live.snapshot import CandidateView, JournalView, Snapshot
from core.mining.generalised.shadow import shadow_report
from core.model.candidate import Candidate, ShadowReport
from core.model.jsontext import canonical
from core.model.trace import Trace
from core.promotion.promote import unjudged
from tests.live.test_again import NAMED, decision, odd
from tests.live.test_apart import runs
from tests.live.test_engine_generalised import loaded

Folder = Mapping[str, Trace]
"""Runs by their units."""

OTHERS = [*runs(11, 6), *runs(12, 6, "b")]
ASKING = [
    run.replace(
        actions=tuple(one.replace(approval={"required": True}) if one.side_effects else one for one in run.actions)
    )
    for run in runs(13, 2)
]


def later(state: State, grounds: Sequence[Ground]) -> list[Proposed | None]:
    """Mines at once only what was decided on, as who mines for a session does."""
    read = {(unit, file.sha256): file.trace for unit, file in state.files.items()}
    return [
        proposals_of([one], lambda *name: read[name])[0] if one.decided else None  # type: ignore[arg-type, return-value]
        for one in grounds
    ]


@cache
def start() -> tuple[Folder, State]:
    """Two cohorts and runs that are only compared, mined."""
    some = [*runs(1, 12), *runs(2, 12, "b")]
    folder = {f"{run.id}.json": run for run in some} | {f"shadow/{run.id}.json": run for run in runs(3, 4)}
    state = step(State(created_at="now"), Change(files=files(folder), policy=NAMED))
    return folder, replace(state, ranks_later=True, apart=later)


@cache
def waiting() -> tuple[Folder, State]:
    """The same when nothing is mined yet."""
    folder, mined = start()
    empty = State(created_at="now", ranks_later=True, apart=mined.apart)
    return folder, step(empty, Change(files=files(folder), policy=NAMED))


def files(folder: Folder, before: Folder | None = None) -> ChangeSet:
    """What changed in a folder."""
    old = before or {}
    new = {unit: loaded(unit, run) for unit, run in folder.items() if old.get(unit) is not run}
    return ChangeSet(new, gone=frozenset(old).difference(folder))


def happened(folder: Folder, what: tuple[str, int]) -> Folder:
    """A folder after something happened in it."""
    kind, number = what
    units = sorted(folder)
    unit = units[number % len(units)]
    other = [*OTHERS, *map(odd, OTHERS)][number % (2 * len(OTHERS))]
    match kind:
        case "come":
            return {**folder, f"{other.id}.json": other}
        case "apart":
            return {**folder, f"shadow/{other.id}.json": other}
        case "go":
            return {key: run for key, run in folder.items() if key != unit}
        case "change":
            return {**folder, unit: odd(folder[unit])}
        case "move":
            return {("shadow/" + key if key == unit else key): run for key, run in folder.items()}
    raise AssertionError(kind)


def compared(candidate: Candidate, state: State) -> ShadowReport:
    """What a look at every run that there is now says."""
    parts = state.parts
    members = [run.cohort for run in parts.runs.values() if run.trace_id in {e.trace_id for e in candidate.examples}]
    pool = [parts.traces[key] for key, run in parts.runs.items() if run.shadow or run.cohort in members]
    held_out = [run.trace_id for run in parts.runs.values() if run.shadow]
    return shadow_report(candidate, pool, held_out=held_out)


def told(report: ShadowReport) -> tuple[object, ...]:
    return (
        report.passed,
        report.compared_traces,
        sorted(report.failures),
        sorted(canonical(result) for result in report.traces),
    )


def is_kept_up(state: State) -> None:
    for view in state.snapshot.candidates:
        made = view.candidate
        # Its runs may all be gone.
        if any(run.cohort == view.cohort for run in state.parts.runs.values()):
            assert told(made.shadow) == told(compared(unjudged(made), state))
        assert view.cohort_runs == sum(r.cohort == view.cohort and not r.shadow for r in state.parts.runs.values())


def cold(state: State, folder: Folder) -> Snapshot:
    """What a first look at a folder says, with the decisions of a state."""
    fresh = State(created_at="now", journal=state.journal)
    return step(fresh, Change(files=files(folder), policy=NAMED)).snapshot


def shown(views: Sequence[CandidateView]) -> list[object]:
    return [(replace(view, evidence=str(view.evidence)), canonical(view.candidate)) for view in views]


def mined_beside(state: State) -> Change:
    """What a process beside finds of the runs that a state has."""
    asked = rankings(state, unranked(state))
    read = {(unit, file.sha256): file.trace for unit, file in state.files.items()}
    found = proposals_of([one.ground for one in asked], lambda *name: read[name])  # type: ignore[arg-type, return-value]
    return Change(ranked={one.ground.cohort: one.mined(made) for one, made in zip(asked, found, strict=True)})


def ends_as_a_first_look(state: State, folder: Folder) -> None:
    for _ in range(2):
        if state.snapshot.unranked:
            state = step(state, mined_beside(state), rank=False)
    assert state.snapshot.unranked == 0
    assert shown(state.snapshot.candidates) == shown(cold(state, folder).candidates)
    assert state.snapshot == cold(state, folder)


events = st.lists(
    st.tuples(st.sampled_from(["come", "come", "apart", "go", "change", "move"]), st.integers(0, 99)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(events, st.integers(0, 6), st.booleans())
def test_after_every_change_all_runs_are_compared(series: list[tuple[str, int]], asked: int, begun: bool) -> None:
    folder, state = start() if begun else waiting()
    late: Change | None = None
    for number, event in enumerate(series):
        before, folder = folder, happened(folder, event)
        state = step(state, Change(files=files(folder, before)), rank=False)
        is_kept_up(state)
        if number == asked:
            late = mined_beside(state)
    if late is not None:  # it comes when other things have happened
        state = step(state, late, rank=False)
        is_kept_up(state)
    ends_as_a_first_look(state, folder)


def test_it_is_told_how_many_runs_the_ranking_has_not_seen() -> None:
    folder, state = start()
    assert state.snapshot.unranked == 0
    more = {**folder, **{f"{run.id}.json": run for run in OTHERS[:2]}}
    now = step(state, Change(files=files(more, folder)))
    assert now.snapshot.unranked == 2
    assert now.mined["b"].proposals is state.mined["b"].proposals
    (view,) = (view for view in now.snapshot.candidates if view.cohort == "a")
    (old,) = (view for view in state.snapshot.candidates if view.cohort == "a")
    assert (view.candidate.id, view.candidate.confidence) == (old.candidate.id, old.candidate.confidence)
    assert view.candidate.shadow.compared_traces == old.candidate.shadow.compared_traces + 2
    assert view.behaviour_digest == old.behaviour_digest
    assert step(now, Change(files=files(folder, more))).snapshot == state.snapshot
    swapped = {f"{OTHERS[0].id}.json": OTHERS[0], **dict(list(folder.items())[1:])}
    assert step(state, Change(files=files(swapped, folder))).snapshot.unranked == 2, "one came and one went"


def test_an_example_that_is_gone_or_changed_is_none_any_more() -> None:
    folder, state = start()
    unit = "a1 closing 3.json"
    (old,) = (view.candidate for view in state.snapshot.candidates if view.cohort == "a")
    gone = step(state, Change(files=files(happened(folder, ("go", sorted(folder).index(unit))), folder)))
    (view,) = (view for view in gone.snapshot.candidates if view.cohort == "a")
    assert len(view.candidate.examples) == len(old.examples) - 1
    assert view.candidate.shadow.passed
    other = {**folder, unit: folder[unit].replace(actions=folder[unit].actions[:-1])}
    changed = step(state, Change(files=files(other, folder)))
    (view,) = (view for view in changed.snapshot.candidates if view.cohort == "a")
    assert "a1 closing 3" not in {example.trace_id for example in view.candidate.examples}
    assert (view.candidate.shadow.passed, view.status) == (True, "needs_approval")


def test_an_approval_boundary_that_a_new_run_crosses_is_told_at_once() -> None:
    folder, state = start()
    (asking, _) = (Trace.decode(run.wire() | {"actions": [a.wire() for a in run.actions]}) for run in ASKING)
    more = {**folder, f"{asking.id}.json": asking}
    now = step(state, Change(files=files(more, folder)))
    (view,) = (view for view in now.snapshot.candidates if view.cohort == "a")
    assert [text for text in view.candidate.shadow.failures if "asks for approval" in text]
    again = step(now, Change(files=files({**more, f"{OTHERS[0].id}.json": OTHERS[0]}, more)))
    (view,) = (view for view in again.snapshot.candidates if view.cohort == "a")
    assert len([text for text in view.candidate.shadow.failures if "asks for approval" in text]) == 1


def test_decisions_count_meanwhile() -> None:
    folder, state = start()
    decisions = tuple(decision(n, what) for n, what in enumerate([("rename", 0, 1), ("allow", 0, 3)], 1))
    more = {**folder, f"{OTHERS[0].id}.json": odd(OTHERS[0])}
    now = step(state, Change(files=files(more, folder)))
    late = mined_beside(now)
    now = step(now, Change(journal=JournalView(decisions=decisions)))
    assert "name 1" in {view.label for view in now.snapshot.candidates}
    assert now.snapshot.unranked == 1
    now = step(now, late, rank=False)
    assert "name 1" in {view.label for view in now.snapshot.candidates}
    ends_as_a_first_look(now, more)


def test_what_was_decided_on_and_is_not_proposed_is_mined_for_at_once() -> None:
    folder, state = start()
    gone = decision(1, ("approve", 0, 1)).replace(lineage="lineage_of_something_else")
    now = step(state, Change(journal=JournalView(decisions=(gone,))))
    assert now.snapshot.unranked == 0
    ends_as_a_first_look(now, folder)


def test_what_was_decided_on_is_never_told_to_be_gone_because_it_was_not_mined_yet() -> None:
    folder, state = start()
    approved = step(state, Change(journal=JournalView(decisions=(decision(1, ("approve", 0, 1)),))))
    now = anew(approved)
    assert {view.cohort: view.status for view in now.snapshot.candidates} == {
        view.cohort: view.status for view in approved.snapshot.candidates if view.decisions
    }
    assert now.snapshot.unranked == 12
    ends_as_a_first_look(now, folder)


def test_for_a_new_cohort_and_another_policy_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, state = start()
    others = {f"{run.id}.json": run.replace(workflow_id="c") for run in runs(14, 12)}
    with monkeypatch.context() as patch:
        patch.setattr(generalised, "proposals_of", None)
        more = {**folder, **others}
        now = step(state, Change(files=files(more, folder)))
        assert now.snapshot.unranked == 12
        assert {view.cohort for view in now.snapshot.candidates} == {"a", "b"}
        strict = NAMED.replace(min_confidence=0.99, min_examples=13)
        now = step(now, Change(policy=strict))
        assert now.snapshot.unranked == 14
        assert {view.status for view in now.snapshot.candidates} == {"blocked"}
        assert {view.candidate.promotion.criteria.min_confidence for view in now.snapshot.candidates} == {0.99}
        back = step(now, Change(policy=NAMED))
        assert back.snapshot.unranked == 12
    ends_as_a_first_look(back, more)
    now = step(now, mined_beside(now), rank=False)
    assert (now.snapshot.unranked, now.snapshot.candidates) == (0, ())


def test_of_very_many_only_the_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, state = start()
    more = {**folder, **{f"{run.id}.json": run for run in OTHERS[:3]}}
    monkeypatch.setattr(between, "MOST", 2)
    now = step(state, Change(files=files(more, folder)))
    assert now.snapshot.unranked == 3
    assert now.mined["a"].proposals is state.mined["a"].proposals
    ends_as_a_first_look(now, more)


def test_a_run_is_read_once_until_its_cohort_is_mined(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, state = start()
    state = replace(state, mined={key: replace(one, told={}) for key, one in state.mined.items()})
    folded = []
    real = between.fold
    monkeypatch.setattr(between, "fold", lambda trace, known: folded.append(trace.id) or real(trace, known))
    first = {**folder, f"{OTHERS[0].id}.json": OTHERS[0]}
    now = step(state, Change(files=files(first, folder)))
    step(now, Change(files=files({**first, f"{OTHERS[1].id}.json": OTHERS[1]}, first)))
    assert folded == [OTHERS[0].id, OTHERS[1].id]


def test_what_is_kept_up_is_not_made_anew_when_nothing_changes() -> None:
    folder, state = start()
    more = {**folder, f"{OTHERS[0].id}.json": OTHERS[0]}
    now = step(state, Change(files=files(more, folder)))
    later = step(now, Change(notices=("something",)))
    assert later.mined["a"].proposals is now.mined["a"].proposals
    assert later.snapshot.candidates[0] is now.snapshot.candidates[0]


def test_results_that_are_no_numbers_yet_are_kept_up_as_well() -> None:
    folder, state = start()
    cohort = state.mined["a"]
    plain = tuple(
        replace(
            one,
            candidate=one.candidate.replace(
                examples=tuple(one.candidate.examples),
                shadow=one.candidate.shadow.replace(traces=tuple(one.candidate.shadow.traces)),
            ),
        )
        for one in cohort.base
    )
    assert packed([plain[0].candidate])[0] == plain[0].candidate
    state = replace(state, mined={**state.mined, "a": replace(cohort, base=plain, told={})})
    more = {**folder, f"{OTHERS[0].id}.json": OTHERS[0]}
    is_kept_up(step(state, Change(files=files(more, folder))))
