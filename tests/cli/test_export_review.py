"""What was taken out before something is handed on, exceptions and rules, and skills."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.artifacts.redaction_review import masked
from core.store.archive import read_files
from core.store.policy_file import load_policy
from tests.cli.test_export import approved, lineage_of
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import drop, opened, run
from tests.review.test_redaction import SECRET, secretive


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    folder = secretive(tmp_path / "traces")
    opened(folder, mode="exact")
    return folder


def policy(traces: Path) -> Path:
    return traces.parent / "traces.assay" / "assay.toml"


class TestReview:
    def test_every_place_with_its_rule_and_a_glimpse(self, traces: Path) -> None:
        found = told("export", traces, lineage_of(traces), "--review")["redactions"]
        places = {(each["rule"], each["file"], each["place"]): each["preview"] for each in found}
        glimpse = f"{SECRET[:4]}… ({len(SECRET)} characters)"
        assert places["sensitive_keys", "fixtures/run-0.json", "/actions/1/observed_output/token"] == glimpse
        assert places["github_token", "fixtures/run-0.json", "/metadata/goal"] == glimpse
        result = assay("export", traces, lineage_of(traces), "--review")
        assert SECRET not in result.output
        assert "fixtures/run-0.json#/metadata/goal" in result.stdout

    def test_of_a_crashpack_while_its_runs_are_at_hand_and_after(self, traces: Path) -> None:
        name = approved(traces).name
        found = told("export", traces, name, "--review")["redactions"]
        assert {each["preview"] for each in found} == {masked(SECRET)}
        for path in traces.glob("*.json"):
            path.unlink()
        drop(traces, "other", run("other"))
        again = told("export", traces, name, "--review")["redactions"]
        assert [each["place"] for each in again] == [each["place"] for each in found]
        assert {each["preview"] for each in again} >= {""}

    def test_of_a_folder_by_itself(self, traces: Path) -> None:
        found = told("export", approved(traces), "--review")["redactions"]
        assert found
        assert {each["preview"] for each in found} == {""}

    def test_nothing_taken_out(self, tmp_path: Path) -> None:
        drop(tmp_path / "traces", "a", run("a"))
        drop(tmp_path / "traces", "b", run("b", "2"))
        opened(tmp_path / "traces", mode="exact")
        result = assay("export", tmp_path / "traces", lineage_of(tmp_path / "traces"), "--review")
        assert "Nothing was taken out" in result.stdout

    def test_something_has_to_be_asked_for(self, traces: Path) -> None:
        assert assay("export", traces, lineage_of(traces)).exit_code == 2

    @pytest.mark.parametrize("secret", ["", "a", "é" * 15, "sk-" + "a" * 40, {"a": 1}, [1], 5, None, True])
    def test_a_glimpse_never_gives_away_much(self, secret: object) -> None:
        text = masked(secret)
        assert "…" in text or not isinstance(secret, str)
        if isinstance(secret, str) and secret:
            assert len(secret) > 16 or secret not in text.partition("(")[0]


class TestRules:
    def test_an_exception_goes_into_the_policy_with_its_reason(self, traces: Path) -> None:
        lineage = lineage_of(traces)
        result = assay(
            "export", traces, lineage, "--review", "--json",
            "--keep-value", SECRET, "--reason", "a sample", "--as", "ann",
        )  # fmt: skip
        assert json.loads(result.stdout)["redactions"] == []
        assert load_policy(policy(traces)).redaction.keep_values == (SECRET,)
        assert ": a sample" in policy(traces).read_text()
        assert "# ann, " in policy(traces).read_text()

    def test_a_rule_of_ones_own(self, traces: Path) -> None:
        lineage = lineage_of(traces)
        options = ("--redact", "tool=publi[s]h", "--reason", "customers must not know")
        found = told("export", traces, lineage, "--review", *options)["redactions"]
        assert "tool" in {each["rule"] for each in found}
        assert load_policy(policy(traces)).redaction.extras == {"tool": "publi[s]h"}

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            (["--keep-key", "token"], 2),
            (["--redact", "tool", "--reason", "r"], 2),
            (["--redact", "tool=(?=a)", "--reason", "r"], 3),
            (["--keep-pointer", "actions", "--reason", "r"], 3),
        ],
    )
    def test_what_is_refused_changes_nothing(self, options: list[str], code: int, traces: Path) -> None:
        lineage = lineage_of(traces)
        told("export", traces, lineage, "--review")
        before = policy(traces).read_bytes()
        assert assay("export", traces, lineage, "--review", *options).exit_code == code
        assert policy(traces).read_bytes() == before

    def test_what_was_decided_stays_as_it_was_written(self, traces: Path) -> None:
        approved(traces)
        result = assay("export", traces, lineage_of(traces), "--review", "--keep-key", "token", "--reason", "r")
        assert "count from the next decision on" in result.stdout


class TestSkills:
    def test_a_folder_with_the_skill_when_held_out_runs_agree(self, traces: Path, tmp_path: Path) -> None:
        made = run("held-2", "8", metadata={"goal": f"with {SECRET}"})
        made["actions"][1]["observed_output"] = {"failed": 0, "token": SECRET}
        drop(traces / "shadow", "held", made)
        found = told("export", traces, lineage_of(traces), "--skill", "--out", tmp_path / "skill")
        assert found["skill"]["decision"] == "accepted"
        assert sorted(path.name for path in (tmp_path / "skill").iterdir()) == ["SKILL.md", "gate.json"]
        assert SECRET not in (tmp_path / "skill/SKILL.md").read_text()

    def test_without_them_only_the_receipt(self, traces: Path, tmp_path: Path) -> None:
        (tmp_path / "skill").mkdir()
        (tmp_path / "skill/SKILL.md").write_text("from an earlier export")
        result = assay("export", traces, lineage_of(traces), "--skill", "--out", tmp_path / "skill", "--force")
        assert result.exit_code == 1
        assert "rejected by the replay gate" in result.stdout
        assert "no held-out trace was compared" in result.stdout
        assert [path.name for path in (tmp_path / "skill").iterdir()] == ["gate.json"]

    def test_along_with_the_bundle(self, traces: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.zip"
        assert assay("export", traces, lineage_of(traces), "--skill", "--out", out).exit_code == 1
        assert "skill/gate.json" in read_files(out)
        assert assay("validate", out).exit_code == 0

    def test_a_crashpack_has_none(self, traces: Path, tmp_path: Path) -> None:
        result = assay("export", approved(traces), "--skill", "--out", tmp_path / "x.zip")
        assert result.exit_code == 3
        assert "is a crashpack" in str(result.exception)
