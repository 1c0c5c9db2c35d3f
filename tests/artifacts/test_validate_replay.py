from __future__ import annotations

import json
from typing import Any

import pytest

from core.artifacts.bundle import bundle_files
from core.artifacts.read import BundleError
from core.artifacts.redact import Redactor
from core.artifacts.replay import replay_bundle
from core.artifacts.validate import validate_bundle
from core.model.jsontext import plain
from core.model.trace import AllowRule
from core.traces.errors import TraceError
from tests.artifacts.making import RUNS, bump, leaky, rejected, report, safe_bundle_files
from tests.shadow.making import RUN_ID, replay

FILES = bundle_files(report(), RUNS)
FLAGS = ("manifest_ok", "workflow_ok", "report_ok", "eval_pack_ok", "fixtures_ok", "redaction_ok")


def edited(name: str, *place: str | int, value: Any, files: dict[str, bytes] = FILES) -> dict[str, bytes]:
    """The bundle with one value of a JSON file changed."""
    whole = inner = json.loads(files[name])
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    return files | {name: json.dumps(whole).encode()}


def without(name: str) -> dict[str, bytes]:
    return {path: data for path, data in FILES.items() if path != name}


class TestValidate:
    def test_a_good_bundle(self):
        found = plain(validate_bundle(FILES, "dir"))
        assert list(found) == [
            "bundle_dir", "schema", "schema_version", "kind", "candidate_id", *FLAGS, "problems",
        ]  # fmt: skip
        assert found["bundle_dir"] == "dir"
        assert all(found[flag] for flag in FLAGS)
        assert found["problems"] == []
        assert validate_bundle(bundle_files(rejected(), RUNS), "dir").problems == ()

    @pytest.mark.parametrize(
        ("files", "flag", "problem"),
        [
            (without("workflow.harn"), "workflow_ok", 'missing workflow file "workflow.harn"'),
            (without("report.json"), "report_ok", "failed to read bundle report dir/report.json: "),
            (FILES | {"report.json": b"{}}"}, "report_ok", "failed to decode bundle report dir/report.json: "),
            (FILES | {"report.json": b"[]"}, "report_ok", "failed to decode bundle report dir/report.json: "),
            (edited("report.json", "version", value="1"), "report_ok", "failed to decode bundle report"),
            (without("harn.eval.toml"), "eval_pack_ok", 'missing eval pack file "harn.eval.toml"'),
            (without("fixtures/t2.json"), "fixtures_ok", 'missing fixture file "fixtures/t2.json"'),
            (edited("candidate.json", "fixtures", 1, "redacted", value=False), "fixtures_ok", "not marked redacted"),
            (
                edited("candidate.json", "redaction", "applied", value=False),
                "redaction_ok",
                "redaction was not applied",
            ),
            (
                edited("candidate.json", "fixtures", 0, "path", value='../"x'),
                "fixtures_ok",
                'fixture path "../\\"x" must stay inside the bundle',
            ),
            (
                edited("candidate.json", "workflow", "path", value="/w"),
                "workflow_ok",
                'workflow path "/w" must stay inside the bundle',
            ),
            (
                edited("candidate.json", "eval_pack", "path", value="a/../../b"),
                "eval_pack_ok",
                'eval_pack path "a/../../b" must stay inside the bundle',
            ),
            (edited("candidate.json", "candidate_id", value=" "), None, "candidate_id is empty"),
            (edited("report.json", "selected_candidate_id", value="c2"), None, 'the report selects "c2"'),
            (edited("candidate.json", "required_secrets", value=["ghp_abc"]), None, "looks like a raw secret"),
        ],
    )
    def test_one_fault_is_one_flag_and_a_problem(self, files: dict[str, bytes], flag: str | None, problem: str):
        found = validate_bundle(files, "dir")
        assert problem in "\n".join(found.problems)
        assert [name for name in FLAGS if not getattr(found, name)] == ([flag] if flag else [])

    def test_a_raw_secret_is_not_repeated(self):
        (problem,) = validate_bundle(edited("candidate.json", "required_secrets", value=["ghp_abcdef"]), "d").problems
        assert "abcdef" not in problem

    @pytest.mark.parametrize(
        ("files", "problem"),
        [
            ({}, "failed to read bundle manifest dir/candidate.json: "),
            (FILES | {"candidate.json": b"{"}, "failed to decode bundle manifest dir/candidate.json: "),
            (edited("candidate.json", "kind", value="weird"), "failed to decode bundle manifest dir/candidate.json: "),
            (
                edited("candidate.json", "schema", value='o\n"'),
                'bundle dir has unrecognized schema "o\\n\\"" (expected harn.crystallization.candidate.bundle)',
            ),
            (
                edited("candidate.json", "schema_version", value=2),
                "bundle dir schema_version 2 is newer than supported 1",
            ),
        ],
    )
    def test_a_manifest_that_does_not_load(self, files: dict[str, bytes], problem: str):
        found = validate_bundle(files, "dir")
        assert len(found.problems) == 1
        assert problem in found.problems[0]
        assert not any(getattr(found, flag) for flag in FLAGS)
        assert (found.schema_name, found.kind, found.candidate_id) == ("", "candidate", "")
        with pytest.raises(BundleError) as error:
            replay_bundle(files, "dir")
        assert str(error.value) == found.problems[0]


