from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.bundle import bundle_files
from core.artifacts.describe import bundle_kind
from core.artifacts.manifest import Generator
from core.artifacts.names import inside
from core.artifacts.output import Outputs, outputs
from core.artifacts.redact import Redactor
from core.artifacts.validate import validate_bundle
from core.model.candidate import Candidate, Step
from core.model.jsontext import plain, pretty
from core.model.options import BundleOptions, Options
from core.model.trace import SideEffect
from core.traces.decode import decode_trace
from tests.artifacts.making import GITHUB, HOSTILE, NOW, RUNS, bump, leaky, rejected, report, safe_bundle_files

HERE = Generator(version="1")


def manifest(files: dict[str, bytes]) -> dict[str, object]:
    return json.loads(files["candidate.json"])


class TestFiles:
    FILES = bundle_files(report(), RUNS, generator=HERE)

    def test_the_manifest_is_last(self):
        assert list(self.FILES) == [
            "workflow.harn",
            "report.json",
            "harn.eval.toml",
            "fixtures/t1.json",
            "fixtures/t2.json",
            "fixtures/t3.json",
            "candidate.json",
        ]

    def test_fixtures_read_back_as_the_runs(self):
        assert [decode_trace(self.FILES[f"fixtures/{run.id}.json"], "x") for run in RUNS] == list(RUNS)

    def test_nothing_selected(self):
        files = bundle_files(rejected(), RUNS, generator=HERE)
        assert list(files) == ["workflow.harn", "report.json", "candidate.json"]
        told = manifest(files)
        assert (told["kind"], told["candidate_id"], told["risk_level"]) == ("rejected", "", "high")
        assert told["title"] == "rejected: crystallized_workflow"
        assert told["rejection_reasons"] == list(rejected().rejected_candidates[0].rejection_reasons)
        assert told["redaction"]["summary"] == "no fixtures emitted"  # type: ignore[index]

    def test_the_same_input_gives_the_same_bytes(self):
        assert bundle_files(report(), RUNS, generator=HERE) == self.FILES
        assert pretty(report()) == self.FILES["report.json"]


class TestSources:
    def test_examples_and_every_run_with_the_sequence_sorted_by_id(self):
        held, other = bump("a-held"), bump("other").replace(actions=RUNS[0].actions[:1])
        told = manifest(bundle_files(report(), [*RUNS, other, held], generator=HERE))
        assert [source["trace_id"] for source in told["source_traces"]] == ["a-held", "t1", "t2", "t3"]  # type: ignore

    def test_of_equal_ids_the_first(self):
        twin = bump("t1", "9", source="twin")
        told = manifest(bundle_files(report(), [*RUNS, twin], generator=HERE))
        assert next(source["source_url"] for source in told["source_traces"]) == "in/t1.json"  # type: ignore

    def test_a_receipt_id_that_is_no_text_is_left_out(self):
        runs = [bump("t1", metadata={"source_receipt_id": 5}), bump("t2", metadata={"source_receipt_id": "r5"})]
        told = manifest(bundle_files(report(*runs), runs, generator=HERE))
        assert [source["source_receipt_id"] for source in told["source_traces"]] == [None, "r5"]  # type: ignore

    def test_only_chosen_runs_get_a_copy(self):
        files = bundle_files(report(), RUNS, generator=HERE, fixtures={"t2"})
        assert [name for name in files if name.startswith("fixtures/")] == ["fixtures/t2.json"]
        told = manifest(files)
        assert [source["fixture_path"] for source in told["source_traces"]] == [None, "fixtures/t2.json", None]  # type: ignore
        assert told["redaction"]["fixture_count"] == 1  # type: ignore[index]


class TestDescription:
    def test_options(self):
        options = BundleOptions(
            external_key="k", title="T", team="a", repo="b", risk_level="extreme", rollout_policy="all"
        )
        told = manifest(bundle_files(report(), RUNS, options, generator=HERE))
        assert [told[key] for key in ("external_key", "title", "team", "repo", "risk_level")] == [
            "k", "T", "a", "b", "extreme",
        ]  # fmt: skip
        assert told["promotion"]["rollout_policy"] == "all"  # type: ignore[index]

    def test_blank_options_are_derived(self):
        told = manifest(bundle_files(report(), RUNS, BundleOptions(external_key=" ", title="\t"), generator=HERE))
        assert (told["external_key"], told["title"]) == ("crystallized-workflow", "crystallized_workflow (2 steps)")
        assert told["promotion"]["rollout_policy"] == "shadow_then_canary"  # type: ignore[index]
        assert told["risk_level"] == "medium"

    def test_the_author_is_the_owner(self):
        told = manifest(bundle_files(report(options=Options(author="ann")), RUNS, generator=HERE))
        assert told["promotion"]["owner"] == told["promotion"]["author"] == "ann"  # type: ignore[index]

    @pytest.mark.parametrize(
        ("kinds", "kind"),
        [
            ([], "plan_only"),
            (["", "RECEIPT_write", "event_log", "memo", "plan", "file_write"], "plan_only"),
            (["file_publish"], "candidate"),
            (["file_write", "git_ref"], "candidate"),
        ],
    )
    def test_kind(self, kinds: list[str], kind: str):
        effects = tuple(SideEffect(kind=one, target="t") for one in kinds)
        assert bundle_kind(Candidate(steps=(Step(),), side_effects=effects)) == kind
        assert bundle_kind(Candidate(side_effects=effects)) == "candidate"
        assert bundle_kind(None) == "rejected"


