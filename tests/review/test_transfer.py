"""Every transfer oracle failing in real life: what a reviewer sees before, and what the crashpack shows afterwards.

Source: spec/review.md, The transfer state of a promotion; the policy's `block_on`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.crashpack.decision_replay import replay_decision
from core.crashpack.oracles import OracleResult, Violation
from core.crashpack.rederive import DecisionState
from core.crashpack.validate import validate
from core.crashpack.witness import is_witness
from core.live.reviewing import Outcome, Refused
from core.model.jsontext import parse
from core.review.verify import verify
from core.session import Session
from core.store.files import read_folder
from tests.review.making import action, drop, opened, releases, run
from tests.review.test_decide import fingerprint, only, request

JOURNAL = (
    "journal: 3 faults in the journal's chain or in source runs, whose times go back or whose file changed or is gone"
)
QUIESCENCE = "quiescence: 1 file quarantined, or changed and not read yet"
OBLIGATIONS = "obligations: 3 approval points that no approver resolved"


def allow_all(session: Session, *, but: tuple[str, ...] = ()) -> None:
    """Let the policy block on nothing (`but`), so that what it found only warns."""
    policy = session.workspace / "assay.toml"
    blocking = ", ".join(f'"{name}"' for name in but)
    text = policy.read_text().replace('block_on = ["manifest", "journal", "paths"]', f"block_on = [{blocking}]")
    policy.write_text(text)
    session.recheck("")


def shown(outcome: Outcome, kind: str) -> Violation:
    """The violation of a kind in an outcome's crashpack: in journal and ledger, with its witness, and replayed."""
    assert outcome.crashpack is not None
    files = read_folder(outcome.crashpack)
    found = validate(files)
    assert found.passed
    (result,) = found.contents.results or ()
    assert isinstance(result, OracleResult)
    assert found.contents.ledger is not None
    assert found.contents.ledger.violation_entries == 1
    (violation,) = [violation for violation in result.violations if violation.violation_type == kind]
    words = [event.message or "" for event in found.contents.events or () if is_witness(event)]
    assert any(message.startswith(f"{kind} violation: ") for message in words)
    again = replay_decision(files)
    assert again.passed, again.first_difference
    return violation


def state_of(outcome: Outcome) -> DecisionState:
    assert outcome.crashpack is not None
    return DecisionState.decode(parse((outcome.crashpack / "state.json").read_bytes()))


def changed(traces: Path, count: int = 4) -> None:
    """Other outputs of a step in every run: another behaviour."""
    for number in range(count):
        made = run(f"run-{number}", f"1.{number}")
        made["actions"][1]["observed_output"] = {"failed": 0, "skipped": 2}
        drop(traces, f"run-{number}", made)


def leaky(traces: Path, count: int = 3) -> Path:
    """Runs with an approval point that nobody ever resolved."""
    for number in range(count):
        made = run(f"run-{number}", f"1.{number}")
        made["actions"].insert(2, action(3, "ask", approval={"required": True, "boundary": "release"}))
        drop(traces, f"run-{number}", made)
    return traces


def backwards(traces: Path, count: int = 3) -> Path:
    for number in range(count):
        made = run(f"run-{number}", f"1.{number}")
        made["actions"][2]["timestamp"] = "2020-01-01T00:00:00Z"
        drop(traces, f"run-{number}", made)
    return traces


class TestManifest:
    def test_a_behaviour_that_changed_while_it_was_read_refuses_an_approval(self, tmp_path: Path) -> None:
        traces = releases(tmp_path / "traces")
        session = opened(traces)
        allow_all(session)
        seen = only(session)
        changed(traces)
        before = fingerprint(session.workspace)

        with pytest.raises(Refused, match="the behaviour changed: ") as refused:
            session.decide(request(seen))

        assert refused.value.stale
        assert fingerprint(session.workspace) == before

    def test_a_rejection_is_recorded_and_shows_both_digests(self, tmp_path: Path) -> None:
        traces = releases(tmp_path / "traces")
        session = opened(traces)
        seen = only(session)
        changed(traces)

        outcome = session.decide(request(seen, "reject", reason="not this"))

        violation = shown(outcome, "manifest_integrity")
        present = only(session).behaviour_digest
        assert violation.severity == "High"
        assert violation.evidence == {"expected_hash": seen.behaviour_digest, "actual_hash": present}
        assert outcome.decision.detail["reviewed_behaviour"] == seen.behaviour_digest
        assert (outcome.decision.behaviour_digest, outcome.view.status) == (present, "rejected")
        assert not verify(session.store).problems

    def test_a_digest_that_was_never_shown_refuses_a_rejection_too(self, tmp_path: Path) -> None:
        session = opened(releases(tmp_path / "traces"))
        for seen in (only(session), None):
            wrong = request(only(session), "reject", behaviour_digest="sha256:" + "0" * 64)
            with pytest.raises(Refused, match="the behaviour changed"):
                session.decide(replace(wrong, seen=seen))


