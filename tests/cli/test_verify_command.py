"""`assay verify`: its answer, its exit code and the head that people keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.store.workspace import Workspace
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import drop, releases, run
from tests.workspaces import exact
from tui.cli.exits import Exit


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return exact(releases(tmp_path / "traces"))


def decide(traces: Path, command: str) -> None:
    (candidate,) = told("list", traces)["candidates"]
    assert assay(command, traces, candidate["lineage"], "--as", "ann", "--reason", "x").exit_code == 0


def test_a_head_that_was_kept_is_compared(traces: Path) -> None:
    assert told("verify", traces)["head"] == "0:" + "0" * 64
    decide(traces, "approve")
    first = told("verify", traces)["head"]
    assert first.startswith("1:")
    journal = Workspace.open(traces).journal_file
    before, note = journal.read_bytes(), journal.with_suffix(".head").read_bytes()
    decide(traces, "needs-work")
    second = told("verify", traces, "--expect-head", first)["head"]
    assert assay("verify", traces, "--expect-head", second).exit_code == Exit.DONE
    journal.write_bytes(before)
    journal.with_suffix(".head").write_bytes(note)
    result = assay("verify", traces, "--expect-head", second)
    assert result.exit_code == Exit.NO
    said = " ".join(result.output.split())
    assert "the journal ends at line 1: decision 2 is missing (--expect-head names it)" in said
    assert assay("verify", traces, "--expect-head", first).exit_code == Exit.NO, "the promotion files are newer"


def test_another_journal_of_the_same_length_is_not_the_one_that_was_kept(traces: Path) -> None:
    decide(traces, "approve")
    found = told("verify", traces, "--expect-head", "1:" + "a" * 64)
    assert not found["ok"]
    assert "line 1 was changed: it is not the one that was recorded (--expect-head names it)" in found["problems"][0]


@pytest.mark.parametrize("given", ["", "1", "1:abc", "x:" + "a" * 64, "1:" + "g" * 64])
def test_what_is_no_head_is_told(given: str, traces: Path) -> None:
    result = assay("verify", traces, "--expect-head", given)
    assert result.exit_code == Exit.BAD_INPUT
    assert "is no journal head; it looks like 12:0a1b" in str(result.exception)


def test_people_read_what_was_checked(traces: Path) -> None:
    decide(traces, "approve")
    lines = assay("verify", traces).output.splitlines()
    assert lines[0] == "1 decision, 1 crashpack, 1 bundle"
    assert lines[1] == "signatures: 0 trusted, 0 signed, 1 unsigned, 0 bad"
    assert lines[-1] == "everything holds"


def changed(traces: Path) -> None:
    for number in range(4):
        made = run(f"run-{number}", f"1.{number}")
        made["actions"][1]["observed_output"] = {"failed": 0, "skipped": 1}
        drop(traces, f"run-{number}", made)


def test_what_follows_from_the_runs_is_no_problem(traces: Path) -> None:
    decide(traces, "reject")
    changed(traces)
    (candidate,) = told("list", traces)["candidates"]
    assert candidate["status"] == "needs_approval"
    assert told("verify", traces)["problems"] == []
    decide(traces, "approve")
    policy = Workspace.open(traces).policy_file
    policy.write_text(policy.read_text().replace("approvals_required = 1", "approvals_required = 2"))
    told("list", traces)
    assert told("verify", traces)["problems"] == []
    decide(traces, "needs-work")
    releases(traces)
    told("list", traces)
    found = told("verify", traces)
    assert (found["problems"], found["notes"]) == ([], [])


def test_a_reason_that_was_edited_is_a_problem(traces: Path) -> None:
    decide(traces, "approve")
    decide(traces, "revoke")
    (path,) = Workspace.open(traces).candidates.glob("*/candidate.json")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"human approval has not", b"human approval has"))
    found = told("verify", traces)
    assert not found["ok"]
    assert (
        "candidate.json: it says needs_approval, which neither decision 2 nor the runs bear out" in found["problems"][0]
    )
    assert path.read_bytes() != data, "verifying repairs nothing"


def test_runs_that_cannot_be_read_are_noted(traces: Path) -> None:
    decide(traces, "approve")
    store = Workspace.open(traces)
    store.effects_file.write_text("]")
    found = told("verify", traces)
    assert found["ok"]
    assert found["notes"][0].startswith("promotion files were not compared with the runs: ")
    assert "effects.toml" in found["notes"][0]


def test_a_lost_end_of_the_journal_is_told_and_no_fault(traces: Path) -> None:
    decide(traces, "approve")
    assert told("verify", traces)["notes"] == []
    journal = Workspace.open(traces).journal_file
    journal.write_bytes(journal.read_bytes()[:-1])
    found = told("verify", traces)
    assert (found["ok"], found["decisions"]) == (True, 1)
    assert found["notes"] == [
        "the journal's last line has lost its newline; whatever opens the workspace next puts it back"
    ]


def test_names_among_the_promotion_files_are_spelled_out(traces: Path) -> None:
    decide(traces, "approve")
    (bundle,) = Workspace.open(traces).candidates.iterdir()
    (bundle / "x\x1b[2J").write_bytes(b"")
    problems = told("verify", traces)["problems"]
    assert any("x\\e[2J" in problem for problem in problems)
    assert all(map(str.isprintable, problems))


def test_a_workspace_that_is_not_there_is_told_and_does_not_simply_hold(tmp_path: Path) -> None:
    runs = releases(tmp_path / "runs")
    (note,) = told("verify", runs)["notes"]
    assert note == f"there is no workspace at {tmp_path / 'runs.assay'}, so there was nothing to check"
    result = assay("verify", runs, "--workspace", tmp_path / "mistyped")
    assert result.exit_code == Exit.WORKSPACE
    assert f"there is no workspace at {tmp_path / 'mistyped'}" in str(result.exception)
    assert (
        assay("verify", runs, "--workspace", tmp_path / "gone", "--expect-head", f"1:{'a' * 64}").exit_code == Exit.NO
    )
    assert not list(tmp_path.glob("*.assay"))
