"""The manifest of a bundle, `candidate.json` (spec/artifacts.md, Bundle)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from core.model.candidate import (
    ApprovalRecord,
    Criteria,
    DivergenceRecord,
    Savings,
    Segment,
    ShadowReport,
)
from core.model.record import F64, U32, Flag, Record, Text
from core.model.trace import Approval, SideEffect
from core.shadow.waivers import Waiver

SCHEMA = "harn.crystallization.candidate.bundle"
"""The schema of every bundle's manifest."""

SCHEMA_VERSION = 1
"""The newest version of the schema that is understood, and the one that is written."""

MANIFEST = "candidate.json"
"""The manifest's path in a bundle; it is written last."""

WORKFLOW, REPORT, EVAL_PACK = "workflow.harn", "report.json", "harn.eval.toml"

BundleKind = Literal["candidate", "plan_only", "rejected"]


class Generator(Record):
    """The program that wrote the bundle."""

    tool: Text = "assay"
    version: Text = ""


class WorkflowRef(Record):
    """The bundle's workflow."""

    path: Text = WORKFLOW
    name: Text = ""
    package_name: Text = ""
    package_version: Text = ""


class SourceTrace(Record):
    """A run that the candidate comes from or was compared with."""

    trace_id: Text = ""
    source_hash: Text = ""
    source_url: Text | None = None
    source_receipt_id: Text | None = None
    fixture_path: Text | None = None


class ManifestStep(Record):
    """A step, without its values."""

    index: U32 = 0
    kind: Text = ""
    name: Text = ""
    segment: Segment = "deterministic"
    parameter_refs: tuple[Text, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    capabilities: tuple[Text, ...] = ()
    required_secrets: tuple[Text, ...] = ()
    approval: Approval | None = None
    review_notes: tuple[Text, ...] = ()


class EvalPackRef(Record):
    """The bundle's eval pack."""

    path: Text = EVAL_PACK
    link: Text | None = None


class Fixture(Record):
    """A redacted copy of a run."""

    path: Text = ""
    trace_id: Text = ""
    source_hash: Text = ""
    redacted: Flag = False


class BundlePromotion(Record):
    """The promotion as the manifest has it."""

    owner: Text | None = None
    approver: Text | None = None
    author: Text | None = None
    rollout_policy: Text = ""
    rollback_target: Text | None = None
    created_at: Text = ""
    workflow_version: Text = ""
    package_name: Text = ""
    sample_count: U32 = 0
    confidence: F64 = 0.0
    shadow_success_count: U32 = 0
    shadow_failure_count: U32 = 0
    divergence_history: tuple[DivergenceRecord, ...] = ()
    approval_history: tuple[ApprovalRecord, ...] = ()
    criteria: Criteria = Criteria()
    estimated_time_token_savings: Savings = Savings()


class Redaction(Record):
    """What was done to the fixtures."""

    applied: Flag = False
    rules: tuple[Text, ...] = ()
    summary: Text = ""
    fixture_count: U32 = 0


class Manifest(Record):
    """What a bundle holds and what it says about its candidate."""

    # `schema` itself is a name that pydantic keeps.
    schema_name: Text = Field("", alias="schema")
    schema_version: U32 = 0
    generated_at: Text = ""
    generator: Generator = Generator()
    kind: BundleKind = "candidate"
    candidate_id: Text = ""
    external_key: Text = ""
    title: Text = ""
    team: Text | None = None
    repo: Text | None = None
    risk_level: Text = ""
    workflow: WorkflowRef = WorkflowRef()
    source_trace_hashes: tuple[Text, ...] = ()
    source_traces: tuple[SourceTrace, ...] = ()
    deterministic_steps: tuple[ManifestStep, ...] = ()
    fuzzy_steps: tuple[ManifestStep, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    capabilities: tuple[Text, ...] = ()
    required_secrets: tuple[Text, ...] = ()
    savings: Savings = Savings()
    shadow: ShadowReport = ShadowReport()
    eval_pack: EvalPackRef | None = None
    fixtures: tuple[Fixture, ...] = ()
    promotion: BundlePromotion = BundlePromotion()
    redaction: Redaction = Redaction()
    confidence: F64 = 0.0
    rejection_reasons: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
    allow_rules: tuple[Waiver, ...] | None = None
    """What reviewers allow to differ, without which replaying would not give what is recorded; only a workspace's."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"allow_rules"})