class TestSafe:
    RUNS = (leaky("t1"), leaky("t2"))
    REPORT = report(*RUNS, options=Options(approver="lead", package_name=f"p {GITHUB}"))

    def test_no_file_holds_a_secret(self):
        for files in (
            safe_bundle_files(self.REPORT, self.RUNS, BundleOptions(title=GITHUB), generator=HERE),
            safe_bundle_files(self.REPORT, self.RUNS, generator=HERE, redactor=Redactor(key=b"k")),
        ):
            for name, data in files.items():
                for secret in (GITHUB, "hunter2", "ghp_raw"):
                    assert secret.encode() not in data, name

    def test_the_plain_one_holds_them_in_the_report_only(self):
        files = bundle_files(self.REPORT, self.RUNS, generator=HERE)
        assert b"hunter2" in files["report.json"]
        assert b"hunter2" not in files["fixtures/t1.json"]

    def test_it_names_every_rule(self):
        assert manifest(bundle_files(self.REPORT, self.RUNS))["redaction"]["rules"] == [  # type: ignore[index]
            "sensitive_keys",
            "secret_value_heuristic",
        ]
        rules = manifest(safe_bundle_files(self.REPORT, self.RUNS))["redaction"]["rules"]  # type: ignore[index]
        assert len(rules) > 5
        assert rules[:2] == ["sensitive_keys", "secret_value_heuristic"]

    def test_without_secrets_both_kinds_hold_the_same_evidence(self):
        plain_files, safe_files = bundle_files(report(), RUNS), safe_bundle_files(report(), RUNS)
        assert plain_files.keys() == safe_files.keys()
        assert {name for name in plain_files if plain_files[name] != safe_files[name]} == {"candidate.json"}

    def test_chosen_runs_are_named_by_their_ids_before_redaction(self):
        runs = (leaky(GITHUB), leaky("t2"))
        files = safe_bundle_files(report(*runs), runs, fixtures={GITHUB})
        assert [name for name in files if name.startswith("fixtures/")] == ["fixtures/redacted.json"]

    def test_receipts_are_listed_as_they_stand_in_the_copies(self):
        long = "x" * 60  # secret as a payload, not as a name
        runs = [bump("t1").replace(metadata={"source_receipt_id": long}), bump("t2")]
        for fixtures in (None, {"t2"}):
            told = manifest(safe_bundle_files(report(*runs), runs, fixtures=fixtures))
            assert [source["source_receipt_id"] for source in told["source_traces"]] == ["[redacted]", None]  # type: ignore


@given(st.lists(HOSTILE.map(lambda text: text.replace("\ud800", "")), min_size=2, max_size=5, unique=True))
def test_paths_are_safe_whatever_the_ids(trace_ids: list[str]):
    runs = [bump(trace_id) for trace_id in trace_ids]
    files = bundle_files(report(*runs), runs, generator=HERE)
    assert all(inside(name) == name for name in files)
    assert len({name.lower() for name in files}) == 4 + len({run.id for run in runs})
    assert validate_bundle(files, "b").problems == ()


class TestOutputs:
    PATHS = Outputs.below("out")

    def test_the_report_says_where_the_others_went_and_the_bundles_does_not(self):
        given = report(options=Options(eval_pack_link="link"))
        made = outputs(given, RUNS, self.PATHS, generator=HERE)
        assert list(made.files) == ["out/workflow.harn", "out/harn.eval.toml", "out/report.json"]
        assert (made.report.harn_code_path, made.report.eval_pack_path) == ("out/workflow.harn", "out/harn.eval.toml")
        assert made.report.candidates[0].promotion.eval_pack_link == "out/harn.eval.toml"
        assert made.files["out/report.json"] == pretty(made.report)
        assert made.bundle["report.json"] == pretty(given)
        assert list(made.bundle)[-1] == made.last == "candidate.json"

    def test_what_has_no_path_is_not_written(self):
        made = outputs(report(), RUNS, Outputs(report="r.json"))
        assert list(made.files) == ["r.json"]
        assert made.bundle == {}
        assert made.report.eval_pack_path is None
        assert plain(made.report) == plain(report())

    def test_nothing_selected(self):
        made = outputs(rejected(), RUNS, self.PATHS)
        assert list(made.files) == ["out/workflow.harn", "out/report.json"]
        assert (made.report.harn_code_path, made.report.eval_pack_path) == ("out/workflow.harn", None)


def test_times_and_hashes_come_from_the_report():
    told = manifest(bundle_files(report(), RUNS, generator=HERE))
    assert told["generated_at"] == told["promotion"]["created_at"] == NOW  # type: ignore[index]
    assert told["source_trace_hashes"] == sorted(run.source_hash or "" for run in RUNS)
