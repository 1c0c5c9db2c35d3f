"""What decisions add up to, and what an approval is bound to, as the world changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.decided import growth
from core.live.reviewing import Request
from core.live.snapshot import CandidateView
from core.model.decision import Decision, DecisionKind
from core.promotion.standing import Rules, Standing, approval_history, approver, standing, verdicts
from core.session import Session
from tests.review.making import action, drop, opened, releases, run

NOW, OLD = "sha256:now", "sha256:old"


def decision(seq: int, actor: str, kind: DecisionKind, behaviour: str = NOW, **detail: object) -> Decision:
    return Decision(seq=seq, actor=actor, kind=kind, behaviour_digest=behaviour, reason="why", detail=detail)


@pytest.mark.parametrize(
    ("decisions", "failures", "status"),
    [
        ([], [], "needs_approval"),
        ([], ["confidence"], "blocked"),
        ([decision(1, "a", "approve")], [], "ready"),
        ([decision(1, "a", "approve")], ["shadow"], "drifted"),
        ([decision(1, "a", "approve", OLD)], [], "stale"),
        ([decision(1, "a", "approve", OLD)], ["shadow"], "drifted"),
        ([decision(1, "a", "reject")], [], "rejected"),
        ([decision(1, "a", "reject", OLD)], [], "needs_approval"),
        ([decision(1, "a", "needs_work")], ["shadow"], "needs_work"),
        ([decision(1, "a", "approve"), decision(2, "b", "reject")], [], "rejected"),
        ([decision(1, "a", "reject"), decision(2, "a", "approve")], [], "ready"),
        ([decision(1, "a", "approve"), decision(2, "a", "revoke", revokes=[1])], [], "needs_approval"),
        ([decision(1, "b", "reject"), decision(2, "b", "revoke", revokes=[1])], [], "needs_approval"),
        ([decision(1, "b", "reject"), decision(2, "a", "revoke", revokes=[1])], [], "rejected"),
        ([decision(1, "b", "approve"), decision(2, "a", "revoke", revokes=[1])], [], "needs_approval"),
        ([decision(1, "a", "needs_work"), decision(2, "b", "reject")], [], "rejected"),
    ],
)
def test_status_of_a_lineage(decisions: list[Decision], failures: list[str], status: str) -> None:
    assert standing(decisions, NOW, failures, Rules()).status == status


def test_the_policy_says_whether_an_objection_of_somebody_else_can_be_taken_back() -> None:
    decisions = [decision(1, "b", "reject"), decision(2, "a", "revoke", revokes=[1])]
    assert standing(decisions, NOW, [], Rules(revoke_others=True)).status == "needs_approval"
    assert standing(decisions, NOW, [], Rules(revoke_others=False)).status == "rejected"


def test_an_objection_is_told_in_its_own_word_and_a_rejection_first() -> None:
    back, no = decision(1, "a", "needs_work"), decision(2, "b", "reject")
    assert standing([back], NOW, ["shadow"], Rules()).reasons == ("sent back by a: why", "shadow")
    assert standing([back, no], NOW, [], Rules()).reasons == ("rejected by b: why",)


def test_fewer_approvals_than_required_are_counted() -> None:
    rules = Rules(approvals_required=2)
    one = standing([decision(1, "a", "approve"), decision(2, "a", "approve")], NOW, [], rules)
    assert (one.status, one.reasons) == ("needs_approval", ("1 of 2 approvals recorded",))
    both = standing([decision(1, "a", "approve"), decision(2, "b", "approve")], NOW, [], rules)
    assert both.status == "ready"


def test_an_authors_own_approval_does_not_count_unless_allowed() -> None:
    decisions = [decision(1, "a", "approve")]
    why = "the approval by a does not count: a is the author and may not approve (allow_self_approval in the policy)"
    missing = "human approval has not been recorded"
    for failures, status in (((), "needs_approval"), (("shadow",), "blocked")):
        told = standing(decisions, NOW, failures, Rules(author="a"))
        assert (told.status, told.reasons) == (status, (*failures, missing, why))
    assert standing(decisions, NOW, [], Rules(author="a", allow_self_approval=True)).status == "ready"


KINDS = st.sampled_from(["approve", "reject", "needs_work", "revoke"])


@given(st.lists(st.tuples(st.sampled_from("abc"), KINDS, st.sampled_from([NOW, OLD])), max_size=12))
def test_one_verdict_an_actor_and_the_approver_is_one_of_them(said: list[tuple[str, DecisionKind, str]]) -> None:
    decisions: list[Decision] = []
    for seq, (actor, kind, behaviour) in enumerate(said, 1):
        own = [d.seq for d in verdicts(decisions) if d.actor == actor]
        decisions.append(decision(seq, actor, kind, behaviour, revokes=own if kind == "revoke" else []))
    current = verdicts(decisions)
    assert len({d.actor for d in current}) == len(current)
    assert all(d == max((e for e in decisions if e.actor == d.actor), key=lambda e: e.seq) for d in current)
    approvers = {d.actor for d in current if d.kind == "approve"}
    assert approver(decisions) in (approvers or {None})
    stands = standing(decisions, NOW, [], Rules())
    if any(d.kind == "reject" and d.behaviour_digest == NOW for d in current):
        assert stands.status == "rejected"
    assert len(approval_history(decisions)) <= len(decisions)


def approve(session: Session) -> CandidateView:
    (view,) = session.snapshot.candidates
    wanted = Request("approve", view.lineage, view.behaviour_digest, session.reviewer, "read it", seen=view)
    return session.decide(wanted).view


def test_new_evidence_keeps_an_approval_and_says_so(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    approve(session)
    drop(traces, "run-7", run("run-7", "1.7"))
    session.refresh()

    (view,) = session.snapshot.candidates
    assert view.status == "ready"
    assert view.notes == ("approved on 4 runs, now 5",)


def test_an_approval_says_nothing_of_runs_while_these_are_as_many_or_nobody_counted_them(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    view = approve(session)
    assert (view.status, view.notes) == ("ready", ())
    (approval,) = view.decisions
    stands = Standing("ready", (), (approval.replace(detail={}),))
    assert growth(view.candidate, stands) == ()


def test_changed_behaviour_makes_an_approval_stale_and_says_what_changed(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session).lineage
    for number in range(4):
        changed = run(f"run-{number}", f"1.{number}")
        changed["actions"][1]["observed_output"] = {"failed": 0, "skipped": 1}
        drop(traces, f"run-{number}", changed)
    session.refresh()

    (view,) = session.snapshot.candidates
    assert (view.lineage, view.status) == (lineage, "stale")
    assert any(change.where == "step 2 expected output" for change in view.changes)
    assert view.reasons[0] == (
        'step 2 expects `{"failed":0}` no more, but `{"failed":0,"skipped":1}`: 4 of 4 runs differ'
    )
    assert view.candidate.promotion.criteria.status == "needs_approval"


def test_a_failing_shadow_run_makes_an_approved_candidate_drift_to_the_top(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    for number in range(3):
        drop(traces, f"other-{number}", run(f"other-{number}", workflow="other"))
    session = opened(traces)
    view = next(v for v in session.snapshot.candidates if v.cohort == "release")
    session.decide(Request("approve", view.lineage, view.behaviour_digest, "ann", "ok", seen=view))
    bad = run("bad", "9.9")
    bad["actions"][1]["observed_output"] = {"failed": 3}
    drop(traces, "shadow/bad", bad)
    session.refresh()

    first = session.snapshot.candidates[0]
    assert (first.lineage, first.status) == (view.lineage, "drifted")
    assert "shadow comparison did not pass" in first.reasons


def test_a_decided_lineage_never_leaves_the_list(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session).lineage
    for path in traces.glob("*.json"):
        path.unlink()
    drop(traces, "else", run("else", workflow="other"))
    session.refresh()

    (view,) = session.snapshot.candidates
    assert (view.lineage, view.status, view.proposed) == (lineage, "drifted", False)
    assert view.reasons[0] == "no longer proposed"
    assert [step.name for step in view.candidate.steps] == ["build", "test", "publish"]


def test_an_approved_sequence_that_became_part_of_a_longer_one_names_it(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session).lineage
    for number in range(4):
        longer = run(f"run-{number}", f"1.{number}")
        longer["actions"].append(action(4, "announce"))
        drop(traces, f"run-{number}", longer)
    session.refresh()

    views = {view.lineage: view for view in session.snapshot.candidates}
    assert len(views) == 2
    assert views[lineage].status == "ready"
    assert views[lineage].notes[0].startswith("now part of build → publish")


def test_a_lineage_can_be_rejected_whose_runs_have_lost_their_steps(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session).lineage
    for number in range(4):
        short = run(f"run-{number}", f"1.{number}")
        drop(traces, f"run-{number}", {**short, "actions": short["actions"][:number]})
    session.refresh()

    (view,) = (one for one in session.snapshot.candidates if one.lineage == lineage)
    assert (view.status, view.proposed) == ("drifted", False)
    outcome = session.decide(Request("reject", lineage, view.behaviour_digest, session.reviewer, "gone", seen=view))
    assert (outcome.view.status, outcome.trouble) == ("rejected", "")


def test_a_lost_crashpack_does_not_hide_its_lineage(tmp_path: Path) -> None:
    import shutil

    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session).lineage
    shutil.rmtree(session.workspace / "crashpacks")
    for path in traces.glob("*.json"):
        path.unlink()
    drop(traces, "else", run("else", workflow="other"))

    (view,) = opened(traces).snapshot.candidates
    assert (view.lineage, view.status) == (lineage, "drifted")
    assert "its crashpack is missing, so its steps are not known" in view.notes
    assert view.cohort == "release"


def failing_shadow(traces: Path) -> None:
    bad = run("bad", "9.9")
    bad["actions"][1]["observed_output"] = {"failed": 3}
    drop(traces, "shadow/bad", bad)


def say(session: Session, kind: DecisionKind, **detail: object) -> CandidateView:
    view = session.snapshot.candidates[0]
    return session.decide(Request(kind, view.lineage, "", "ann", "because", seen=view, detail=detail)).view


def test_an_allow_rule_lets_a_divergence_pass_and_says_so_until_withdrawn(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    failing_shadow(traces)
    session = opened(traces)
    assert session.snapshot.candidates[0].status == "blocked"

    allowed = say(session, "allow", step=2, pointer="/failed", scope="lineage")

    assert allowed.status == "needs_approval"
    assert "1 run passes only thanks to allow rules" in allowed.notes
    assert "1 run passes only thanks to allow rules" in allowed.warnings
    assert (allowed.passed, allowed.allowed) == (5, 1)
    (result,) = [r for r in allowed.candidate.shadow.traces if r.allowed]
    assert result.trace_id == "bad"
    assert result.allowed == ("step 2 output /failed: because (rule 1)",)
    (difference,) = session.differences(allowed, "bad")
    assert difference.allowed
    approved = approve(session)
    assert approved.status == "ready"
    assert opened(traces).snapshot.candidates[0].status == "ready"

    withdrawn = say(session, "withdraw", rule=1)

    assert withdrawn.status == "drifted"
    assert withdrawn.rules == ()


def test_a_crashpack_of_an_approval_thanks_to_a_rule_replays(tmp_path: Path) -> None:
    from core.crashpack.decision_replay import replay_decision
    from core.store.files import read_folder

    traces = releases(tmp_path / "traces")
    failing_shadow(traces)
    session = opened(traces)
    say(session, "allow", step=2, pointer="/failed", scope="cohort")
    approve(session)
    (pack,) = (session.workspace / "crashpacks").iterdir()
    assert replay_decision(read_folder(pack)).passed


def test_a_rule_for_receipts_joins_the_allowlist(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    for number in range(3):
        receipts = [{"id": number, "status": "ok"}]
        replayed = {"run_id": f"run-{number}", "effect_receipts": receipts}
        allowlist = [{"path": "/run_id", "reason": "fresh each time"}]
        made = run(f"r{number}", replay_run=replayed, replay_allowlist=allowlist)
        drop(traces, f"r{number}", made)
    session = opened(traces)
    assert session.snapshot.candidates[0].status == "blocked"

    allowed = say(session, "allow", step=None, pointer="/effect_receipts/*/id", scope="lineage")

    assert allowed.status == "needs_approval"
    assert allowed.notes == ("2 runs pass only thanks to allow rules",)


def test_a_rule_of_another_cohort_does_not_count(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    for number in range(3):
        drop(traces, f"other-{number}", run(f"other-{number}", workflow="other"))
    failing_shadow(traces)
    session = opened(traces)
    other = next(v for v in session.snapshot.candidates if v.cohort == "other")
    detail = {"step": 2, "pointer": "/failed", "scope": "cohort"}
    session.decide(Request("allow", other.lineage, "", "ann", "fine", seen=other, detail=detail))
    assert {v.cohort: v.status for v in session.snapshot.candidates} == {
        "other": "needs_approval",
        "release": "blocked",
    }


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("allow", {"step": 9, "pointer": "/x"}),
        ("allow", {"step": 1, "pointer": "x"}),
        ("allow", {"step": None, "pointer": "/"}),
        ("withdraw", {"rule": 4}),
        ("rename", {"name": " "}),
        ("rename", {"name": "a\x1bb"}),
    ],
)
def test_faulty_rules_and_names_are_refused(tmp_path: Path, kind: DecisionKind, detail: dict[str, object]) -> None:
    from core.live.reviewing import Refused

    session = opened(releases(tmp_path / "traces"))
    with pytest.raises(Refused):
        say(session, kind, **detail)
    assert not (session.workspace / "journal.jsonl").exists()


def test_a_new_name_is_part_of_the_behaviour(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    approve(session)

    renamed = say(session, "rename", name="ship_it")

    assert (renamed.label, renamed.candidate.name) == ("ship_it", "ship_it")
    assert renamed.candidate.promotion.package_name == "ship-it"
    assert renamed.status == "stale"
    assert any(change.where == "name" for change in renamed.changes)
