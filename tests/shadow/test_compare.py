from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.trace import Action, AllowRule, Trace
from core.shadow.compare import Pool, compare_trace, shadow_compare
from core.shadow.differences import MISSING, Difference, differences
from tests.shadow.making import JSON, RUN_ID, action, candidate, replay, run

WRITE = {"kind": "file_write", "target": "a.txt"}
BUILD, TEST = action("build", output=1), action("test", side_effects=[WRITE])
FIRST = run("t1", BUILD, TEST)
FLOW = candidate(FIRST)


class TestPool:
    def test_examples_come_first_then_every_other_run_in_which_it_occurs(self):
        later = run("t0", action("lint"), BUILD, TEST, BUILD, TEST)
        other = run("t9", TEST, BUILD)
        report = shadow_compare(FLOW, [later, other, FIRST])
        assert [result.trace_id for result in report.traces] == ["t1", "t0"]
        assert report.compared_traces == 2
        assert report.passed
        assert report.failures == ()

    def test_a_run_that_is_not_there(self):
        report = shadow_compare(FLOW, [])
        assert report.failures == ("missing source trace t1",)
        assert report.traces == ()
        assert not report.passed

    def test_of_equal_ids_the_first_counts_and_is_compared_once(self):
        twin = run("t1", BUILD, action("test"))
        report = shadow_compare(FLOW, [twin, FIRST, FIRST])
        assert [(result.trace_id, result.passed) for result in report.traces] == [("t1", False)]
        assert report.failures == ("trace t1 failed shadow comparison",)

    def test_each_example_is_compared_at_its_own_start(self):
        moved = candidate(run("t2", action("lint"), BUILD, TEST), start=1)
        assert shadow_compare(moved, [run("t2", BUILD, TEST, BUILD)]).failures
        assert shadow_compare(moved, [run("t2", action("x"), BUILD, TEST)]).passed

    def test_other_runs_are_compared_at_the_first_occurrence(self):
        twice = run("t2", BUILD, action("test"), BUILD, TEST)
        assert shadow_compare(FLOW, [FIRST, twice]).failures == ("trace t2 failed shadow comparison",)

    def test_a_pool_gives_what_its_runs_give(self):
        runs = (FIRST, run("t2", BUILD, action("test")))
        assert shadow_compare(FLOW, Pool(runs)) == shadow_compare(FLOW, runs)


class TestDetails:
    @pytest.mark.parametrize(
        ("actions", "details"),
        [
            ((BUILD,), ["candidate sequence extends past trace action list"]),
            ((BUILD, action("deploy", side_effects=[WRITE])), ["action sequence signature changed"]),
            (
                (BUILD, action("test", parameters={"p": 1}, side_effects=[WRITE])),
                ["action sequence signature changed"],
            ),
            (
                (BUILD, action("test", side_effects=[WRITE | {"metadata": {"n": 1}}])),
                ["step 2 side effects differ for action id-test"],
            ),
            ((BUILD, action("test")), ["step 2 side effects differ for action id-test"]),
            ((BUILD, action("test", side_effects=[WRITE, {}, WRITE])), []),
            ((action("build", output=1.0), TEST), ["step 1 deterministic output differs"]),
            ((action("build", output=2, observed_output=1), TEST), []),
            ((action("build", output=1, approval={}), TEST), ["step 1 approval boundary differs"]),
            (
                (action("build", approval={"required": True}), action("deploy")),
                [
                    "action sequence signature changed",
                    "step 1 approval boundary differs",
                    "step 1 deterministic output differs",
                    "step 2 side effects differ for action id-deploy",
                ],
            ),
        ],
    )
    def test_in_order(self, actions: tuple[Action, ...], details: list[str]):
        result = compare_trace(FLOW, run("t", *actions), 0)
        assert list(result.details) == details
        assert result.passed is (not details)

    def test_outputs_of_fuzzy_steps_and_unknown_outputs_are_not_compared(self):
        fuzzy = FLOW.replace(steps=(FLOW.steps[0].replace(segment="fuzzy"), FLOW.steps[1]))
        changed = run("t", action("build", output=2), action("test", output="new", side_effects=[WRITE]))
        assert compare_trace(fuzzy, changed, 0).passed

    def test_whether_approval_is_required_counts_not_who_is_asked(self):
        asked = candidate(run("t", action("build", approval={"required": True, "prompt": "A?"})))
        assert compare_trace(asked, run("u", action("build", approval={"required": True, "prompt": "B?"})), 0).passed
        assert not compare_trace(asked, run("u", action("build", approval={"required": False})), 0).passed


def receipts(*values: object, rules: tuple[AllowRule, ...] = (RUN_ID,)) -> Trace:
    return FIRST.replace(replay_run=replay("r", *values), replay_allowlist=rules)


class TestReceipts:
    WANTED = FLOW.replace(expected_receipts=({"n": 1},))

    def test_nothing_to_compare(self):
        result = compare_trace(FLOW, receipts(), 0)
        assert (result.compared_receipts, result.replay_oracle) == (0, None)
        assert compare_trace(self.WANTED, FIRST, 0).replay_oracle is None

    def test_they_agree(self):
        result = compare_trace(self.WANTED, receipts({"n": 1}), 0)
        assert result.passed
        assert result.compared_receipts == 1
        assert result.replay_oracle is not None
        assert result.replay_oracle.name == "flow_shadow_receipts_t1"

    def test_they_differ(self):
        result = compare_trace(self.WANTED, receipts({"n": 2}, {"n": 3}), 0)
        assert result.details == ("receipt replay diverged at /effect_receipts/0/n: values differ",)
        assert result.compared_receipts == 2

    def test_material_that_cannot_be_judged_is_a_divergence_at_the_root(self):
        result = compare_trace(self.WANTED, receipts({"n": 1}, rules=(AllowRule(path="/x", reason="r"),)), 0)
        assert result.details == ("receipt replay diverged at /: allowlist path /x did not match any replay field",)
        assert result.replay_oracle is not None
        assert not result.replay_oracle.passed

    def test_they_are_compared_even_when_the_run_is_too_short(self):
        short = receipts({"n": 2}).replace(actions=(BUILD,))
        assert [d.split(" ")[0] for d in compare_trace(self.WANTED, short, 0).details] == ["candidate", "receipt"]