class TestJournal:
    def test_times_that_run_backwards_block(self, tmp_path: Path) -> None:
        session = opened(backwards(tmp_path / "traces"))
        assert JOURNAL in only(session).approvable
        assert not any("journal" in warning for warning in only(session).warnings)
        with pytest.raises(Refused, match="journal: 3 faults"):
            session.decide(request(only(session)))

    def test_they_warn_where_the_policy_says_so_and_are_in_the_pack_of_the_approval(self, tmp_path: Path) -> None:
        session = opened(backwards(tmp_path / "traces"))
        allow_all(session)
        view = only(session)
        assert view.approvable == ()
        assert JOURNAL in view.warnings

        outcome = session.decide(request(view, acknowledged=view.warnings))

        assert shown(outcome, "journal_consistency").evidence == {"gap_count": "3"}
        assert outcome.view.status == "ready"

    def test_a_rejection_shows_them(self, tmp_path: Path) -> None:
        session = opened(backwards(tmp_path / "traces"))
        outcome = session.decide(request(only(session), "reject", reason="odd times"))
        assert shown(outcome, "journal_consistency").severity == "High"

    @pytest.mark.parametrize("how", ["changed", "vanished"])
    def test_a_source_that_moves_while_confirming_refuses_an_approval(self, how: str, tmp_path: Path) -> None:
        traces = releases(tmp_path / "traces", 5)
        session = opened(traces)
        allow_all(session)
        seen = only(session)
        touch(traces, how)
        with pytest.raises(Refused, match=f"run run-3 {'was changed' if how == 'changed' else 'is gone'}") as refused:
            session.decide(request(seen))
        assert refused.value.stale

    @pytest.mark.parametrize("how", ["changed", "vanished"])
    def test_an_approval_of_a_digest_alone_is_blocked_by_the_journal(self, how: str, tmp_path: Path) -> None:
        """A program that only names the digest saw no runs, so nothing that was shown has changed."""
        traces = releases(tmp_path / "traces", 5)
        session = opened(traces)
        seen = only(session)
        touch(traces, how)
        with pytest.raises(Refused, match="journal: 1 fault in"):
            session.decide(replace(request(seen), seen=None))

    @pytest.mark.parametrize("how", ["changed", "vanished"])
    def test_where_the_journal_only_warns_the_pack_shows_it(self, how: str, tmp_path: Path) -> None:
        traces = releases(tmp_path / "traces", 5)
        session = opened(traces)
        allow_all(session)
        seen = only(session)
        touch(traces, how)
        outcome = session.decide(replace(request(seen), seen=None))
        assert shown(outcome, "journal_consistency").evidence == {"gap_count": "1"}
        assert shown(outcome, "quiescence").evidence == {"pending_count": "1"}

    @pytest.mark.parametrize("how", ["changed", "vanished"])
    @pytest.mark.parametrize("absorbed", [False, True])
    def test_a_rejection_shows_it_whether_or_not_it_was_absorbed(
        self, how: str, absorbed: bool, tmp_path: Path
    ) -> None:
        traces = releases(tmp_path / "traces", 5)
        session = opened(traces)
        seen = only(session)
        touch(traces, how)
        if absorbed:
            session.refresh()
        outcome = session.decide(request(seen, "reject", reason="it moves"))
        assert shown(outcome, "journal_consistency").evidence == {"gap_count": "1"}
        assert state_of(outcome).oracles[0].state.pending_operations == (0 if absorbed else 1)


def touch(traces: Path, how: str) -> None:
    """Change or remove one run; the behaviour stays."""
    if how == "changed":
        drop(traces, "run-3", run("run-3", "1.3", metadata={"note": "edited"}))
    else:
        (traces / "run-3.json").unlink()