class TestReplay:
    def test_as_recorded(self):
        found = replay_bundle(FILES, "dir")
        assert found.passed
        assert found.candidate_id == report().candidates[0].id
        assert plain(found.shadow) == plain(report().candidates[0].shadow)
        assert found.not_compared == ()

    def test_the_order_of_the_recorded_comparison_is_kept(self):
        shadow = (bump("z"), bump("a"))
        files = bundle_files(report(*RUNS, shadow=shadow), [*RUNS, *shadow])
        found = replay_bundle(files, "dir")
        assert [result.trace_id for result in found.shadow.traces] == ["t1", "t2", "t3", "z", "a"]
        assert found.passed

    def test_runs_that_were_set_aside_are_not_compared(self):
        aside = bump("bad", metadata={"policy_status": "unresolved"})
        files = bundle_files(report(*RUNS, aside), [*RUNS, aside])
        assert "fixtures/bad.json" in files
        assert replay_bundle(files, "dir").passed

    def test_a_changed_run_fails(self):
        files = edited("fixtures/t2.json", "actions", 1, "side_effects", 0, "target", value="b.toml")
        found = replay_bundle(files, "dir")
        assert not found.passed
        assert found.shadow.failures == ("trace t2 failed shadow comparison",)

    def test_a_result_that_is_not_the_recorded_one_fails(self):
        files = edited("fixtures/t2.json", "source_hash", value="sha256:other")
        found = replay_bundle(files, "dir")
        assert found.shadow.passed
        assert not found.as_recorded
        assert not found.passed

    def test_a_forged_record_fails(self):
        files = edited("report.json", "candidates", 0, "shadow", "compared_traces", value=4)
        assert not replay_bundle(files, "dir").passed

    @pytest.mark.parametrize(
        ("files", "message"),
        [
            (bundle_files(rejected(), RUNS), "bundle dir has no selected candidate to replay"),
            (without("report.json"), "failed to read bundle report dir/report.json: "),
            (without("fixtures/t1.json"), "failed to read crystallization trace dir/fixtures/t1.json: "),
            (
                edited("candidate.json", "fixtures", 0, "path", value="../t"),
                'fixture path "../t" must stay inside the bundle',
            ),
        ],
    )
    def test_what_cannot_be_replayed(self, files: dict[str, bytes], message: str):
        with pytest.raises(BundleError) as error:
            replay_bundle(files, "dir")
        assert str(error.value).startswith(message)

    def test_a_fixture_that_does_not_load(self):
        with pytest.raises(TraceError, match=r"failed to parse crystallization trace dir/fixtures/t1\.json: "):
            replay_bundle(FILES | {"fixtures/t1.json": b"{"}, "dir")

    def test_runs_without_a_copy_are_told_and_left_out(self):
        found = replay_bundle(bundle_files(report(), RUNS, fixtures={"t2"}), "dir")
        assert found.passed
        assert found.shadow.compared_traces == 1
        assert found.not_compared == ("2 of 3 runs have no copy in the bundle",)


class TestRedactedReplay:
    RUNS = (leaky("t1"), leaky("t2"))

    @pytest.mark.parametrize("make", [bundle_files, safe_bundle_files])
    def test_what_was_taken_out_agrees_and_is_told(self, make: Any):
        found = replay_bundle(make(report(*self.RUNS), self.RUNS), "dir")
        assert found.passed
        assert found.not_compared == ("step 2 output at /token is redacted",)

    def test_a_keyed_one_replays_as_well(self):
        files = safe_bundle_files(report(*self.RUNS), self.RUNS, redactor=Redactor(key=b"k"))
        assert replay_bundle(files, "dir").passed

    def test_a_rule_below_what_was_taken_out(self):
        def with_token(trace_id: str, token: int):
            rules = (RUN_ID, AllowRule(path="/effect_receipts/*/token/id", reason="fresh each time"))
            return bump(trace_id).replace(
                replay_run=replay("r", {"token": {"id": token}, "n": 1}), replay_allowlist=rules
            )

        runs = (with_token("t1", 1), with_token("t2", 2))
        found = replay_bundle(bundle_files(report(*runs), runs), "dir")
        assert found.shadow.failures == ()
        assert found.passed
        assert "expected receipts at /0/token are redacted" in found.not_compared
        assert "trace t2 receipts at /0/token are redacted" in found.not_compared

    def test_what_is_left_is_still_compared(self):
        files = edited(
            "fixtures/t1.json", "actions", 1, "output", "n", value=2, files=bundle_files(report(*self.RUNS), self.RUNS)
        )
        assert not replay_bundle(files, "dir").passed
