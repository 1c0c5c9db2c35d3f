"""The promotion record of a candidate: what it must meet, and whether it does (spec/pipeline.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.model.candidate import (
    ApprovalRecord,
    Candidate,
    Criteria,
    DivergenceRecord,
    Promotion,
    PromotionStatus,
    ShadowReport,
)
from core.model.late import Late, LateAll
from core.model.options import Options
from core.model.text import is_blank, sorted_strings
from core.shadow.results import count_failing, failing_results

APPROVAL_REASON = "workflow candidates start in shadow mode and require explicit human approval before promotion"
"""Why a human has to approve."""

NO_APPROVAL = "human approval has not been recorded"
"""The reason of a candidate that nobody approved."""

ROLLBACK_TARGET = "keep source traces and previous package version"
"""What to go back to, for a mined candidate."""


def promote(
    candidate: Candidate,
    options: Options,
    *,
    created_at: str,
    package_name: str,
    rollback_target: str = ROLLBACK_TARGET,
    min_examples: int | None = None,
) -> Candidate:
    """The candidate, compared already, with its shadow failures as rejections and its promotion record.

    `created_at` is RFC 3339 and also the time of an approval given as an option. `min_examples` replaces the options'.
    """
    shadow = candidate.shadow
    rejected = candidate.replace(rejection_reasons=(*candidate.rejection_reasons, *shadow.failures))
    failed = count_failing(shadow.traces)
    approvals = _approvals(options.approver, created_at)
    promotion = Promotion(
        author=options.author,
        approver=options.approver,
        created_at=created_at,
        package_name=package_name,
        capability_set=candidate.capabilities,
        secrets_required=candidate.required_secrets,
        rollback_target=rollback_target,
        eval_pack_link=options.eval_pack_link,
        sample_count=sample_count(candidate),
        confidence=candidate.confidence,
        shadow_success_count=len(shadow.traces) - failed,
        shadow_failure_count=failed,
        approval_history=approvals,
        criteria=criteria(
            unmet(
                rejected,
                min_examples=options.needed_examples if min_examples is None else min_examples,
                min_confidence=options.needed_confidence,
            ),
            () if approvals else (NO_APPROVAL,),
            min_examples=options.needed_examples if min_examples is None else min_examples,
            min_confidence=options.needed_confidence,
        ),
        estimated_time_token_savings=candidate.savings,
    )
    return rejected.replace(promotion=promotion.replace(**of_all_runs(candidate)))


def unjudged(candidate: Candidate) -> Candidate:
    """A candidate as it was before it was judged: without the rejections that its comparison gave."""
    own = len(candidate.rejection_reasons) - len(candidate.shadow.failures)
    return candidate.replace(rejection_reasons=candidate.rejection_reasons[:own])


def sample_count(candidate: Candidate) -> int:
    """How many runs speak for or against the candidate."""
    return max(candidate.shadow.compared_traces, len(candidate.examples))


def unmet(candidate: Candidate, *, min_examples: int, min_confidence: float) -> tuple[str, ...]:
    """The criteria that no human can waive and that the candidate does not meet, in order; none when all hold."""
    count = sample_count(candidate)
    failing = {
        f"sample count {count} is below required minimum {min_examples}": count < min_examples,
        f"confidence {candidate.confidence:.2f} is below required minimum {min_confidence:.2f}": (
            candidate.confidence < min_confidence
        ),
        "shadow comparison did not pass": not candidate.shadow.passed,
        "candidate has rejection reasons": bool(candidate.rejection_reasons),
    }
    return tuple(reason for reason, applies in failing.items() if applies)


def criteria(
    failing: tuple[str, ...], missing: tuple[str, ...], *, min_examples: int, min_confidence: float
) -> Criteria:
    """The criteria's record: `failing` from `unmet`, `missing` says what is not approved (empty once approved)."""
    status: PromotionStatus = "blocked" if failing else "needs_approval" if missing else "ready"
    return Criteria(
        min_examples=min_examples,
        min_confidence=min_confidence,
        requires_shadow_pass=True,
        requires_no_rejections=True,
        requires_human_approval=True,
        approval_reason=APPROVAL_REASON,
        status=status,
        reasons=(*failing, *missing),
    )


def divergence_history(shadow: ShadowReport) -> tuple[DivergenceRecord, ...]:
    """What went wrong in each failing comparison: the oracle's divergence, else every detail."""
    history: list[DivergenceRecord] = []
    for result in failing_results(shadow.traces):
        found = result.replay_oracle.divergence if result.replay_oracle else None
        if found is None:
            history += (DivergenceRecord(trace_id=result.trace_id, message=detail) for detail in result.details)
            continue
        history.append(
            DivergenceRecord(
                trace_id=result.trace_id, path=found.path, message=found.message, left=found.left, right=found.right
            )
        )
    return tuple(history)


def of_all_runs(candidate: Candidate) -> dict[str, Sequence[object]]:
    """What the record tells of every single run; where these are many it is gathered when somebody looks at it."""
    hashes, history = partial(_source_hashes, candidate), partial(divergence_history, candidate.shadow)
    if isinstance(candidate.shadow.traces, Late):
        return {"source_trace_hashes": LateAll(hashes), "divergence_history": LateAll(history)}
    return {"source_trace_hashes": hashes(), "divergence_history": history()}


def _source_hashes(candidate: Candidate) -> tuple[str, ...]:
    """The hashes of the examples and of every compared run."""
    return tuple(
        sorted_strings(
            [
                *candidate.promotion.source_trace_hashes,
                *(example.source_hash for example in candidate.examples),
                *(result.source_hash for result in candidate.shadow.traces),
            ]
        )
    )


def _approvals(approver: str | None, recorded_at: str) -> tuple[ApprovalRecord, ...]:
    if approver is None or is_blank(approver):
        return ()
    return (
        ApprovalRecord(
            actor=approver,
            decision="approved_for_shadow_promotion",
            recorded_at=recorded_at,
            reason="approver supplied in crystallization options",
        ),
    )
