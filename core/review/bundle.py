"""A decided lineage's bundle: promotion files that are a function of the journal and the candidate alone."""

from __future__ import annotations

from collections.abc import Mapping

from core.artifacts.bundle import safe_bundle_files
from core.artifacts.redact import Redactor
from core.crystallize import PRESERVED, report_on
from core.live.snapshot import CandidateView
from core.model.report import InputFormat
from core.model.trace import Trace
from core.review.pack import chosen

MAX_FIXTURES = 200
"""Copies of runs in one bundle at the most."""


def bundle_of(view: CandidateView, traces: Mapping[str, Trace], redactor: Redactor) -> dict[str, bytes]:
    """The bundle's files by name, safe to hand on; its times are those of the lineage's latest decision."""
    candidate = view.candidate
    decided_at = view.decisions[-1].time if view.decisions else candidate.promotion.created_at
    candidate = candidate.replace(promotion=candidate.promotion.replace(created_at=decided_at))
    ids = dict.fromkeys([*(e.trace_id for e in candidate.examples), *(r.trace_id for r in candidate.shadow.traces)])
    runs = [trace for trace_id in ids if (trace := traces.get(trace_id))]
    report = report_on(
        [candidate],
        now=decided_at,
        source_trace_count=view.cohort_runs,
        input_format=InputFormat(preserved_fields=PRESERVED),
    )
    along = {trace.id for trace in chosen(runs, candidate, MAX_FIXTURES)}
    return safe_bundle_files(report, runs, fixtures=along, redactor=redactor)
