"""What a manifest says about a report's selected candidate, or about none (spec/artifacts.md, Bundle)."""

from __future__ import annotations

from core.artifacts.manifest import (
    SCHEMA,
    SCHEMA_VERSION,
    BundleKind,
    BundlePromotion,
    EvalPackRef,
    Manifest,
    ManifestStep,
    SourceTrace,
    WorkflowRef,
)
from core.artifacts.names import external_key
from core.model.candidate import Candidate, Criteria, Step
from core.model.effects import is_internal
from core.model.options import BundleOptions
from core.model.outlined import Outlined
from core.model.report import Report
from core.model.text import is_blank, lower
from core.model.trace import SideEffect
from core.promotion.risk import risk_level

ROLLOUT_POLICY = "shadow_then_canary"
"""How a promoted workflow is let loose, unless told otherwise."""

_NO_SOURCE = SourceTrace()
"""What the thousands of runs of a manifest are made from: values of records need no second check."""

_NO_NAME, _NO_PACKAGE, _NO_VERSION = "crystallized_workflow", "crystallized-workflow", "0.0.0"


def describe(report: Report, options: BundleOptions) -> Manifest:
    """The manifest without its generator, sources, fixtures and redaction."""
    candidate = report.selected
    manifest = _of(candidate, options) if candidate else _of_none(report, options)
    return manifest.replace(
        schema_name=SCHEMA,
        schema_version=SCHEMA_VERSION,
        generated_at=report.generated_at,
        team=options.team,
        repo=options.repo,
        warnings=report.warnings,
        rejection_reasons=tuple(reason for c in report.rejected_candidates for reason in c.rejection_reasons),
    )


def source_of(run: Outlined, fixture_path: str | None) -> SourceTrace:
    """A run as the manifest lists it."""
    return _NO_SOURCE.replace(
        trace_id=run.id,
        source_hash=run.source_hash or "",
        source_url=run.source,
        source_receipt_id=run.receipt,
        fixture_path=fixture_path,
    )


def bundle_kind(candidate: Candidate | None) -> BundleKind:
    """Whether a bundle would change something outside, only plans, or has nothing to run."""
    if candidate is None:
        return "rejected"
    plans = candidate.steps and all(map(_only_plans, candidate.side_effects))
    return "plan_only" if plans else "candidate"


def _only_plans(effect: SideEffect) -> bool:
    kind = lower(effect.kind)
    return not kind or is_internal(effect) or ("file" in kind and "publish" not in kind)


def _of(candidate: Candidate, options: BundleOptions) -> Manifest:
    promotion = candidate.promotion
    steps = tuple(map(_step, candidate.steps))
    count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    return Manifest(
        kind=bundle_kind(candidate),
        candidate_id=candidate.id,
        external_key=_given(options.external_key) or external_key(candidate.name),
        title=_given(options.title) or f"{candidate.name} ({count})",
        risk_level=_given(options.risk_level) or risk_level(candidate.side_effects, candidate.required_secrets),
        workflow=WorkflowRef(
            name=candidate.name, package_name=promotion.package_name, package_version=promotion.version
        ),
        source_trace_hashes=promotion.source_trace_hashes,
        deterministic_steps=tuple(step for step in steps if step.segment == "deterministic"),
        fuzzy_steps=tuple(step for step in steps if step.segment == "fuzzy"),
        side_effects=candidate.side_effects,
        capabilities=candidate.capabilities,
        required_secrets=candidate.required_secrets,
        savings=candidate.savings,
        shadow=candidate.shadow,
        eval_pack=EvalPackRef(link=promotion.eval_pack_link),
        promotion=_promotion(candidate, options),
        confidence=candidate.confidence,
    )


def _promotion(candidate: Candidate, options: BundleOptions) -> BundlePromotion:
    kept = candidate.promotion
    shared = BundlePromotion.model_fields.keys() & type(kept).model_fields.keys()
    return BundlePromotion(
        owner=kept.author,
        rollout_policy=_given(options.rollout_policy) or ROLLOUT_POLICY,
        workflow_version=kept.version,
    ).replace(**{name: getattr(kept, name) for name in shared})


def _step(step: Step) -> ManifestStep:
    return ManifestStep().replace(**{name: getattr(step, name) for name in ManifestStep.model_fields})


def _of_none(report: Report, options: BundleOptions) -> Manifest:
    return Manifest(
        kind="rejected",
        external_key=_given(options.external_key) or external_key(_NO_NAME),
        title=_given(options.title) or f"rejected: {_NO_NAME}",
        risk_level=_given(options.risk_level) or "high",
        workflow=WorkflowRef(name=_NO_NAME, package_name=_NO_PACKAGE, package_version=_NO_VERSION),
        promotion=BundlePromotion(
            rollout_policy=_given(options.rollout_policy) or ROLLOUT_POLICY,
            created_at=report.generated_at,
            workflow_version=_NO_VERSION,
            package_name=_NO_PACKAGE,
            criteria=Criteria(),
        ),
    )


def _given(option: str | None) -> str | None:
    """An option that says something."""
    return None if option is None or is_blank(option) else option
