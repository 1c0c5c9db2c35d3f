"""What a reviewer's rule takes out of a comparison, and what it leaves in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.shadow.compare import compare_trace
from core.shadow.differences import differences
from core.shadow.waivers import Waiver, joined
from tests.shadow.making import JSON, RUN_ID, action, candidate, replay, run

FLOW = candidate(run("t", action(output={"a": 1, "b": [1, 2]})))


@pytest.mark.parametrize(
    ("pointer", "covers"),
    [("/", True), ("/a", False), ("/b", True), ("/*", True), ("/b/0", True), ("/b/*", True), ("/b/1", False)],
)
def test_a_rule_covers_its_place_and_what_is_below(pointer: str, covers: bool):
    other = run("u", action(output={"a": 1, "b": [0, 2]}))
    waiver = Waiver(seq=7, step=1, pointer=pointer, reason="counted")
    found = compare_trace(FLOW, other, 0, [waiver])
    told = f"step 1 output {pointer}: counted (rule 7)"
    assert (found.passed, found.allowed) == (covers, (told,) if covers else None)
    assert [one.allowed for one in differences(FLOW, other, 0, [waiver])] == [told if covers else ""]


def test_a_rule_for_an_output_allows_nothing_else_of_its_step():
    other = run("u", action(output=None, side_effects=[{"kind": "k", "target": "t"}]))
    waiver = Waiver(seq=7, step=1, pointer="/")
    found = differences(FLOW, other, 0, [waiver])
    assert [(one.kind, bool(one.allowed)) for one in found] == [("side_effects", False), ("output", True)]
    assert not compare_trace(FLOW, other, 0, [waiver]).passed


def test_a_rule_for_receipts_counts_only_where_every_run_has_its_place():
    runs = [replay("r", {"n": 1}), replay("r", {"n": 2})]
    place = "/effect_receipts/0/n"
    rules = [Waiver(pointer=place, reason="x"), Waiver(pointer=place + "/m"), Waiver(step=1, pointer=place)]
    assert [rule.reason for rule in joined((RUN_ID,), rules, runs)] == [RUN_ID.reason, "x"]
    assert joined((), rules, [*runs, replay("r")]) == ()


def test_a_rule_is_about_its_own_step():
    flow = candidate(run("t", action("a", output=1), action("b", output=1)))
    other = run("u", action("a", output=2), action("b", output=2))
    first, second, third = (Waiver(seq=number, step=number, pointer="/", reason="x") for number in (1, 2, 3))
    assert [bool(one.allowed) for one in differences(flow, other, 0, [second])] == [False, True]
    assert compare_trace(flow, other, 0, [second]).details == ("step 1 deterministic output differs",)
    assert compare_trace(flow, other, 0, [second]).allowed == (str(second),)
    assert compare_trace(flow, other, 0, [first, second, third]).allowed == (str(first), str(second))
    assert compare_trace(flow, other, 0, [third]).allowed is None


def test_of_several_rules_one_that_expects_a_place_is_enough():
    other = run("u", action(output={"a": 1, "b": [0, 3]}))
    rules = [Waiver(seq=1, step=1, pointer="/b/0"), Waiver(seq=2, step=1, pointer="/b/1"), Waiver(step=1, pointer="/a")]
    found = compare_trace(FLOW, other, 0, rules)
    assert (found.passed, found.allowed) == (True, (str(rules[0]), str(rules[1])))
    assert not compare_trace(FLOW, other, 0, rules[1:]).passed


def test_only_a_rule_that_a_runs_receipts_need_is_named():
    flow = candidate(run("t", action()), receipts=({"n": 1, "m": 1},))
    rules = [Waiver(seq=n, pointer=f"/effect_receipts/0/{key}", reason="x") for n, key in ((1, "n"), (2, "m"))]
    other = run("u", action(), replay_run=replay("r", {"n": 2, "m": 1}), replay_allowlist=(RUN_ID,))
    found = compare_trace(flow, other, 0, rules)
    assert (found.passed, found.allowed) == (True, ("replay run /effect_receipts/0/n: x (rule 1)",))
    assert compare_trace(flow, other.replace(replay_run=replay("r", {"n": 1, "m": 1})), 0, rules).allowed is None


WAIVERS = st.builds(
    Waiver,
    step=st.sampled_from([None, 1, 2]),
    pointer=st.sampled_from(["/", "/a", "/*", "/0", "/a/0", "/effect_receipts/0", "/effect_receipts/*/a"]),
    reason=st.just("x"),
)
ACTIONS = st.builds(
    lambda output, effects: action(output=output, side_effects=effects),
    JSON,
    st.lists(st.fixed_dictionaries({"kind": st.sampled_from("pq")}), max_size=2),
)
RECEIPTS = st.none() | st.lists(JSON, max_size=2).map(lambda values: replay("r", *values))


@given(
    st.lists(ACTIONS, min_size=1, max_size=2),
    st.lists(ACTIONS, max_size=2),
    RECEIPTS,
    st.lists(JSON, max_size=2),
    st.lists(WAIVERS, max_size=2),
)
def test_all_differences_are_allowed_exactly_when_the_comparison_passes(wanted, seen, recorded, expected, waivers):
    flow = candidate(run("t", *wanted), receipts=tuple(expected))
    other = run("u", *seen, replay_run=recorded, replay_allowlist=(RUN_ID,))
    found = compare_trace(flow, other, 0, waivers)
    assert all(one.allowed for one in differences(flow, other, 0, waivers)) is found.passed
