"""`assay check`: nothing that was approved and no longer holds goes unnoticed by cron and CI."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.store.workspace import Workspace
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import drop, releases, run
from tests.workspaces import exact

ANN = "ann@example.com"


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return exact(releases(tmp_path / "traces"))


def approve(traces: Path) -> None:
    (view,) = told("list", traces)["candidates"]
    assert assay("approve", traces, view["lineage"], "--as", ANN, "--reason", "read it").exit_code == 0


def set_policy(traces: Path, line: str) -> None:
    path = Workspace.open(traces).policy_file
    kept = [old for old in path.read_text().splitlines() if not old.startswith(line.partition(" ")[0])]
    path.write_text("\n".join([line, *kept]) + "\n")


def test_nothing_approved_is_nothing_to_complain_of(traces: Path) -> None:
    result = assay("check", traces)
    assert (result.exit_code, result.output) == (0, "0 of 0 approved workflows hold\n")


def test_an_approval_that_holds_passes(traces: Path) -> None:
    approve(traces)
    drop(traces, "run-9", run("run-9", "1.9"))
    result = assay("check", traces)
    assert (result.exit_code, result.output) == (0, "1 of 1 approved workflows hold\n")


def test_a_drifted_approval_fails_and_says_which_runs_differ(traces: Path) -> None:
    approve(traces)
    changed = run("s")
    changed["actions"][1]["observed_output"] = {"failed": 3}
    drop(traces, "shadow/s", changed)
    result = assay("check", traces)
    assert result.exit_code == 1
    assert "drifted: " in result.output
    assert "0 of 1 approved workflows hold" in result.output
    assert [view["status"] for view in told("check", traces)["broken"]] == ["drifted"]


def test_an_unrelated_decision_hides_no_approval_that_does_not_count(traces: Path) -> None:
    approve(traces)
    (view,) = told("list", traces)["candidates"]
    set_policy(traces, "approvals_required = 2")
    said = ("--as", "zoe", "--reason", "fine")
    for words in (("allow", "--pointer", "/nothing"), ("withdraw", "--rule", "2"), ("needs-work",), ("revoke",)):
        command, *more = words
        assert assay(command, traces, view["lineage"], *more, *said).exit_code == 0
        assert assay("check", traces).exit_code == (0 if command == "needs-work" else 1), command
    assert assay("revoke", traces, view["lineage"], "--as", ANN, "--reason", "mine").exit_code == 0
    assert assay("check", traces).exit_code == 0


@pytest.mark.parametrize("line", ["approvals_required = 2", 'approvers.low = ["bob@example.com"]', "author = 'ann'"])
def test_an_approval_that_a_later_policy_does_not_count_fails(traces: Path, line: str) -> None:
    approve(traces)
    set_policy(traces, line.replace("'ann'", f'"{ANN}"').replace("low", told("list", traces)["candidates"][0]["risk"]))
    found = told("check", traces)
    assert assay("check", traces).exit_code == 1
    assert (found["ok"], found["approved"], [view["status"] for view in found["broken"]]) == (
        False,
        1,
        ["needs_approval"],
    )


@pytest.mark.parametrize("kind", ["revoke", "reject"])
def test_what_was_taken_back_is_no_complaint(traces: Path, kind: str) -> None:
    approve(traces)
    (view,) = told("list", traces)["candidates"]
    assert assay(kind, traces, view["lineage"], "--as", ANN, "--reason", "a mistake").exit_code == 0
    assert assay("check", traces).exit_code == 0


def test_an_approval_of_two_that_are_needed_was_never_enough(traces: Path) -> None:
    set_policy(traces, "approvals_required = 2")
    approve(traces)
    assert assay("check", traces).exit_code == 0


@pytest.mark.parametrize("command", [["check"], ["list"], ["list", "--json"]])
def test_by_a_policy_that_cannot_be_read_nothing_is_shown(traces: Path, command: list[str]) -> None:
    approve(traces)
    set_policy(traces, 'approvals_required = "two"')
    result = assay(command[0], traces, *command[1:])
    assert (result.exit_code, result.stdout) == (5, "")
    assert 'assay.toml line 1: approvals_required: "two" must be a whole number' in str(result.exception)