class TestDifferences:
    def test_every_place_of_an_output_is_told(self):
        flow = candidate(run("t", action(output={"a": 1, "b": [1, 2]})))
        found = differences(flow, run("u", action(output={"a": "1", "b": [1], "c": None})), 0)
        assert [(d.kind, d.step, d.pointer, d.expected, d.observed) for d in found] == [
            ("output", 1, "/a", 1, "1"),
            ("output", 1, "/b/1", 2, MISSING),
            ("output", 1, "/c", MISSING, None),
        ]
        assert [d.message for d in found] == [
            "step 1 output differs at /a",
            "step 1 output differs at /b/1: missing in the run",
            "step 1 output differs at /c: only in the run",
        ]

    def test_every_receipt_is_told_and_the_oracles_is_marked(self):
        flow = FLOW.replace(expected_receipts=({"n": 1}, {"m": 2}))
        found = differences(flow, receipts({"n": 2}, {"m": 2}, {"new": 0}), 0)
        assert [(d.pointer, d.expected, d.observed, d.first) for d in found] == [
            ("/effect_receipts/0/n", 1, 2, True),
            ("/effect_receipts/2", MISSING, {"new": 0}, False),
        ]

    def test_an_extra_side_effect_does_not_shift_the_others(self):
        effects = [{"kind": "k", "target": name} for name in "bcd"]
        flow = candidate(run("t", action(side_effects=effects)))
        found = differences(flow, run("u", action(side_effects=[{"kind": "k", "target": "a"}, *effects])), 0)
        assert [(d.kind, d.pointer, d.expected is MISSING) for d in found] == [("side_effects", "/3", True)]
        assert found[0].observed["target"] == "a"

    def test_a_changed_side_effect_is_told_by_its_field(self):
        found = differences(FLOW, run("u", BUILD, action("test", side_effects=[WRITE | {"target": "b"}])), 0)
        assert [(d.step, d.pointer, d.expected, d.observed) for d in found] == [(2, "/0/target", "a.txt", "b")]

    def test_a_step_that_is_another_action(self):
        found = differences(FLOW, run("u", BUILD, action("deploy", side_effects=[WRITE])), 0)
        assert found == (
            Difference(2, "signature", "/", "tool_call:test:", "tool_call:deploy:", "step 2 is another action"),
        )

    def test_a_run_that_ends_too_early(self):
        assert differences(FLOW, run("u", BUILD), 0) == (
            Difference(None, "extent", "/", 2, 1, "the run ends after 1 of 2 steps"),
        )

    def test_an_approval_point_that_is_gone(self):
        asked = candidate(run("t", action(approval={"required": True})))
        found = differences(asked, run("u", action()), 0)
        assert [(d.kind, d.expected, d.observed) for d in found] == [("approval", True, MISSING)]

    def test_receipts_that_cannot_be_judged(self):
        flow = FLOW.replace(expected_receipts=({"n": 1},))
        found = differences(flow, receipts({"n": 1}, rules=(AllowRule(path="/run_id"),)), 0)
        assert [(d.kind, d.pointer, d.first) for d in found] == [("receipts", "/", True)]
        assert "must explain why" in found[0].message

    ACTIONS = st.builds(
        lambda name, output, effects, approval: action(name, output=output, side_effects=effects, approval=approval),
        st.sampled_from(["x", "y"]),
        JSON,
        st.lists(
            st.fixed_dictionaries({"kind": st.sampled_from("pq"), "metadata": st.dictionaries(st.just("m"), JSON)}),
            max_size=3,
        ),
        st.none() | st.builds(dict, required=st.booleans()),
    )
    RECEIPTS = st.none() | st.lists(JSON, max_size=2).map(lambda values: replay("r", *values))

    @given(
        st.lists(ACTIONS, min_size=1, max_size=3), st.lists(ACTIONS, max_size=3), RECEIPTS, st.lists(JSON, max_size=2)
    )
    def test_none_exactly_when_the_comparison_passes(self, wanted, seen, recorded, expected):
        flow = candidate(run("t", *wanted), receipts=tuple(expected))
        other = run("u", *seen, replay_run=recorded, replay_allowlist=(RUN_ID,))
        assert (differences(flow, other, 0) == ()) is compare_trace(flow, other, 0).passed

    @given(RECEIPTS, st.lists(JSON, max_size=2))
    def test_the_marked_one_is_the_oracles(self, recorded, expected):
        flow = FLOW.replace(expected_receipts=tuple(expected))
        other = FIRST.replace(replay_run=recorded, replay_allowlist=(RUN_ID,))
        marked = [d.pointer for d in differences(flow, other, 0) if d.first]
        oracle = compare_trace(flow, other, 0).replay_oracle
        assert marked == ([oracle.divergence.path] if oracle and oracle.divergence else [])
