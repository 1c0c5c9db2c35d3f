"""Redaction through the workspace: the key, equal secrets, exceptions, and what a replay says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.artifacts.redact import Redactor
from core.crashpack.decision_replay import replay_decision
from core.crashpack.rederive import DecisionState, redactions
from core.live.reviewing import Outcome
from core.model.errors import WorkspaceError
from core.model.jsontext import parse
from core.review.exporting import candidate_source
from core.review.verify import verify
from core.session import Session
from core.store.files import read_folder
from tests.review.making import drop, opened, run
from tests.review.test_decide import fingerprint, only, request

SECRET = "ghp_" + "x1Y2" * 9
OTHER = "ghp_" + "z8W7" * 9


def secretive(traces: Path, secret: str = SECRET, count: int = 3) -> Path:
    """Runs whose second step gives out a secret."""
    for number in range(count):
        made = run(f"run-{number}", f"1.{number}", metadata={"goal": f"with {secret}"})
        made["actions"][1]["observed_output"] = {"failed": 0, "token": secret}
        drop(traces, f"run-{number}", made)
    return traces


def approved(session: Session, reason: str = "fine") -> Outcome:
    return session.decide(request(only(session), reason=reason))


def pack_of(outcome: Outcome) -> dict[str, bytes]:
    assert outcome.crashpack is not None
    return read_folder(outcome.crashpack)


def policy(session: Session, text: str) -> None:
    path = session.workspace / "assay.toml"
    path.write_text(f"{path.read_text()}\n{text}\n")


class TestKey:
    def test_it_is_the_owners_alone_and_in_no_crashpack(self, tmp_path: Path) -> None:
        session = opened(secretive(tmp_path / "traces"))
        key = session.workspace / "redaction.key"
        assert key.stat().st_mode & 0o777 == 0o600
        text = key.read_text().strip()
        assert len(bytes.fromhex(text)) == 32
        outcome = approved(session)
        for files in (pack_of(outcome), read_folder(session.workspace / "candidates")):
            assert not [name for name, data in files.items() if text.encode() in data or SECRET.encode() in data]

    def test_every_workspace_has_its_own(self, tmp_path: Path) -> None:
        marks = []
        for name in ("one", "two"):
            outcome = approved(opened(secretive(tmp_path / name / "traces")))
            marks.append(parse(pack_of(outcome)["candidate.json"])["steps"][1]["expected_output"]["token"])
        assert marks[0] != marks[1]

    def test_a_damaged_one_forbids_decisions_and_writes_nothing(self, tmp_path: Path) -> None:
        session = opened(secretive(tmp_path / "traces"))
        (session.workspace / "redaction.key").write_text("abc")
        before = fingerprint(session.workspace)
        with pytest.raises(WorkspaceError, match=r"redaction\.key is damaged: expected 64 hex digits"):
            approved(session)
        assert fingerprint(session.workspace) == before

    @pytest.mark.parametrize("secret", [SECRET, "nothing"])
    def test_a_lost_one_is_noted_and_so_is_another_where_secrets_were_taken_out(
        self, tmp_path: Path, secret: str
    ) -> None:
        traces = secretive(tmp_path / "traces", secret)
        with opened(traces) as session:
            for number in range(3):
                made = run(f"run-{number}", f"1.{number}")
                made["actions"][1]["observed_output"] = {"failed": 0, "is": secret}
                drop(traces, f"run-{number}", made)
            session.refresh()
            approved(session)
            store = session.store
        assert verify(store).notes == ()
        store.key_file.unlink()
        (note,) = verify(store).notes
        assert note.startswith("redaction.key is missing: equal secrets of older and newer crashpacks")
        opened(traces).close()
        notes = verify(store).notes
        assert bool(notes) == (secret == SECRET)
        assert all(note.startswith("redaction.key is not the one that 1 crashpack was") for note in notes)

    def test_a_lost_one_is_made_anew_and_old_secrets_compare_equal(self, tmp_path: Path) -> None:
        traces = secretive(tmp_path / "traces")
        with opened(traces) as session:
            approved(session)
        (traces.parent / "traces.assay" / "redaction.key").unlink()
        for number in range(2):  # too few are left to be proposed, so the archive is compared
            (traces / f"run-{number}.json").unlink()
        session = opened(traces)
        assert only(session).failed == 0
        assert only(session).passed == 1
        assert not verify(session.store).problems


class TestComparing:
    def test_equal_secrets_agree_and_others_do_not(self, tmp_path: Path) -> None:
        """The decided steps are only known redacted, and yet a changed secret is seen."""
        traces = secretive(tmp_path / "traces")
        session = opened(traces)
        approved(session)
        for number in range(2):
            (traces / f"run-{number}.json").unlink()
        session.refresh()
        assert (only(session).passed, only(session).failed) == (1, 0)
        secretive(traces, OTHER, 3)
        for number in range(2):
            (traces / f"run-{number}.json").unlink()
        session.refresh()
        assert (only(session).passed, only(session).failed) == (0, 1)
        assert only(session).status == "drifted"

    def test_a_changed_secret_makes_an_approval_stale_and_is_told(self, tmp_path: Path) -> None:
        traces = secretive(tmp_path / "traces")
        session = opened(traces)
        approved(session)
        secretive(traces, OTHER)
        session.refresh()
        view = only(session)
        assert view.status == "stale"
        assert any("[redacted:sensitive_keys:" in change.text for change in view.changes)
        assert not any(secret in str(view.changes) for secret in (SECRET, OTHER))

    def test_a_later_extra_or_exception_changes_no_standing(self, tmp_path: Path) -> None:
        traces = secretive(tmp_path / "traces")
        session = opened(traces)
        approved(session)
        for number in range(2):
            (traces / f"run-{number}.json").unlink()
        policy(session, 'redaction.extras = { package = "publish|registry" }\nredaction.keep_keys = ["token"]')
        session.refresh()
        session.recheck("")
        assert only(session).failed == 0


class TestReplay:
    def test_it_says_what_was_not_compared_and_by_which_rule(self, tmp_path: Path) -> None:
        outcome = approved(opened(secretive(tmp_path / "traces")))
        replayed = replay_decision(pack_of(outcome))
        assert replayed.passed
        told = "not compared: step 2 expected output at /token: redacted by rule sensitive_keys"
        assert any(note.startswith(told) for note in replayed.notes)

    def test_what_was_taken_out_is_counted_and_checked(self, tmp_path: Path) -> None:
        files = pack_of(approved(opened(secretive(tmp_path / "traces"))))
        state = DecisionState.decode(parse(files["state.json"]))
        assert state.redaction is not None
        found = redactions(files)
        assert state.redaction.rules == {rule: len(places) for rule, places in found.items()}
        assert "fixtures/run-0.json#/metadata/goal" in found["github_token"]
        assert any(check.name == "redaction" and check.passed for check in replay_decision(files).checks)
        value = json.loads(files["state.json"])
        value["redaction"]["rules"]["github_token"] += 1
        again = replay_decision({**files, "state.json": json.dumps(value).encode()})
        assert any(check.name == "redaction" and not check.passed for check in again.checks)

    def test_without_secrets_nothing_is_said_of_redaction(self, tmp_path: Path) -> None:
        traces = tmp_path / "traces"
        for number in range(3):
            drop(traces, f"run-{number}", run(f"run-{number}", f"1.{number}"))
        files = pack_of(approved(opened(traces)))
        assert DecisionState.decode(parse(files["state.json"])).redaction is None
        assert not any(b"[redacted" in data for data in files.values())


class TestPolicy:
    def test_extras_and_exceptions_count_in_packs_and_bundles(self, tmp_path: Path) -> None:
        traces = tmp_path / "traces"
        for number in range(3):
            made = run(f"run-{number}", f"1.{number}", metadata={"customer": "CUST-123456", "max_tokens": 4096})
            drop(traces, f"run-{number}", made)
        session = opened(traces)
        policy(session, "redaction.extras = { customer = 'CUST-[0-9]{6}' }\nredaction.keep_keys = ['max_tokens']")
        outcome = approved(session, "for CUST-123456")
        bundle = read_folder(session.workspace / "candidates" / outcome.view.lineage)
        for files in (pack_of(outcome), bundle):
            copy = parse(files["fixtures/run-0.json"])
            assert copy["metadata"]["max_tokens"] == 4096
            assert copy["metadata"]["customer"].startswith("[redacted:customer:")
            assert not any(b"CUST-123456" in data for data in files.values())
        assert parse(bundle["candidate.json"])["redaction"]["rules"][-1] == "customer"
        assert replay_decision(pack_of(outcome)).passed
        assert not verify(session.store).problems

    def test_secrets_in_reasons_and_commands_stay_out(self, tmp_path: Path) -> None:
        session = opened(secretive(tmp_path / "traces"))
        command = ("assay", "approve", "--reason", f"checked with {SECRET}")
        outcome = session.decide(request(only(session), reason=f"checked with {SECRET}", command=command))
        files = pack_of(outcome)
        assert not [name for name, data in files.items() if SECRET.encode() in data]
        assert b"reason: checked with [redacted:github_token:" in files["manifest"]
        assert replay_decision(files).passed
        assert not verify(session.store).problems


class TestFarCorners:
    """Everything that leaves a workspace is free of secrets, whatever field they hide in."""

    def test_hashes_that_runs_claim_for_themselves(self, tmp_path: Path) -> None:
        for number in range(3):
            claimed = f"sha256:{number:064x} token={SECRET}"
            drop(tmp_path / "traces", f"run-{number}", run(f"run-{number}", source_hash=claimed))
        session = opened(tmp_path / "traces")
        undecided = candidate_source(
            session.store, only(session), session.snapshot, session.trace, Redactor(key=b"k" * 32)
        )
        outcome = approved(session)
        for files in (undecided.files, pack_of(outcome), read_folder(session.workspace / "candidates")):
            assert not [name for name, data in files.items() if SECRET.encode() in data]
        assert replay_decision(pack_of(outcome)).passed

    def test_values_that_diverge_and_reasons_of_allow_rules(self, tmp_path: Path) -> None:
        traces = tmp_path / "traces"
        for number in range(6):
            made = run(f"run-{number}", f"1.{number}")
            made["replay_run"] = {"run_id": f"r{number}", "effect_receipts": [{"ok": True}]}
            if number > 3:
                made["replay_run"]["effect_receipts"] = [{"ok": f"no, {SECRET}"}]
                made["actions"][0]["observed_output"] = {"ok": False}
            drop(traces, f"{'shadow' if number > 3 else 'mined'}/run-{number}", made)
        session = opened(traces)
        detail = {"step": 1, "pointer": "/ok"}
        session.decide(request(only(session), "allow", reason=f"{SECRET} says so", detail=detail))
        outcome = session.decide(request(only(session), "reject", reason="no"))
        for files in (pack_of(outcome), read_folder(session.workspace / "candidates")):
            assert not [name for name, data in files.items() if SECRET.encode() in data]
        state = DecisionState.decode(parse(pack_of(outcome)["state.json"]))
        assert state.rederived.shadow.traces[-1].allowed
        assert replay_decision(pack_of(outcome)).passed
