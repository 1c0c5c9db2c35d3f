"""A decided lineage's bundle: promotion files that are a function of the journal and the candidate alone."""

from __future__ import annotations

from core.artifacts.bundle import safe_bundle
from core.artifacts.redact import Redactor
from core.crystallize import PRESERVED, report_on
from core.live.snapshot import CandidateView
from core.model.report import InputFormat
from core.review.runs import MAX_FIXTURES, Copies, Runs, chosen, run_ids


def bundle_of(view: CandidateView, runs: Runs, copies: Copies, redactor: Redactor) -> dict[str, bytes]:
    """The bundle's files by name, safe to hand on; its times are those of the lineage's latest decision."""
    candidate = view.candidate
    decided_at = view.decisions[-1].time if view.decisions else candidate.promotion.created_at
    candidate = candidate.replace(promotion=candidate.promotion.replace(created_at=decided_at))
    report = report_on(
        [candidate],
        now=decided_at,
        source_trace_count=view.cohort_runs,
        input_format=InputFormat(preserved_fields=PRESERVED),
    )
    # With a candidate that is not selected no runs go.
    present = runs.outlines(run_ids(candidate)) if report.selected else []
    along = copies.of(chosen([run.id for run in present], candidate, MAX_FIXTURES))
    return safe_bundle(report, present, along, redactor=redactor, allowed=view.rules)
