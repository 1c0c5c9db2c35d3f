"""`assay keys`, and what keys change about deciding, showing and verifying."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.artifacts.manifest import MANIFEST
from core.model.jsontext import parse
from core.store.signing.own import own_key_file
from core.store.workspace import Workspace
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import drop, opened, releases, run
from tests.signing.making import BOB, needs_ssh_keygen, ssh_key
from tests.workspaces import exact
from tui.cli.exits import Exit

ANN = "ann@example.com"


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSAY_CONFIG_DIR", str(tmp_path / "config"))
    return exact(releases(tmp_path / "traces"))


def lineage(traces: Path) -> str:
    return str(told("list", traces)["candidates"][0]["lineage"])


def approve(traces: Path, actor: str = ANN, expected: Exit = Exit.DONE) -> str:
    result = assay("approve", traces, lineage(traces), "--as", actor, "--reason", "checked")
    assert result.exit_code == expected, result.output
    return " ".join(result.output.split())


def status(traces: Path) -> str:
    return str(told("list", traces)["candidates"][0]["status"])


def policy(traces: Path, *lines: str) -> None:
    """Have the policy say this, whatever it said before about the same keys."""
    path = Workspace.open(traces).policy_file
    keys = tuple(line.partition(" = ")[0] + " = " for line in lines)
    kept = [line for line in path.read_text().splitlines() if not line.startswith(keys)]
    path.write_text("\n".join([*lines, *kept]) + "\n")


def test_without_a_key_decisions_are_unsigned(traces: Path) -> None:
    approve(traces)
    (decision,) = told("show", traces, lineage(traces))["decisions"]
    assert (decision["signed"], decision["keyid"]) == ("unsigned", "")
    assert told("verify", traces)["signatures"] == {"trusted": 0, "signed": 0, "unsigned": 1, "bad": 0}


def test_with_a_key_decisions_are_signed_and_trusted_once_the_policy_says_so(traces: Path) -> None:
    made = told("keys", "init")
    approve(traces)
    (decision,) = told("show", traces, lineage(traces))["decisions"]
    assert (decision["signed"], decision["keyid"]) == ("signed", made["keyid"])
    assert decision["detail"]["key"] == made["public"]
    (key,) = told("keys", "list", traces)["keys"]
    assert key == {
        "keyid": made["keyid"],
        "public": made["public"],
        "own": True,
        "trusted_as": None,
        "decisions": 1,
        "actors": [ANN],
    }
    assert assay("keys", "trust", traces, made["keyid"][:8], "--as", ANN).exit_code == 0
    (decision,) = told("show", traces, lineage(traces))["decisions"]
    assert decision["signed"] == "trusted"
    assert f"{ANN} (trusted): approve checked" in assay("show", traces, lineage(traces)).output
    verified = told("verify", traces)
    assert verified["ok"]
    assert verified["signatures"]["trusted"] == 1
    assert told("keys", "list", traces)["keys"][0]["trusted_as"] == ANN
    assert assay("keys", "untrust", traces, made["keyid"]).exit_code == 0
    assert told("verify", traces)["signatures"]["signed"] == 1


def test_a_policy_that_only_its_owner_may_read_stays_so(traces: Path) -> None:
    policy = Workspace.open(traces).policy_file
    policy.chmod(0o600)
    made = told("keys", "init")
    assert assay("keys", "trust", traces, made["public"], "--as", ANN).exit_code == 0
    assert policy.stat().st_mode & 0o777 == 0o600


@needs_ssh_keygen
def test_an_ssh_key_signs_decisions(traces: Path, tmp_path: Path) -> None:
    made = told("keys", "init", "--ssh", ssh_key(tmp_path))
    assay("keys", "trust", traces, tmp_path / "id.pub", "--as", ANN)
    assert "a comment" in Workspace.open(traces).policy_file.read_text()
    approve(traces)
    (decision,) = told("show", traces, lineage(traces))["decisions"]
    assert (decision["signed"], decision["keyid"]) == ("trusted", made["keyid"])


def test_where_keys_are_required_an_unsigned_approval_is_refused(traces: Path) -> None:
    policy(traces, "keys_required = true")
    said = approve(traces, expected=Exit.REFUSED)
    assert "you have none; make one with `assay keys init`" in said
    assert Workspace.open(traces).load_journal().decisions == ()
    made = told("keys", "init")
    said = approve(traces, expected=Exit.REFUSED)
    assert f"yours, {made['keyid'][:16]}, is not trusted as that of {ANN}" in said
    assert f"`assay keys trust TRACES {made['keyid'][:16]} --as {ANN}`" in said
    assay("keys", "trust", traces, made["keyid"], "--as", ANN)
    assert "bob@example.com" in approve(traces, "bob@example.com", Exit.REFUSED)
    approve(traces)
    assert status(traces) == "ready"
    assert told("verify", traces)["ok"]
    manifest = Workspace.open(traces).bundle(lineage(traces)) / MANIFEST
    assert parse(manifest.read_bytes())["promotion"]["criteria"]["status"] == "ready"


def test_where_keys_are_required_anybody_can_still_object(traces: Path) -> None:
    policy(traces, "keys_required = true")
    for command in ("reject", "needs-work"):
        assert assay(command, traces, lineage(traces), "--as", "bob", "--reason", "no").exit_code == 0
    assert status(traces) == "needs_work"
    assert assay("revoke", traces, lineage(traces), "--as", "bob", "--reason", "hm").exit_code == Exit.REFUSED


def test_an_approval_stops_counting_when_keys_become_required_or_a_key_is_no_longer_trusted(traces: Path) -> None:
    approve(traces)
    assert status(traces) == "ready"
    policy(traces, "keys_required = true")
    (candidate,) = told("list", traces)["candidates"]
    assert candidate["status"] == "needs_approval"
    assert candidate["reasons"] == [
        "human approval has not been recorded",
        f"the approval by {ANN} does not count: it is not signed with a key that the policy trusts (keys_required)",
    ]
    assert any("does not count: it is unsigned" in note for note in told("verify", traces)["notes"])
    made = told("keys", "init")
    assay("keys", "trust", traces, made["keyid"], "--as", ANN)
    approve(traces)
    assert status(traces) == "ready"
    assay("keys", "untrust", traces, made["keyid"])
    assert status(traces) == "needs_approval"


def test_only_those_whom_the_policy_names_may_approve_a_risk(traces: Path) -> None:
    (candidate,) = told("list", traces)["candidates"]
    policy(traces, f'approvers.{candidate["risk"]} = ["zoe", "bob"]')
    said = approve(traces, expected=Exit.REFUSED)
    assert f"only bob, zoe may approve a workflow of {candidate['risk']} risk" in said
    assert Workspace.open(traces).load_journal().decisions == ()
    approve(traces, "zoe")
    assert status(traces) == "ready"


def test_an_approval_stops_counting_when_its_maker_may_no_longer_approve(traces: Path) -> None:
    (candidate,) = told("list", traces)["candidates"]
    approve(traces)
    policy(traces, f"approvers.{candidate['risk']} = []")
    (candidate,) = told("list", traces)["candidates"]
    assert candidate["status"] == "needs_approval"
    assert "is not among those who may approve this risk" in candidate["reasons"][1]
    assert "only nobody may" in approve(traces, expected=Exit.REFUSED)


def test_rules_and_names_by_nobody_in_particular_do_not_count_where_keys_are_required(traces: Path) -> None:
    late = run("run-9", "1.9")
    late["actions"][1]["observed_output"] = {"failed": 3}
    drop(traces, "shadow/run-9", late)
    assert status(traces) == "blocked"
    options = ("--as", ANN, "--reason", "expected")
    assert assay("allow", traces, lineage(traces), "--step", 2, "--pointer", "/failed", *options).exit_code == 0
    assert assay("rename", traces, lineage(traces), "Ship it", *options).exit_code == 0
    (candidate,) = told("list", traces)["candidates"]
    assert (candidate["status"], candidate["label"]) == ("needs_approval", "Ship it")
    policy(traces, "keys_required = true")
    (candidate,) = told("list", traces)["candidates"]
    assert (candidate["status"], "Ship it" in (candidate["label"], candidate["name"])) == ("blocked", False)
    with opened(traces) as session:
        assert session.snapshot.candidates[0].rules == ()
    made = told("keys", "init")
    assay("keys", "trust", traces, made["keyid"], "--as", ANN)
    assay("allow", traces, lineage(traces), "--step", 2, "--pointer", "/failed", *options)
    assert status(traces) == "needs_approval"


def test_a_policy_that_cannot_be_read_allows_nothing(traces: Path) -> None:
    wanted = lineage(traces)
    policy(traces, "keys_required = 1")
    for command in ("approve", "reject"):
        result = assay(command, traces, wanted, "--as", ANN, "--reason", "x")
        assert result.exit_code == Exit.WORKSPACE
        assert "line 1: keys_required" in str(result.exception)
    assert Workspace.open(traces).load_journal().decisions == ()
    assert assay("check", traces).exit_code == Exit.WORKSPACE


def test_a_key_that_others_can_read_signs_nothing(traces: Path) -> None:
    told("keys", "init")
    own_key_file().chmod(0o644)
    result = assay("approve", traces, lineage(traces), "--as", ANN, "--reason", "x")
    assert result.exit_code == Exit.BAD_INPUT
    assert "can be read by others" in str(result.exception)
    assert Workspace.open(traces).load_journal().decisions == ()
    assert assay("list", traces).exit_code == 0, "looking needs no key"


@pytest.mark.parametrize("given", ["", "abc", "0123456789abcdef", "ssh-ed25519 nonsense"])
def test_what_names_no_key_is_told(given: str, traces: Path) -> None:
    result = assay("keys", "trust", traces, given, "--as", ANN)
    assert result.exit_code == Exit.BAD_INPUT
    assert "no key" in str(result.exception) or "no public key" in str(result.exception)


def test_keys_are_listed_for_people(traces: Path) -> None:
    assert "No keys" in assay("keys", "list").output
    assay("keys", "init")
    assert "trusted" not in assay("keys", "list").output, "without a workspace nobody was asked"
    assert assay("keys", "list", "--workspace", traces).exit_code == Exit.USAGE
    approve(traces)
    assay("keys", "trust", traces, f"{BOB.key.text} bob's desk", "--as", "bob")
    lines = assay("keys", "list", traces).output.splitlines()
    assert any("yours, not trusted, signed 1 decision as ann@example.com" in line for line in lines)
    assert any(line.startswith(BOB.key.keyid) and "trusted as bob" in line for line in lines)
    assert "the policy does not trust" in str(assay("keys", "untrust", traces, lines[0].split()[0]).exception)