class TestQuiescence:
    def quarantined(self, tmp_path: Path) -> Session:
        traces = releases(tmp_path / "traces")
        (traces / "broken.json").write_text("{]")
        return opened(traces)

    def test_a_quarantined_file_warns_and_is_in_the_pack_of_the_approval(self, tmp_path: Path) -> None:
        session = self.quarantined(tmp_path)
        view = only(session)
        assert view.approvable == ()
        assert QUIESCENCE in view.warnings

        outcome = session.decide(request(view, acknowledged=view.warnings))

        violation = shown(outcome, "quiescence")
        assert (violation.severity, violation.evidence) == ("Medium", {"pending_count": "1"})
        assert outcome.decision.detail["acknowledged"] == list(view.warnings)

    def test_it_blocks_where_the_policy_says_so(self, tmp_path: Path) -> None:
        session = self.quarantined(tmp_path)
        allow_all(session, but=("quiescence",))
        assert only(session).approvable == (QUIESCENCE,)
        with pytest.raises(Refused, match="blocked: quiescence"):
            session.decide(request(only(session)))
        assert shown(session.decide(request(only(session), "reject", reason="wait")), "quiescence")


class TestObligations:
    def test_an_approval_point_that_nobody_resolved_warns(self, tmp_path: Path) -> None:
        session = opened(leaky(tmp_path / "traces"))
        view = only(session)
        assert OBLIGATIONS in view.warnings
        violation = shown(session.decide(request(view)), "obligation_leak")
        assert (violation.severity, violation.evidence) == ("High", {"leak_count": "3"})

    def test_it_blocks_where_the_policy_says_so(self, tmp_path: Path) -> None:
        session = opened(leaky(tmp_path / "traces"))
        allow_all(session, but=("obligations",))
        assert only(session).approvable == (OBLIGATIONS,)
        with pytest.raises(Refused, match="blocked: obligations"):
            session.decide(request(only(session)))
        assert shown(session.decide(request(only(session), "reject", reason="who?")), "obligation_leak")


class TestPaths:
    def failing(self, tmp_path: Path) -> Session:
        traces = releases(tmp_path / "traces")
        bad = run("shadow-1", "9.9")
        bad["actions"][1]["observed_output"] = {"failed": 3}
        drop(traces, "shadow/run", bad)
        return opened(traces)

    def test_a_run_that_does_not_agree_blocks_whatever_the_policy_says(self, tmp_path: Path) -> None:
        session = self.failing(tmp_path)
        assert "paths: compared runs diverge" in only(session).approvable
        allow_all(session)
        assert only(session).approvable
        with pytest.raises(Refused, match="shadow comparison did not pass"):
            session.decide(request(only(session)))

    def test_a_rejection_shows_it(self, tmp_path: Path) -> None:
        session = self.failing(tmp_path)
        outcome = session.decide(request(only(session), "reject", reason="it fails"))
        assert shown(outcome, "path_consistency").evidence == {}
        assert not state_of(outcome).oracles[0].state.path_outcomes_consistent


def test_all_five_at_once_are_each_shown(tmp_path: Path) -> None:
    traces = leaky(backwards(tmp_path / "traces"), 3)
    session = opened(traces)
    seen = only(session)
    for number in range(3):
        made = run(f"run-{number}", f"1.{number}")
        made["actions"].insert(2, action(3, "ask", approval={"required": True, "boundary": "release"}))
        made["actions"][1]["observed_output"] = {"failed": 0, "skipped": 1}
        made["actions"][3]["timestamp"] = "2020-01-01T00:00:00Z"
        drop(traces, f"run-{number}", made)
    bad = run("shadow-1", "9.9")
    bad["actions"].insert(2, action(3, "ask", approval={"required": True, "boundary": "release"}))
    drop(traces, "shadow/run", bad)
    (traces / "broken.json").write_text("{]")
    session.refresh()

    outcome = session.decide(request(seen, "reject", reason="no"))

    kinds = ("manifest_integrity", "journal_consistency", "quiescence", "obligation_leak", "path_consistency")
    assert [shown(outcome, kind).violation_type for kind in kinds] == list(kinds)


def test_with_nothing_wrong_no_oracle_speaks(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    outcome = session.decide(request(only(session)))
    assert state_of(outcome).oracles[0].run().passed
    assert outcome.crashpack is not None
    assert replay_decision(read_folder(outcome.crashpack)).passed
