"""The shipped samples: made from their source, and showing exactly what they are meant to show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.live.snapshot import CandidateView, Snapshot
from core.model.effects import is_internal
from core.model.jsontext import parse
from core.session import Session
from tests import samples_source

SAMPLES = samples_source.SAMPLES


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """What the review shows when it opens on a copy of the samples."""
    folder = tmp_path_factory.mktemp("samples") / "traces"
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("incoming"))
    with Session.open(folder, actor="tester@example.com", mode="exact") as session:
        return session.refresh()


def of(snapshot: Snapshot, cohort: str) -> list[CandidateView]:
    """The candidates of a cohort, best first."""
    return [view for view in snapshot.candidates if view.cohort == cohort]


def test_the_shipped_files_are_those_of_the_source() -> None:
    shipped = {
        path.relative_to(SAMPLES).as_posix(): path.read_bytes()
        for folder in samples_source.MADE
        for path in (SAMPLES / folder).rglob("*")
        if path.is_file()
    }
    assert shipped == samples_source.files()


def test_nothing_else_is_shipped_but_the_recorded_runs_with_their_licence() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == {*samples_source.MADE, "otel", "README.md"}
    recorded = sorted(path.name for path in (SAMPLES / "otel").iterdir())
    assert recorded[0] == "LICENSE"
    assert len(recorded[1:]) == 24
    frameworks = {name.split("-")[2] for name in recorded[1:]}
    assert frameworks == {"agno", "google", "langchain", "llama_index", "openai", "smolagents", "tinyagent"}
    assert "Apache License" in (SAMPLES / "otel" / "LICENSE").read_text(encoding="utf-8")


def test_the_readme_counts_the_files_right() -> None:
    rows = [line.split("|") for line in (SAMPLES / "README.md").read_text("utf-8").splitlines() if line[:3] == "| `"]
    told = {row[1].strip().strip("`/"): int(row[2].split()[0]) for row in rows}
    broken_of = {"release": 1}
    assert told == {
        folder: len(list((SAMPLES / folder).rglob("*.json"))) - broken_of.get(folder, 0)
        for folder in (*samples_source.MADE, "otel")
    }


def test_every_run_has_an_id_of_its_own_and_times_that_run_forwards() -> None:
    runs = samples_source.runs()
    ids = [run["id"] for path, run in runs.items() if path != "incoming/rehearsal-yanked.json"]
    assert len(set(ids)) == len(ids)
    for path, run in runs.items():
        times = [run["started_at"], *(action["timestamp"] for action in run["actions"]), run["finished_at"]]
        assert times == sorted(times), path
        assert len({action["id"] for action in run["actions"]}) == len(run["actions"]), path
        assert "2026-10" <= run["started_at"] < "2026-12", path


def test_the_clean_release_waits_for_nothing_but_a_person(snapshot: Snapshot) -> None:
    (view,) = of(snapshot, "release-cli")
    assert view.status == "needs_approval"
    assert view.approvable == ()
    assert view.candidate.confidence >= 0.8
    assert (len(view.candidate.steps), view.fuzzy_steps) == (6, 0)
    assert (view.passed, view.failed) == (12, 0)
    (point,) = view.candidate.approval_points
    assert point.required
    assert point.approver
    assert view.candidate.required_secrets == ("CRATES_TOKEN", "RELEASE_SIGNING_KEY")


def test_three_runs_of_the_other_release_differ_each_in_its_own_way(snapshot: Snapshot) -> None:
    (view,) = of(snapshot, "release-sdk")
    assert view.status == "blocked"
    assert len(view.candidate.examples) == 10
    failing = {result.trace_id: result.details for result in view.candidate.shadow.traces if not result.passed}
    assert failing == {
        "release-sdk-2.6.1": ("receipt replay diverged at /effect_receipts/3/signed: values differ",),
        "rehearsal-sdk-2.6.0": ("step 5 deterministic output differs",),
        "rehearsal-sdk-2.7.1": ("step 2 side effects differ for action 02-bump_version",),
    }
    assert view.passed == 11
    assert {parameter.name for parameter in view.candidate.parameters} >= {"version", "branch", "repo", "suite"}


def test_triage_only_plans_and_offers_a_second_candidate(snapshot: Snapshot) -> None:
    first, second = of(snapshot, "triage-issue")
    assert (first.status, first.failed, len(first.candidate.examples)) == ("needs_approval", 0, 9)
    assert [step.name for step in second.candidate.steps] == ["draft_question", "leave_memo"]
    assert (second.status, len(second.candidate.examples)) == ("blocked", 3)
    effects = (*first.candidate.side_effects, *second.candidate.side_effects)
    assert {effect.kind for effect in effects} == {"plan", "receipt", "memo"}
    assert all(map(is_internal, effects))


def test_support_is_one_run_short_of_enough_confidence(snapshot: Snapshot) -> None:
    (view,) = of(snapshot, "support-refund")
    assert view.status == "blocked"
    assert view.approvable == ("confidence 0.79 is below required minimum 0.80",)
    assert (len(view.candidate.steps), view.fuzzy_steps, view.cohort_runs) == (6, 2, 7)
    assert view.candidate.savings.remaining_model_calls == 12
    assert view.candidate.savings.estimated_cost_usd_avoided > 0.1


def test_the_recorded_runs_make_candidates_of_their_own(snapshot: Snapshot) -> None:
    views = of(snapshot, "any-agent/integration-test")
    assert views[0].cohort_runs == 24
    assert {view.status for view in views} == {"blocked"}
    assert "write_file" in [step.name for step in views[0].candidate.steps]


def test_no_other_cohort_is_there(snapshot: Snapshot) -> None:
    cohorts = {"release-cli", "release-sdk", "triage-issue", "support-refund", "any-agent/integration-test"}
    assert {view.cohort for view in snapshot.candidates} == cohorts


def test_rehearsals_are_compared_and_never_mined(snapshot: Snapshot) -> None:
    mined = {example.trace_id for view in snapshot.candidates for example in view.candidate.examples}
    shadow = {run.trace_id for run in snapshot.runs.values() if run.shadow}
    assert len(shadow) == 11
    assert not mined & shadow
    compared = {result.trace_id for view in snapshot.candidates for result in view.candidate.shadow.traces}
    assert shadow <= compared


def test_one_run_is_excluded_and_one_file_quarantined(snapshot: Snapshot) -> None:
    assert [(problem.state, problem.unit) for problem in snapshot.problems] == [
        ("excluded", "release/11-06-v2.7.3.json"),
        ("quarantined", samples_source.BROKEN),
    ]
    assert "policy_status" in snapshot.problems[0].reason


def test_no_sample_names_a_secret_by_value() -> None:
    for path, run in samples_source.runs().items():
        for secret in (name for action in run["actions"] for name in action.get("required_secrets", ())):
            assert secret.isupper(), (path, secret)


def test_the_recorded_runs_are_whole() -> None:
    for path in sorted(Path(SAMPLES / "otel").glob("*.json")):
        assert parse(path.read_bytes())["workflow_id"] == "any-agent/integration-test"
