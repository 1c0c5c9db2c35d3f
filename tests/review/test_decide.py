"""Decisions through the session: what is written, what is refused, and that refusing writes nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.artifacts.validate import validate_bundle
from core.crashpack.decision_replay import replay_decision
from core.crashpack.rederive import DecisionState
from core.live.reviewing import Refused, Request
from core.live.snapshot import CandidateView
from core.model.errors import WorkspaceError
from core.model.jsontext import parse, sha256_hex
from core.review.verify import verify
from core.session import Session
from core.store.files import read_folder
from tests.review.making import action, drop, opened, releases, run


def only(session: Session) -> CandidateView:
    (view,) = session.snapshot.candidates
    return view


def request(view: CandidateView, kind: str = "approve", **more: object) -> Request:
    wanted = {"actor": "ann@example.com", "reason": "read it all", "behaviour_digest": view.behaviour_digest}
    return Request(kind=kind, lineage=view.lineage, seen=view, **{**wanted, **more})  # type: ignore[arg-type]


def fingerprint(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != "lock")
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_an_approval_leaves_journal_line_crashpack_and_rewritten_bundle(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    view = only(session)
    assert view.status == "needs_approval"

    outcome = session.decide(request(view))

    assert outcome.view.status == only(session).status == "ready"
    assert outcome.decision.seq == 1
    assert (session.workspace / "journal.jsonl").read_bytes().count(b"\n") == 1
    bundle = read_folder(session.workspace / "candidates" / view.lineage)
    promotion = parse(bundle["report.json"])["candidates"][0]["promotion"]
    assert promotion["approver"] == "ann@example.com"
    assert promotion["criteria"]["status"] == "ready"
    assert promotion["criteria"]["reasons"] == []
    (record,) = promotion["approval_history"]
    assert (record["actor"], record["decision"]) == ("ann@example.com", "approved_for_shadow_promotion")
    assert not validate_bundle(bundle, "bundle").problems
    assert outcome.crashpack == session.workspace / "crashpacks" / f"{view.candidate.id}-001"
    files = read_folder(outcome.crashpack)
    assert {"state.json", "candidate.json", "files.sha256", "replay_command.sh", "transfer.atp-trace"} <= files.keys()
    assert sum(name.startswith("fixtures/") for name in files) == 4
    assert outcome.decision.crashpack is not None
    assert outcome.decision.crashpack.digest == "sha256:" + sha256_hex(files["files.sha256"])
    assert replay_decision(files).passed
    assert not verify(session.store).problems
    assert not list((session.workspace / "tmp").iterdir())


def test_a_decision_of_nobody_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    before = fingerprint(session.workspace)

    with pytest.raises(Refused, match="nobody is named who decides; use --as"):
        session.decide(request(only(session), actor="  "))

    assert fingerprint(session.workspace) == before


def test_an_old_digest_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    before = fingerprint(session.workspace)

    with pytest.raises(Refused) as refused:
        session.decide(request(only(session), behaviour_digest="sha256:" + "0" * 64))

    assert refused.value.stale
    assert fingerprint(session.workspace) == before


def test_behaviour_that_changes_while_the_dialog_is_open_refuses(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    seen = only(session)
    for number in range(4):
        changed = run(f"run-{number}", f"1.{number}")
        changed["actions"][1]["observed_output"] = {"failed": 0, "skipped": 2}
        drop(traces, f"run-{number}", changed)
    before = fingerprint(session.workspace)

    with pytest.raises(Refused) as refused:
        session.decide(request(seen))

    assert refused.value.stale
    assert refused.value.fresh is not None
    assert refused.value.fresh.behaviour_digest != seen.behaviour_digest
    assert fingerprint(session.workspace) == before


def test_a_shown_run_that_vanishes_refuses_even_with_the_same_behaviour(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces", 5)
    session = opened(traces)
    seen = only(session)
    (traces / "run-3.json").unlink()

    with pytest.raises(Refused, match="run run-3 is gone"):
        session.decide(request(seen))


def test_a_run_that_only_adds_passing_evidence_does_not_refuse_and_is_named(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    seen = only(session)
    drop(traces, "run-9", run("run-9", "1.9"))
    session.refresh()

    outcome = session.decide(request(seen))

    assert outcome.decision.detail["added_runs"] == ["run-9"]
    assert outcome.view.status == "ready"


def test_blocked_candidates_cannot_be_approved_but_rejected(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    bad = run("shadow-1", "9.9")
    bad["actions"][1]["observed_output"] = {"failed": 3}
    drop(traces, "shadow/run", bad)
    session = opened(traces)
    view = only(session)
    assert view.status == "blocked"

    with pytest.raises(Refused, match="shadow comparison did not pass"):
        session.decide(request(view))
    outcome = session.decide(request(view, "reject", reason="tests fail in shadow"))

    assert outcome.view.status == "rejected"
    assert "rejected by ann@example.com: tests fail in shadow" in outcome.view.reasons
    assert outcome.crashpack is not None
    files = read_folder(outcome.crashpack)
    assert b"path_consistency" in files["journal"]
    assert replay_decision(files).passed
    report = parse(read_folder(session.workspace / "candidates" / view.lineage)["report.json"])
    assert report["rejected_candidates"][0]["promotion"]["criteria"]["status"] == "blocked"
    assert not verify(session.store).problems


@pytest.mark.parametrize(("kind", "reason"), [("reject", " "), ("revoke", ""), ("needs_work", "")])
def test_decisions_that_need_a_reason_are_refused_without(tmp_path: Path, kind: str, reason: str) -> None:
    session = opened(releases(tmp_path / "traces"))

    with pytest.raises(Refused, match="wants a reason"):
        session.decide(request(only(session), kind, reason=reason))


def test_high_risk_needs_a_reason(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    for number in range(3):
        trace = run(f"run-{number}", f"1.{number}")
        trace["actions"][2]["required_secrets"] = ["REGISTRY_TOKEN"]
        drop(traces, f"run-{number}", trace)
    session = opened(traces)
    view = only(session)
    assert view.risk == "high"

    with pytest.raises(Refused, match="wants a reason"):
        session.decide(request(view, reason=""))
    assert session.decide(request(view)).view.status == "ready"


def test_revoking_takes_back_ones_own_decision_only(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    view = only(session)
    session.decide(request(view))

    with pytest.raises(Refused, match=r"only ann@example\.com can take back"):
        session.decide(request(view, "revoke", actor="bob@example.com"))
    outcome = session.decide(request(view, "revoke", reason="too early"))

    assert outcome.view.status == "needs_approval"
    assert outcome.crashpack is None
    history = outcome.view.candidate.promotion.approval_history
    assert [record.decision for record in history] == ["approved_for_shadow_promotion", "approval_revoked"]
    assert outcome.view.candidate.promotion.approver is None
    assert not verify(session.store).problems


def test_an_author_may_not_approve_the_own_workflow(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    policy = session.workspace / "assay.toml"
    policy.write_text(policy.read_text() + '\nauthor = "ann@example.com"\n')

    with pytest.raises(Refused, match="is the author"):
        session.decide(request(only(session)))
    assert session.decide(request(only(session), actor="bob@example.com")).view.status == "ready"


def test_two_approvals_of_distinct_people_when_the_policy_wants_two(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    policy = session.workspace / "assay.toml"
    policy.write_text(policy.read_text().replace("approvals_required = 1", "approvals_required = 2"))

    first = session.decide(request(only(session)))
    again = session.decide(request(only(session)))
    second = session.decide(request(only(session), actor="bob@example.com"))

    assert (first.view.status, first.view.reasons) == ("needs_approval", ("1 of 2 approvals recorded",))
    assert again.view.status == "needs_approval"
    assert second.view.status == "ready"


def test_an_unresolved_approval_point_warns_and_is_a_violation_with_its_witness(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    for number in range(3):
        trace = run(f"run-{number}", f"1.{number}")
        trace["actions"].insert(2, action(3, "ask", approval={"required": True, "boundary": "release"}))
        drop(traces, f"run-{number}", trace)
    session = opened(traces)
    view = only(session)
    assert any("that no approver resolved" in warning for warning in view.warnings)

    outcome = session.decide(request(view))

    assert outcome.crashpack is not None
    files = read_folder(outcome.crashpack)
    assert b"obligation_leak" in files["journal"]
    state = DecisionState.decode(parse(files["state.json"]))
    assert state.oracles[0].state.leaked_obligations == 3
    assert replay_decision(files).passed


def test_times_that_run_backwards_block_an_approval(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    for number in range(3):
        trace = run(f"run-{number}", f"1.{number}")
        trace["actions"][2]["timestamp"] = "2020-01-01T00:00:00Z"
        drop(traces, f"run-{number}", trace)
    session = opened(traces)

    with pytest.raises(Refused, match="journal: 3 faults in"):
        session.decide(request(only(session)))


def test_a_damaged_journal_forbids_decisions(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    session.decide(request(only(session)))
    journal = session.workspace / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"payloadType", b"payloadTypo"))

    with pytest.raises((Refused, WorkspaceError)):
        session.decide(request(only(session), actor="bob@example.com"))
    assert session.snapshot.journal.faults
    assert verify(session.store).problems


def test_secrets_stay_out_of_bundle_and_crashpack(tmp_path: Path) -> None:
    secret = "ghp_" + "x1Y2" * 9
    traces = tmp_path / "traces"
    for number in range(3):
        trace = run(f"run-{number}", f"1.{number}", metadata={"api_key": secret})
        trace["actions"][1]["observed_output"] = {"failed": 0, "token": secret}
        drop(traces, f"run-{number}", trace)
    session = opened(traces)

    outcome = session.decide(request(only(session)))

    assert outcome.crashpack is not None
    for folder in (outcome.crashpack, session.workspace / "candidates"):
        assert not [name for name, data in read_folder(folder).items() if secret.encode() in data]
    files = read_folder(outcome.crashpack)
    replayed = replay_decision(files)
    assert replayed.passed
    assert any("step 2 expected output at /token" in note for note in replayed.notes)
    assert not verify(session.store).problems


def test_the_same_decision_gives_the_same_crashpack(tmp_path: Path) -> None:
    packs = []
    for name in ("one", "two"):
        session = opened(releases(tmp_path / name / "traces"))
        outcome = session.decide(request(only(session)))
        assert outcome.crashpack is not None
        packs.append(read_folder(outcome.crashpack))
    # Runs without a source are given the path that they were read from.
    ours = {name: data.replace(b"/one/", b"/two/") for name, data in packs[0].items() if name != "files.sha256"}
    assert ours == {name: data for name, data in packs[1].items() if name != "files.sha256"}


def test_an_approval_is_refused_when_somebody_rejected_it_after_it_was_read(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    ann, bob = opened(traces), opened(traces, actor="bob@example.com")
    seen = only(ann)
    bob.decide(request(only(bob), "reject", reason="no tests", actor="bob@example.com"))
    with pytest.raises(Refused, match=r"it was rejected by bob@example\.com: no tests") as refused:
        ann.decide(request(seen))
    assert refused.value.stale
    assert ann.decide(request(only(ann))).view.status == "rejected"
