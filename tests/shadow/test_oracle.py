from __future__ import annotations

import pytest

from core.model.candidate import Divergence, RunCounts
from core.model.jsontext import plain
from core.model.record import DecodeError
from core.model.trace import AllowRule, ReplayRun
from core.shadow.allowlist import apply_rules, values_at
from core.shadow.oracle import OracleError, OracleInput, replay_oracle
from tests.shadow.making import RUN_ID, replay


def given(first: ReplayRun, second: ReplayRun, *rules: AllowRule, **fields: object) -> OracleInput:
    return OracleInput(name="case", first_run=first, second_run=second, allowlist=(RUN_ID, *rules)).replace(**fields)


def rule(path: str, replacement: object = None, reason: str = "it varies") -> AllowRule:
    return AllowRule(path=path, reason=reason, replacement=replacement)


class TestVerdict:
    def test_runs_that_agree_pass_and_are_counted(self):
        report = replay_oracle(given(replay("1", {"a": 1}), replay("2", {"a": 1})))
        assert report.passed
        assert report.divergence is None
        assert report.first_run_counts == RunCounts(effect_receipts=1)

    @pytest.mark.parametrize(("second", "passed"), [({"a": 2}, True), ({"a": 1}, False)])
    def test_drift_passes_exactly_when_there_is_one(self, second: object, passed: bool):
        report = replay_oracle(given(replay("1", {"a": 1}), replay("2", second), expect="drift"))
        assert report.passed is passed

    @pytest.mark.parametrize(
        ("left", "right", "divergence"),
        [
            ({"a": 1}, {"a": 1.0}, ("/effect_receipts/0/a", 1, 1.0, "values differ")),
            ({"a": 1}, {"a": True}, ("/effect_receipts/0/a", 1, True, "values differ")),
            ({"a": None}, {}, ("/effect_receipts/0/a", None, None, "right run is missing this field")),
            ({}, {"a": None}, ("/effect_receipts/0/a", None, None, "left run is missing this field")),
            ([1], [], ("/effect_receipts/0/0", 1, None, "right run is missing this array element")),
            ([], [1], ("/effect_receipts/0/0", None, 1, "left run is missing this array element")),
            ({"é": 1, "z": 1}, {"é": 2, "z": 2}, ("/effect_receipts/0/z", 1, 2, "values differ")),
            ({"~/": 1}, {"~/": 2}, ("/effect_receipts/0/~0~1", 1, 2, "values differ")),
        ],
    )
    def test_first_divergence(self, left: object, right: object, divergence: tuple[str, object, object, str]):
        found = replay_oracle(given(replay("1", left), replay("2", right))).divergence
        path, before, after, message = divergence
        assert plain(found) == plain(Divergence(path=path, left=before, right=after, message=message))
        assert type(plain(found)["right"]) is type(after)


class TestRefusals:
    def test_they_come_in_the_order_of_the_specification(self):
        """Each line mends the fault before it, so the next one shows."""
        faulty = OracleInput(
            schema_version='v"2', first_run=ReplayRun(), second_run=replay("2"), allowlist=(AllowRule(),)
        )
        mending: list[tuple[dict[str, object], str]] = [
            ({}, 'unsupported replay trace schema_version "v\\"2"; expected harn.orchestration.replay_trace.v1'),
            ({"schema_version": OracleInput().schema_version}, "replay trace name cannot be empty"),
            ({"name": "case"}, "case must include run ids for both replay executions"),
            ({"first_run": replay("1", 1)}, "case must include replay trace material for both executions"),
            ({"second_run": replay("2", 1)}, "allowlist path cannot be empty"),
            ({"allowlist": (AllowRule(path="/x"),)}, "allowlist path /x must explain why the field"),
            ({"allowlist": (rule("/"),)}, "allowlist path cannot replace the whole run"),
            ({"allowlist": (rule("x"),)}, "allowlist path \"x\" must start with '/'"),
            ({"allowlist": (rule("/x/"),)}, 'allowlist path "/x/" contains an empty segment'),
            ({"allowlist": (rule("/x"),)}, "allowlist path /x did not match any replay field"),
        ]
        for change, message in mending:
            faulty = faulty.replace(**change)
            with pytest.raises(OracleError) as error:
                replay_oracle(faulty)
            assert message in str(error.value)

    def test_a_rule_must_match_in_both_runs(self):
        with pytest.raises(OracleError, match="did not match"):
            replay_oracle(given(replay("1", {"a": 1}), replay("2", {}), rule("/effect_receipts/0/a")))

    def test_an_unknown_expectation_is_no_input(self):
        with pytest.raises(DecodeError):
            OracleInput.decode({"expect": "Match"})


class TestAllowlist:
    @pytest.mark.parametrize("path", ["/l/0/x", "/l/+0/x", "/l/00/x", "/l/*/x", "/*/0/x", "/l/0/*"])
    def test_places(self, path: str):
        assert apply_rules({"l": [{"x": 1}]}, [rule(path, "R")]) == {"l": [{"x": "R"}]}

    @pytest.mark.parametrize("path", ["/l/1/x", "/l/-0/x", "/l/ 0/x", "/l/0/y", "/l/٠/x", "/l/" + "9" * 5000 + "/x"])
    def test_no_places(self, path: str):
        with pytest.raises(OracleError, match="did not match"):
            apply_rules({"l": [{"x": 1}]}, [rule(path)])

    def test_the_marker_names_the_rule(self):
        assert apply_rules({"a": 1}, [rule("/a")]) == {"a": {"$harn_replay_allowlisted": "/a"}}

    def test_escapes_are_undone_slash_first(self):
        assert apply_rules({"~1": 1, "a/b": 1}, [rule("/~01", 0), rule("/a~1b", 0)]) == {"~1": 0, "a/b": 0}

    def test_a_wildcard_does_not_need_every_element_to_match(self):
        assert apply_rules([{"x": 1}, {}, 3], [rule("/*/x", 0)]) == [{"x": 0}, {}, 3]

    def test_a_rule_works_on_what_the_one_before_left(self):
        rules = [rule("/a/*", {"x": 1}), rule("/a/0/x", 2)]
        assert apply_rules({"a": [0, 0]}, rules) == {"a": [{"x": 2}, {"x": 1}]}

    def test_the_given_value_stays(self):
        value = {"a": [{"b": 1}]}
        apply_rules(value, [rule("/a/0/b")])
        assert value == {"a": [{"b": 1}]}

    def test_values_at(self):
        assert values_at({"a": [1, 2]}, "/a/*") == [1, 2]
