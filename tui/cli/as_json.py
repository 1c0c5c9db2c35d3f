"""Snapshots and candidates as JSON for scripts."""

from __future__ import annotations

from typing import Any

from core.live.snapshot import CandidateView, Problem, Snapshot
from core.model.candidate import Savings
from core.model.jsontext import Json
from core.shadow.differences import MISSING, Difference


def listing(snapshot: Snapshot) -> dict[str, Json]:
    """What `list --json` prints."""
    return {
        "traces": {
            "loaded": snapshot.loaded,
            "excluded": snapshot.excluded,
            "quarantined": snapshot.quarantined,
        },
        "candidates": [_summary(view) for view in snapshot.candidates],
        "problems": [_problem(problem) for problem in snapshot.problems],
        "journal": {
            "decisions": len(snapshot.journal.decisions),
            "faults": snapshot.journal.faults,
            "torn_tail": snapshot.journal.torn_tail,
        },
        "notices": snapshot.notices,
    }


def standing_json(view: CandidateView) -> dict[str, Any]:
    """How a lineage stands, as JSON."""
    return {
        "lineage": view.lineage,
        "candidate_id": view.candidate.id,
        "label": view.label,
        "cohort": view.cohort,
        "status": view.status,
        "reasons": view.reasons,
        "risk": view.risk,
        "behaviour_digest": view.behaviour_digest,
        "evidence_digest": view.evidence_digest,
        "proposed": view.proposed,
        "review_warnings": view.warnings,
        "obstacles": view.approvable,
        "notes": view.notes,
        "changes": [{"where": c.where, "before": c.before, "after": c.after, "text": c.text} for c in view.changes],
        "decisions": view.decisions,
    }


def _summary(view: CandidateView) -> dict[str, Any]:
    candidate = view.candidate
    return {
        **standing_json(view),
        "name": candidate.name,
        "steps": candidate.steps,
        "examples": candidate.examples,
        "cohort_runs": view.cohort_runs,
        "confidence": candidate.confidence,
        "sequence_signature": candidate.sequence_signature,
        "rejection_reasons": candidate.rejection_reasons,
        "savings": savings_json(candidate.savings),
        "shadow": candidate.shadow,
    }


def savings_json(saved: Savings) -> dict[str, Any]:
    """Savings as JSON; what no avoided call records is null, not 0."""
    made = dict(saved.wire())
    if saved.usd_known is None:
        made["estimated_cost_usd_avoided"] = None
    if saved.tokens_known is None:
        made["input_tokens_avoided"] = made["output_tokens_avoided"] = None
    if saved.ms_known is None:
        made["wall_ms_avoided"] = None
    return made


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "state": problem.state,
        "unit": problem.unit,
        "rule": problem.rule,
        "reason": problem.reason,
        "place": problem.place,
        "advice": problem.advice,
        "size": problem.size,
    }


def difference_json(difference: Difference) -> dict[str, Any]:
    """A difference as JSON; `expected` or `observed` is left out where there is nothing."""
    made = {
        "step": difference.step,
        "kind": difference.kind,
        "pointer": difference.pointer,
        "message": difference.message,
        "first": difference.first,
    }
    sides = {"expected": difference.expected, "observed": difference.observed}
    return made | {name: value for name, value in sides.items() if value is not MISSING}
