"""A decided lineage's bundle: promotion files that are a function of the journal and the candidate alone."""

from __future__ import annotations

from collections.abc import Mapping

from core.artifacts.bundle import safe_bundle_files
from core.artifacts.manifest import MANIFEST
from core.artifacts.redact import Redactor
from core.crashpack.integrity import files_sha256
from core.crystallize import PRESERVED, report_on
from core.live.snapshot import CandidateView
from core.model.jsontext import sha256_hex
from core.model.report import InputFormat
from core.model.trace import Trace
from core.review.pack import chosen
from core.store.files import write_folder
from core.store.workspace import Workspace

BUNDLE_DIGEST = "bundle_digest"
"""The key of a decision's detail under which the digest of the bundle stands."""

MAX_FIXTURES = 200
"""Copies of runs in one bundle at the most."""


def bundle_of(view: CandidateView, traces: Mapping[str, Trace], redactor: Redactor) -> dict[str, bytes]:
    """The bundle's files by name, safe to hand on; its times are those of the lineage's latest decision."""
    candidate = view.candidate
    decided_at = view.decisions[-1].time if view.decisions else candidate.promotion.created_at
    candidate = candidate.replace(promotion=candidate.promotion.replace(created_at=decided_at))
    ids = dict.fromkeys([*(e.trace_id for e in candidate.examples), *(r.trace_id for r in candidate.shadow.traces)])
    runs = [traces[trace_id] for trace_id in ids if trace_id in traces]
    report = report_on(
        [candidate],
        now=decided_at,
        source_trace_count=view.cohort_runs,
        input_format=InputFormat(preserved_fields=PRESERVED),
    )
    along = {trace.id for trace in chosen(runs, candidate, MAX_FIXTURES)}
    return safe_bundle_files(report, runs, fixtures=along, redactor=redactor)


def bundle_digest(files: Mapping[str, bytes]) -> str:
    """`sha256:…` over the names and digests of a bundle's files; the journal records it with each decision."""
    return "sha256:" + sha256_hex(files_sha256(files))


def write_bundle(store: Workspace, lineage: str, files: Mapping[str, bytes]) -> None:
    """Write a lineage's bundle; the lock must be held. Raises WorkspaceError."""
    write_folder(store.bundle(lineage), files, last=MANIFEST, exact=True, disk=store.disk)
