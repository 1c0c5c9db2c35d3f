"""Keeping up with changes: known candidates exact at once, everything as after a cold start once it is ranked anew."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from hashlib import sha256
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import rows
from core.columns.again import Reader, VanishedError
from core.columns.encode import Encoder
from core.columns.of_trace import facts_of
from core.columns.segment import Row
from core.live.changes import ChangeSet, LoadedFile, Stamp
from core.live.engine import Change, State, step
from core.live.snapshot import JournalView
from core.live.taking import LOOK_EVERY, QUIET, patience, taken
from core.model.decision import Decision
from core.model.jsontext import canonical
from core.promotion.rules import rules_for
from core.store.policy import Policy
from tests.columns.making import made, run_fields

STAMP = Stamp(1, 2, 3, 4)
UNITS = ("a.json", "b.json", "c/a.json", "c.json", "d.json", "shadow/a.json", "shadow/b.json", "z/z/z.json")
POLICIES = st.sampled_from(
    [Policy(mode="exact"), Policy(mode="exact", cohort="none"), Policy(mode="exact", cohort="goal")]
)


@pytest.fixture(autouse=True, scope="module")
def in_small_steps():
    """What is taken up again for very many runs is taken up for a few."""
    with (
        patch("core.columns.begun.EVERY", 1),
        patch("core.columns.rows._AT_ONCE", 2),
        patch("core.live.shelf.MOST_SMALL", 1),
        patch("core.live.shelf._AT_ALL", 3),
    ):
        yield


class Disk:
    """What the engine may read again."""

    def __init__(self):
        self.runs = {}

    def read(self, unit, digest):
        found = self.runs.get(unit)
        if found is None or found[0] != digest:
            raise VanishedError(unit)
        return found[1]

    @property
    def reader(self):
        return Reader(self.read)

    def file(self, unit, fields, how):
        """A file with a run, as one of the ways to read hands it over."""
        trace = made(fields, 0 if "same" in fields else unit)
        if "same" not in fields:
            trace = trace.replace(id=f"run of {unit}")
        digest = sha256(canonical(trace)).hexdigest()
        self.runs[unit] = (digest, trace)
        if how == "trace":
            return LoadedFile(unit, STAMP, digest, 9, trace)
        if how == "facts":
            return LoadedFile(unit, STAMP, digest, 9, facts=facts_of(trace))
        encoder = Encoder()
        encoder.add(unit, (1, 2, 3, 4), digest, 9, facts_of(trace))
        return LoadedFile(unit, STAMP, digest, 9, row=Row(encoder.finish(), 0))


EVENT = st.tuples(
    st.dictionaries(
        st.sampled_from(UNITS), st.tuples(run_fields, st.sampled_from(["trace", "facts", "row"])), max_size=4
    ),
    st.sets(st.sampled_from(UNITS), max_size=2),
    st.booleans(),
)


def told(snapshot):
    return (
        [canonical(view.candidate) for view in snapshot.candidates],
        [(v.lineage, v.label, v.status, v.behaviour_digest, v.evidence_digest, v.risk) for v in snapshot.candidates],
        [(v.reasons, v.warnings, v.approvable, v.cohort_runs) for v in snapshot.candidates],
        dict(snapshot.runs),
        snapshot.problems,
        (snapshot.loaded, snapshot.excluded),
    )


@settings(max_examples=60, deadline=None)
@given(POLICIES, st.lists(EVENT, min_size=1, max_size=6))
def test_after_any_series_of_changes_it_is_as_after_a_cold_start(policy, events):
    disk = Disk()
    state = State(policy=policy, read=disk.reader)
    for loaded, gone, rank in events:
        files = {unit: disk.file(unit, fields, how) for unit, (fields, how) in loaded.items()}
        for unit in gone - loaded.keys():
            disk.runs.pop(unit, None)
        state = step(state, Change(files=ChangeSet(files, {}, frozenset(gone - loaded.keys()))), rank=rank)
        # What was taken over from the time before is what would be made anew.
        forgetful = {cohort: replace(mined, made={}, fingerprint=()) for cohort, mined in state.mined.items()}
        again = step(replace(state, mined=forgetful, viewed={}), Change(), rank=False)
        if not state.snapshot.unranked:
            assert told(again.snapshot) == told(state.snapshot)
    state = step(state, Change())
    assert state.snapshot.unranked == 0
    cold = State(policy=policy, read=disk.reader)
    files = {unit: LoadedFile(unit, STAMP, digest, 9, trace) for unit, (digest, trace) in disk.runs.items()}
    assert told(step(cold, Change(files=ChangeSet(files))).snapshot) == told(state.snapshot)


def runs(disk, numbers, names="ab"):
    return {
        f"{n}.json": disk.file(f"{n}.json", {"actions": [{"name": name, "kind": "k"} for name in names]}, "facts")
        for n in numbers
    }


def test_a_new_run_counts_for_known_candidates_at_once_and_says_that_the_ranking_is_older():
    disk = Disk()
    state = step(State(policy=Policy(mode="exact"), read=disk.reader), Change(files=ChangeSet(runs(disk, range(3)))))
    state = taken(state, ChangeSet(runs(disk, [7])), first=False)
    (view,) = state.snapshot.candidates
    assert (len(view.candidate.examples), state.snapshot.unranked) == (4, 1)
    state = taken(state, ChangeSet(runs(disk, [8, 9], "xy")), first=False)
    assert (len(state.snapshot.candidates), state.snapshot.unranked, patience(state)) == (1, 3, QUIET)
    state = taken(state, None, first=False)
    assert (len(state.snapshot.candidates), state.snapshot.unranked, patience(state)) == (2, 0, LOOK_EVERY)
    assert taken(state, None, first=False) is state


def test_an_id_is_gone_on_with_from_the_same_runs_before_and_after_ranking():
    disk, begins, hashed = Disk(), [], rows.hashed
    fields = {"actions": [{"name": name, "kind": "k"} for name in "ab"]}
    files = {unit: disk.file(unit, fields, "row") for unit in ("0.json", "1.json", "2.json")}
    state = step(State(policy=Policy(mode="exact"), read=disk.reader), Change(files=ChangeSet(files)))

    def watched(library, runs, parts, begin=0):
        begins.append(begin)
        return hashed(library, runs, parts, begin)

    with patch.object(rows, "hashed", watched):
        for number in (7, 8, 9):
            state = taken(state, ChangeSet(runs(disk, [number])), first=False)
            state = taken(state, None, first=False)
    assert len(begins) >= 3
    assert min(begins) == len(files)


def test_a_run_that_is_no_longer_there_when_it_is_needed_counts_as_gone():
    disk = Disk()
    files = runs(disk, range(4))
    disk.runs["0.json"] = ("another digest", disk.runs["0.json"][1])
    state = step(State(policy=Policy(mode="exact"), read=disk.reader), Change(files=ChangeSet(files)))
    assert state.vanished == {"0.json"}
    assert state.snapshot.loaded == 3
    assert step(state, Change()).vanished == {"0.json"}, "nobody has asked for it again yet"


@pytest.mark.parametrize("count", [3, 20])
def test_runs_that_come_one_by_one_are_put_together(count):
    disk = Disk()
    state = State(policy=Policy(mode="exact"), read=disk.reader)
    for number in range(count):
        state = step(state, Change(files=ChangeSet(runs(disk, [number]))))
    assert state.snapshot.loaded == count
    assert len(state.shelf.library.volumes) <= 9
    assert list(state.shelf.units) == sorted(state.files)


def test_runs_that_came_one_by_one_stand_together_once_nothing_comes():
    disk = Disk()
    state = State(policy=Policy(mode="exact"), read=disk.reader)
    for number in (4, 1, 3):
        state = taken(state, ChangeSet(runs(disk, [number])), first=number == 4)
    assert len(state.shelf.library.volumes) == 3
    before = state.snapshot
    state = taken(state, None, first=False)
    assert len(state.shelf.library.volumes) == 1
    assert state.shelf.units == ["1.json", "3.json", "4.json"]
    assert (dict(state.snapshot.runs), len(state.snapshot.candidates)) == (dict(before.runs), 1)
    state = taken(state, ChangeSet(runs(disk, [2])), first=False)
    assert len(state.snapshot.candidates[0].candidate.examples) == 4
    assert sorted(state.shelf.kept) == [f"{number}.json" for number in (1, 2, 3, 4)]
    with patch("core.live.shelf.SMALL", 4):
        state = taken(state, None, first=False)
    assert (len(state.shelf.library.volumes), state.shelf.kept) == (1, {}), "it is no small one any more"


def test_another_mode_and_back_shows_the_same():
    disk = Disk()
    state = step(State(policy=Policy(mode="exact"), read=disk.reader), Change(files=ChangeSet(runs(disk, range(3)))))
    general = step(state, Change(policy=Policy(mode="generalised")))
    assert (general.shelf, general.snapshot.loaded) == (state.shelf, 3)
    back = step(general, Change(policy=Policy(mode="exact")))
    assert told(back.snapshot) == told(state.snapshot)


def test_a_former_state_is_let_go_of_at_once():
    disk = Disk()
    first = step(State(policy=Policy(mode="exact"), read=disk.reader), Change(files=ChangeSet(runs(disk, range(6)))))
    gc.collect()
    gc.disable()
    try:
        former = weakref.ref(first.parts)
        second = step(first, Change(files=ChangeSet(runs(disk, range(6, 8)))))
        del first
        assert second.snapshot.loaded == 8
        assert former() is None
    finally:
        gc.enable()


def test_runs_that_went_are_ranked_without_as_well():
    disk = Disk()
    files = runs(disk, range(3), "abc") | runs(disk, range(3, 9), "ab")
    state = step(State(policy=Policy(mode="exact"), read=disk.reader), Change(files=ChangeSet(files)))
    for number in range(3, 9):
        del disk.runs[f"{number}.json"]
    gone = frozenset(f"{number}.json" for number in range(3, 9))
    state = taken(state, ChangeSet(gone=gone), first=False)
    assert state.snapshot.unranked == 6
    state = taken(state, None, first=False)
    cold = {unit: LoadedFile(unit, STAMP, digest, 9, trace) for unit, (digest, trace) in disk.runs.items()}
    again = step(State(policy=Policy(mode="exact"), read=disk.reader), Change(files=ChangeSet(cold)))
    assert state.snapshot.unranked == 0
    assert told(state.snapshot) == told(again.snapshot)


def test_for_each_candidate_only_decisions_about_rules_are_gone_through():
    disk = Disk()
    made_of = [Decision(seq=number, kind="needs_work", lineage=f"lineage_{number}") for number in range(1, 6)]
    allowed = Decision(seq=6, kind="allow", lineage="lineage_1")
    change = Change(files=ChangeSet(runs(disk, range(3))), journal=JournalView(decisions=(*made_of, allowed)))
    with patch("core.live.ranking.rules_for", wraps=rules_for) as asked:
        assert step(State(policy=Policy(mode="exact"), read=disk.reader), change).mined
    assert {decision.kind for call in asked.call_args_list for decision in call.args[2]} == {"allow"}
