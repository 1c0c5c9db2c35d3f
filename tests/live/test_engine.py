"""The engine: which runs take part, and that any series of changes ends where a cold start does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.live.changes import ChangeSet, FileProblem, LoadedFile, Stamp
from core.live.engine import Change, State, step
from core.live.globs import matches
from core.live.labels import unique_labels
from core.live.snapshot import CandidateView, JournalView, Snapshot
from core.model.decision import Decision
from core.model.jsontext import pretty, sha256_hex
from core.store.policy import Policy
from core.traces.decode import decode_trace
from tests.review.making import run


def loaded(unit: str, trace: dict[str, Any]) -> LoadedFile:
    data = pretty(trace)
    return LoadedFile(unit, Stamp(0, len(data), 0, 0), sha256_hex(data), len(data), decode_trace(data, unit))


def after(files: dict[str, dict[str, Any]], policy: Policy | None = None) -> Snapshot:
    change = ChangeSet({unit: loaded(unit, trace) for unit, trace in files.items()})
    return step(State(), Change(files=change, policy=policy)).snapshot


def names(view: CandidateView) -> list[str]:
    return [made.name for made in view.candidate.steps]


def test_runs_of_one_workflow_are_mined_together() -> None:
    files = {f"{w}{n}.json": run(f"{w}{n}", workflow=w) for w in ("a", "b") for n in range(3)}
    files["alone.json"] = run("alone", workflow="c")
    snapshot = after(files)
    assert sorted((view.cohort, view.cohort_runs) for view in snapshot.candidates) == [("a", 3), ("b", 3)]
    assert len({view.lineage for view in snapshot.candidates}) == 2
    together = after(files, Policy(cohort="none"))
    assert [view.cohort_runs for view in together.candidates] == [7]


def test_goal_groups_runs_when_the_policy_says_so() -> None:
    files = {f"{n}.json": run(f"r{n}", workflow=f"w{n}", metadata={"goal": "ship"}) for n in range(3)}
    assert not after(files).candidates
    (view,) = after(files, Policy(cohort="goal")).candidates
    assert view.cohort == "ship"


def test_a_goal_of_each_run_leaves_nothing_when_the_run_is_gone() -> None:
    def said(number: int) -> ChangeSet:
        files = [loaded(f"{n}.json", run(f"r{n}", metadata={"goal": f"goal {number} {n}"})) for n in range(3)]
        return ChangeSet({file.unit: file for file in files})

    state = step(State(), Change(files=said(0), policy=Policy(mode="exact")))
    assert state.shelf is not None
    texts = state.shelf.library.names.texts
    before = list(texts)
    for number in range(1, 4):
        state = step(state, Change(files=said(number)))
        assert f"goal {number} 0" in pretty(state.snapshot.candidates[0].candidate).decode()
    assert texts == before == ["release"]


def test_shadow_runs_are_compared_with_every_cohort_and_never_mined() -> None:
    files = {f"{n}.json": run(f"r{n}") for n in range(3)}
    files["shadow/x/s.json"] = run("s", workflow="elsewhere")
    (view,) = after(files).candidates
    assert [example.trace_id for example in view.candidate.examples] == ["r0", "r1", "r2"]
    assert [result.trace_id for result in view.candidate.shadow.traces] == ["r0", "r1", "r2", "s"]


def test_of_equal_ids_the_first_by_path_counts() -> None:
    files = {"b/x.json": run("same"), "b.json": run("same"), "c.json": run("other")}
    snapshot = after(files)
    (problem,) = snapshot.problems
    assert (problem.state, problem.unit, problem.reason) == ("excluded", "b.json", "duplicate id of b/x.json")
    assert (snapshot.loaded, snapshot.excluded) == (2, 1)


def test_a_policy_violation_is_excluded_with_its_place() -> None:
    bad = run("bad")
    bad["actions"][1]["metadata"] = {"policy_status": "unresolved"}
    (problem,) = after({"bad.json": bad}).problems
    assert problem.rule == "policy violation"
    assert problem.place == "actions[1].metadata.policy_status"


def test_several_candidates_in_a_cohort_do_not_overlap() -> None:
    files = {}
    for number in range(4):
        both = run(f"r{number}")
        tail = run("tail")["actions"]
        both["actions"] += [{**a, "id": f"t{i}", "name": f"clean_{a['name']}"} for i, a in enumerate(tail)]
        if number % 2:
            both["actions"] = both["actions"][3:] + both["actions"][:3]
        files[f"{number}.json"] = both
    found = [names(view) for view in after(files).candidates]
    assert sorted(found) == [["build", "test", "publish"], ["clean_build", "clean_test", "clean_publish"]]


def test_a_settling_file_keeps_its_last_good_version() -> None:
    state = step(State(), Change(files=ChangeSet({f"{n}.json": loaded(f"{n}.json", run(f"r{n}")) for n in range(3)})))
    settling = FileProblem("settling", "1.json", "invalid JSON", "cut")
    state = step(state, Change(files=ChangeSet(problems={"1.json": settling})))
    assert (state.snapshot.loaded, state.snapshot.settling) == (3, 1)
    broken = replace(settling, state="quarantined")
    state = step(state, Change(files=ChangeSet(problems={"1.json": broken})))
    assert (state.snapshot.loaded, state.snapshot.settling, state.snapshot.quarantined) == (2, 0, 1)
    state = step(state, Change(files=ChangeSet(gone=frozenset({"1.json"}))))
    assert (state.snapshot.loaded, state.snapshot.problems) == (2, ())


def test_the_behaviour_does_not_depend_on_which_file_sorts_first() -> None:
    first, second = run("x"), run("y")
    first["actions"][0].update(capabilities=["fs.read"], deterministic=None)
    second["actions"][0].update(capabilities=["net"], approval={"boundary": "b", "prompt": "sure?"})
    first["actions"][0]["approval"] = {"boundary": "a", "approver": "ann"}
    one = after({"1.json": first, "2.json": second}).candidates[0]
    other = after({"2.json": first, "1.json": second}).candidates[0]
    assert one.candidate.id != other.candidate.id
    assert one.behaviour_digest == other.behaviour_digest


def test_every_part_of_what_would_run_changes_the_behaviour_digest() -> None:
    def digest(**changes: Any) -> str:
        files = {}
        for number in range(2):
            files[f"{number}.json"] = trace = run(f"r{number}")
            trace["actions"][2].update(changes)
        (view,) = after(files).candidates
        return view.behaviour_digest

    different: list[dict[str, Any]] = [
        {},
        {"observed_output": 1},
        {"observed_output": 1.0},
        {"required_secrets": ["TOKEN"]},
        {"capabilities": ["publish", "net"]},
        {"side_effects": [{"kind": "x", "target": "y"}]},
        {"approval": {"required": True}},
        {"approval": {"required": True, "boundary": "b"}},
        {"fuzzy": True, "side_effects": []},
        {"name": "other"},
    ]
    assert len({digest(**changes) for changes in different}) == len(different)
    assert digest(approval={"required": True, "prompt": "now?"}) == digest(approval={"required": True})


UNITS = st.sampled_from(["a.json", "b.json", "c/d.json", "shadow/e.json", "f.json"])
IDS = st.sampled_from(["r1", "r2", "r3", "r4"])
RUNS = st.builds(
    lambda name, version, workflow, cut: {
        **run(name, version, workflow=workflow),
        "actions": run(name)["actions"][cut:],
    },
    IDS,
    st.sampled_from(["1", "2"]),
    st.sampled_from(["w", "v"]),
    st.integers(0, 1),
)
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), UNITS, RUNS),
        st.tuples(st.just("break"), UNITS, st.none()),
        st.tuples(st.just("remove"), UNITS, st.none()),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_any_series_of_changes_ends_in_the_cold_start(events: list[tuple[str, str, Any]]) -> None:
    state, present, broken = State(), {}, {}
    for kind, unit, trace in events:
        present.pop(unit, None)
        broken.pop(unit, None)
        if kind == "put":
            present[unit] = loaded(unit, trace)
            change = ChangeSet({unit: present[unit]})
        elif kind == "break":
            broken[unit] = FileProblem("quarantined", unit, "invalid JSON", "cut")
            change = ChangeSet(problems={unit: broken[unit]})
        else:
            change = ChangeSet(gone=frozenset({unit}))
        state = step(state, Change(files=change))
    assert state.snapshot == step(State(), Change(files=ChangeSet(present, broken))).snapshot


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(5)), st.lists(RUNS, min_size=5, max_size=5))
def test_the_order_of_arrival_does_not_matter(order: list[int], runs: list[Any]) -> None:
    files = {f"{n}.json": loaded(f"{n}.json", trace) for n, trace in enumerate(runs)}
    state = State()
    for number in order:
        state = step(state, Change(files=ChangeSet({f"{number}.json": files[f"{number}.json"]})))
    assert state.snapshot == step(State(), Change(files=ChangeSet(files))).snapshot


def test_globs() -> None:
    assert matches("shadow/a/b.json", ["shadow/**"])
    assert matches("x/shadow/b.json", ["**/shadow/*.json"])
    assert matches("shadow/b.json", ["**/shadow/*.json"])
    assert not matches("shadowy/b.json", ["shadow/**"])
    assert not matches("a/b.json", ["*.json"])
    assert matches("a.json", ["?.json"])


def test_equal_labels_are_told_apart() -> None:
    labels = unique_labels(
        {"lineage_aa": ("go", "w"), "lineage_bb": ("go", "v"), "lineage_cc": ("go", "w"), "lineage_dd": ("stop", "w")}
    )
    assert len(set(labels.values())) == 4
    assert labels["lineage_dd"] == "stop"
    assert labels["lineage_bb"] == "go · v"


def test_a_run_that_lies_about_its_source_is_mined_again() -> None:
    files = {f"{n}.json": loaded(f"{n}.json", run(f"r{n}", source_hash="same")) for n in range(3)}
    changed = {}
    for unit in files:
        trace = run(f"r{unit[0]}", source_hash="same")
        trace["actions"][1]["observed_output"] = {"failed": 7}
        changed[unit] = loaded(unit, trace)
    state = step(step(State(), Change(files=ChangeSet(files))), Change(files=ChangeSet(changed)))
    assert state.snapshot == step(State(), Change(files=ChangeSet(changed))).snapshot
    assert state.snapshot.candidates[0].candidate.steps[1].expected_output == {"failed": 7}


def test_what_did_not_change_is_not_derived_again() -> None:
    files = {f"{w}{n}.json": loaded(f"{w}{n}.json", run(f"{w}{n}", workflow=w)) for w in "ab" for n in range(3)}
    before = step(State(), Change(files=ChangeSet(files)))
    one, other = before.snapshot.candidates
    said = Decision(seq=1, actor="ann", kind="approve", lineage=one.lineage, behaviour_digest=one.behaviour_digest)
    after = step(before, Change(journal=JournalView((said.replace(detail={"cohort": one.cohort}),))))
    assert after.parts is before.parts
    assert all(after.mined[cohort] is mined for cohort, mined in before.mined.items())
    assert after.viewed[other.lineage] is before.viewed[other.lineage]
    assert {v.lineage: v.status for v in after.snapshot.candidates} == {
        one.lineage: "ready",
        other.lineage: "needs_approval",
    }
    allowed = Decision(seq=2, kind="allow", lineage=one.lineage, detail={"cohort": one.cohort, "pointer": "/x"})
    ruled = step(after, Change(journal=JournalView((*after.journal.decisions, allowed))))
    assert ruled.mined[one.cohort] is not after.mined[one.cohort]
    assert ruled.mined[other.cohort] is after.mined[other.cohort]
