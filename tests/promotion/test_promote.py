from __future__ import annotations

import pytest

from core.model.candidate import Candidate, Savings
from core.model.options import Options
from core.model.trace import Trace
from core.promotion.promote import NO_APPROVAL, criteria, promote, unjudged, unmet
from core.shadow.compare import shadow_compare
from tests.shadow.making import RUN_ID, action, candidate, replay, run

FIRST, SECOND = run("t1", action("build", output=1)), run("t2", action("build", output=1))
PLAIN = Options()
NOW = "2026-01-02T03:04:05Z"


def compared(*pool: Trace, receipts: tuple[object, ...] = ()) -> Candidate:
    found = candidate(FIRST, SECOND, receipts=receipts).replace(savings=Savings(wall_ms_avoided=5))
    return found.replace(shadow=shadow_compare(found, (FIRST, SECOND, *pool)))


def promoted(given: Candidate, options: Options = PLAIN, **more: object) -> Candidate:
    return promote(given, options, created_at=NOW, package_name="flow-package", **more)  # type: ignore[arg-type]


class TestStatus:
    def test_without_an_approval(self):
        found = promoted(compared()).promotion.criteria
        assert (found.status, found.reasons) == ("needs_approval", (NO_APPROVAL,))

    @pytest.mark.parametrize(
        ("approver", "status"), [("lead", "ready"), (" \t", "needs_approval"), ("", "needs_approval")]
    )
    def test_a_blank_approver_is_none(self, approver: str, status: str):
        made = promoted(compared(), Options(approver=approver)).promotion
        assert made.criteria.status == status
        assert made.approver == approver
        assert [(r.actor, r.recorded_at) for r in made.approval_history] == (
            [("lead", NOW)] if status == "ready" else []
        )

    def test_every_reason_in_order(self):
        failing = compared(run("t3", action("build", output=2))).replace(confidence=0.125)
        made = promoted(failing, Options(min_examples=9, promotion_min_confidence=0.9))
        assert made.promotion.criteria.reasons == (
            "sample count 3 is below required minimum 9",
            "confidence 0.12 is below required minimum 0.90",
            "shadow comparison did not pass",
            "candidate has rejection reasons",
            NO_APPROVAL,
        )
        assert made.promotion.criteria.status == "blocked"
        assert made.rejection_reasons == ("trace t3 failed shadow comparison",)

    def test_what_is_just_enough_is_enough(self):
        enough = compared().replace(confidence=0.9)
        assert promoted(enough, Options(min_examples=2, promotion_min_confidence=0.9)).promotion.criteria.reasons == (
            NO_APPROVAL,
        )
        assert unmet(enough, min_examples=3, min_confidence=0.9) == ("sample count 2 is below required minimum 3",)
        assert unmet(enough, min_examples=2, min_confidence=0.91) == ("confidence 0.90 is below required minimum 0.91",)

    def test_what_is_judged_again_is_rejected_once(self):
        given = compared(run("t3", action("build", output=2))).replace(rejection_reasons=("no",))
        once = promoted(given)
        assert once.rejection_reasons == ("no", "trace t3 failed shadow comparison")
        assert promoted(unjudged(once)) == once

    def test_an_approval_does_not_unblock(self):
        blocked = compared().replace(rejection_reasons=("no",))
        assert promoted(blocked, Options(approver="lead")).promotion.criteria.status == "blocked"

    def test_the_minimum_of_examples_can_be_replaced(self):
        one = candidate(FIRST)
        one = one.replace(shadow=shadow_compare(one, [FIRST]))
        assert promoted(one).promotion.criteria.status == "blocked"
        alone = promoted(one, min_examples=1).promotion.criteria
        assert (alone.status, alone.min_examples) == ("needs_approval", 1)

    def test_the_human_part_can_be_replaced(self):
        failing = unmet(compared(), min_examples=2, min_confidence=0.8)
        assert failing == ()
        half = criteria(failing, ("1 of 2 approvals recorded",), min_examples=2, min_confidence=0.8)
        assert (half.status, half.reasons) == ("needs_approval", ("1 of 2 approvals recorded",))
        assert criteria(failing, (), min_examples=2, min_confidence=0.8).status == "ready"


class TestRecord:
    def test_what_is_copied(self):
        made = promoted(compared(run("t0", action("build", output=1))), Options(author="ann", eval_pack_link="x"))
        record = made.promotion
        assert record.source_trace_hashes == ("sha256:t0", "sha256:t1", "sha256:t2")
        assert (record.author, record.eval_pack_link, record.package_name) == ("ann", "x", "flow-package")
        assert (record.sample_count, record.shadow_success_count, record.shadow_failure_count) == (3, 3, 0)
        assert record.estimated_time_token_savings == made.savings
        assert record.created_at == NOW

    def test_runs_that_agree_and_runs_that_fail_are_counted_apart(self):
        record = promoted(compared(*(run(f"x{n}", action("build", output=9)) for n in range(3)))).promotion
        assert (record.sample_count, record.shadow_success_count, record.shadow_failure_count) == (5, 2, 3)
        assert [one.trace_id for one in record.divergence_history] == ["x0", "x1", "x2"]

    def test_examples_count_when_fewer_were_compared(self):
        found = candidate(FIRST, SECOND)
        record = promoted(found.replace(shadow=shadow_compare(found, [FIRST]))).promotion
        assert record.sample_count == 2
        assert record.source_trace_hashes == ("sha256:t1", "sha256:t2")

    def test_a_divergence_stands_for_its_details(self):
        bad = run("t3", action("build", output=2), replay_run=replay("r", 2), replay_allowlist=(RUN_ID,))
        history = promoted(compared(bad, bad.replace(id="t4"), receipts=(1,))).promotion.divergence_history
        assert [(d.trace_id, d.path, d.message, d.left, d.right) for d in history] == [
            ("t3", "/effect_receipts/0", "values differ", 2, 1),
            ("t4", "/effect_receipts/0", "values differ", 2, 1),
        ]

    def test_without_a_divergence_every_detail_is_kept(self):
        bad = run("t3", action("build", output=2, side_effects=[{"kind": "k", "target": "x"}]))
        history = promoted(compared(bad)).promotion.divergence_history
        assert [(d.path, d.message) for d in history] == [
            (None, "step 1 side effects differ for action id-build"),
            (None, "step 1 deterministic output differs"),
        ]
