"""crystallize, synthesize and the trajectory tap as a library."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crystallize import assess, crystallize, report_on
from core.model.candidate import Candidate, Parameter, Step
from core.model.errors import InputError
from core.model.jsontext import compact
from core.model.options import Options
from core.model.report import InputFormat, Report, SegmentSummary
from core.model.trace import AllowRule, ReplayRun, Trace
from core.synthesize import synthesize
from core.traces.turns import Turn
from core.trajectory import ingest, verified
from tests.traces.building import action, run

NOW = "2026-01-02T03:04:05Z"
small_runs = st.lists(st.lists(st.sampled_from("abc"), max_size=6), min_size=2, max_size=5)


def selected(report: Report) -> Candidate:
    assert report.selected is not None
    return report.selected


def test_time_is_an_argument_and_nothing_else_varies() -> None:
    runs = [run("1", "a", "b"), run("2", "a", "b")]
    report = crystallize(runs, now=NOW)
    assert (report.generated_at, selected(report).promotion.created_at) == (NOW, NOW)
    assert compact(crystallize(runs, now=NOW)) == compact(report)


@given(small_runs, st.randoms(use_true_random=False))
def test_the_order_of_runs_decides_only_who_comes_first(names: list[list[str]], shuffle: random.Random) -> None:
    runs = [run(str(number), *listed) for number, listed in enumerate(names)]
    moved = shuffle.sample(runs, len(runs))

    def told(report: Report) -> Any:
        listed = (*report.candidates, *report.rejected_candidates)
        return [(c.sequence_signature, {(e.trace_id, e.start_index) for e in c.examples}, c.confidence) for c in listed]

    assert told(crystallize(moved)) == told(crystallize(runs))


def test_too_few_runs() -> None:
    with pytest.raises(InputError, match=r"^crystallize requires at least 2 traces, got 1$"):
        crystallize([run("1", "a")], Options(min_examples=0))
    bad = run("2", "a", metadata={"policy_violation": True})
    with pytest.raises(InputError, match=r"^crystallize requires at least 2 eligible traces, got 1 \(excluded 1\)$"):
        crystallize([run("1", "a"), bad])


def test_shadow_runs_are_compared_and_never_mined() -> None:
    shadows = [run("s", "x", "a", "b"), run("bad", "a", "b", metadata={"policy_violation": True})]
    report = crystallize([run("1", "a", "b"), run("2", "a", "b")], shadow_traces=shadows)
    assert [result.trace_id for result in selected(report).shadow.traces] == ["1", "2", "s"]
    assert (report.source_trace_count, report.excluded_trace_count) == (2, 1)
    assert [example.trace_id for example in selected(report).examples] == ["1", "2"]


def test_nothing_that_repeats_is_no_candidate() -> None:
    report = crystallize([run("1", "a", "b"), run("2", "c", "d")])
    assert (report.candidates, report.rejected_candidates, report.selected_candidate_id) == ((), (), None)


def test_a_failing_comparison_rejects() -> None:
    shadow = run("s", "a", action("b", approval={"required": True}))
    report = crystallize([run("1", "a", "b"), run("2", "a", "b")], shadow_traces=[shadow])
    assert report.selected is None
    (rejected,) = report.rejected_candidates
    assert rejected.rejection_reasons == ("trace s failed shadow comparison",)
    assert rejected.promotion.criteria.status == "blocked"


def test_candidates_are_ranked() -> None:
    def made(name: str, confidence: float, steps: int, reasons: tuple[str, ...] = ()) -> Candidate:
        return Candidate(id=name, confidence=confidence, steps=(Step(),) * steps, rejection_reasons=reasons)

    listed = [made("a", 0.5, 9), made("b", 0.9, 1), made("c", 0.9, 2), made("d", 0.9, 2), made("x", 0.9, 9, ("no",))]
    report = report_on(listed, now=NOW, source_trace_count=1, input_format=InputFormat())
    assert [candidate.id for candidate in report.candidates] == ["c", "d", "b", "a"]
    assert report.selected_candidate_id == "c"
    assert [candidate.id for candidate in report.rejected_candidates] == ["x"]


@pytest.mark.parametrize(("given_name", "expected"), [(None, "a-b_c".replace("_", "-")), ("p_q", "p_q"), ("", "")])
def test_package_names(given_name: str | None, expected: str) -> None:
    assessed = assess(Candidate(name="a-b_c"), (), Options(package_name=given_name), NOW)
    assert assessed.promotion.package_name == expected


def test_synthesis_needs_an_action() -> None:
    with pytest.raises(InputError, match="at least one action"):
        synthesize(run("1"))


def test_extra_parameters_replace_found_ones() -> None:
    trace = run("1", action("a", parameters={"b": 1, "Version": 2}))
    extra = [Parameter(name="version", examples=("9",)), Parameter(name="aa")]
    made = selected(synthesize(trace, extra_parameters=extra, segment_summary=SegmentSummary(plain_language="p")))
    assert [(p.name, p.examples) for p in made.parameters] == [("aa", ()), ("b", ("1",)), ("version", ("9",))]
    assert made.promotion.criteria.min_examples == 1


@pytest.mark.parametrize(
    ("fields", "notes"),
    [
        ({"kind": "shell_failure"}, 1),
        ({"metadata": {"success": False, "recovery_hint": "x"}}, 2),
        ({"metadata": {"success": "false", "recovery_hint": " "}}, 0),
        ({"kind": "agent_recovery_advice", "metadata": {"recovery_hint": 3}}, 1),
    ],
)
def test_review_notes(fields: dict[str, Any], notes: int) -> None:
    assert len(selected(synthesize(run("1", action("a", **fields)))).steps[0].review_notes) == notes


def turns(*success: bool) -> list[Turn]:
    call = {"tool_name": "t", "status": "completed"}
    return [
        Turn.decode({"iteration": number, "success": good, "tool_calls": [call]}) for number, good in enumerate(success)
    ]


def test_no_segment_is_no_result() -> None:
    assert ingest([], "s") is None
    assert ingest(turns(True, False, True), "s") is None


def test_too_few_segments_are_synthesised_from_the_first() -> None:
    found = ingest(turns(True, True, False, True, True), "s", Options(min_examples=3))
    assert found is not None
    assert [trace.id for trace in found.traces] == ["s_trajectory_0_1"]
    assert found.report.input_format.preserved_fields[1] == "deterministic events"


def test_enough_segments_are_mined() -> None:
    found = ingest(turns(True, True, False, True, True), "s", workflow_id="w")
    assert found is not None
    assert len(found.traces) == len(selected(found.report).examples) == 2


def mined(*extra: str, **fields: Any) -> tuple[Report, list[Trace]]:
    steps = [action("a", output=1), action("b", output=2), *extra]
    runs = [run(name, *steps).replace(**fields) for name in "12"]
    return crystallize(runs, now=NOW), runs


def reason_after(report: Report, traces: list[Trace]) -> str | None:
    checked = verified(report, traces)
    if checked.selected is not None:
        assert checked.rejected_candidates == ()
        return None
    (rejected,) = checked.rejected_candidates
    assert (checked.candidates, checked.selected_candidate_id) == ((), None)
    return rejected.rejection_reasons[-1]


def test_the_verifier_lets_pass_what_holds() -> None:
    report, traces = mined()
    assert verified(report, traces) == report
    shifted = traces[1].replace(actions=(action("x"), *traces[1].actions))
    assert reason_after(report, [traces[0], shifted]) is None


def test_the_verifier_wants_the_sequence() -> None:
    report, traces = mined()
    missing = "trajectory verifier: candidate sequence not found in trace 2"
    assert reason_after(report, traces[:1]) == missing
    assert reason_after(report, [traces[0], run("2", "b", "a")]) == missing
    assert reason_after(report, [traces[0], run("2")]) == missing
    past = "trajectory verifier: candidate sequence extends past trace 2 actions"
    assert reason_after(report, [traces[0], run("2", "a")]) == past


def test_the_verifier_compares_outputs() -> None:
    report, traces = mined()
    other = run("2", action("a", output=1), action("b", output=2.0))
    assert reason_after(report, [traces[0], other]) == (
        "trajectory verifier: 1/2 deterministic steps diverged from trace 2 (tolerance 0.00)"
    )


def receipts(*values: object, rule: str = "/run_id") -> dict[str, Any]:
    return {
        "replay_run": ReplayRun(run_id="r", effect_receipts=values),
        "replay_allowlist": (AllowRule(path=rule, reason="fresh"),),
    }


def test_the_verifier_compares_receipts() -> None:
    report, traces = mined(**receipts({"n": 1}))
    name = selected(report).id
    assert reason_after(report, traces) is None
    assert reason_after(report, [traces[0], traces[1].replace(**receipts({"n": 2}))]) == (
        f"trajectory verifier: regenerated fixture diverged for {name}: /effect_receipts/0/n: values differ"
    )
    assert reason_after(report, [traces[0], traces[1].replace(**receipts({"n": 1}, rule="/nowhere"))]) == (
        f"trajectory verifier: oracle error for {name}: allowlist path /nowhere did not match any replay field"
    )
