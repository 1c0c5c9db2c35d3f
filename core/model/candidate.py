"""A workflow candidate with its shadow report and promotion metadata (spec/pipeline.md)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from core.model.generalised import Induction, StepDetail
from core.model.record import F64, I64, U32, Flag, JsonMap, Record, Text
from core.model.trace import Approval, SideEffect

Segment = Literal["deterministic", "fuzzy"]
PromotionStatus = Literal["blocked", "needs_approval", "ready"]
Standing = Literal["holds", "differs", "otherwise"]
"""A run holds the workflow as described; its steps occur but something differs; it does the job in another way."""


class ClusterKey(Record):
    """What the candidate's runs have in common."""

    goal: Text | None = None
    tool_sequence: tuple[Text, ...] = ()
    touched_artifact_types: tuple[Text, ...] = ()
    success_criteria: tuple[Text, ...] = ()


class Parameter(Record):
    """A value that a run of the workflow is given; `examples` are at most five distinct value texts."""

    name: Text = ""
    source_paths: tuple[Text, ...] = ()
    examples: tuple[Text, ...] = ()
    required: Flag = False
    binding: Text | None = None
    """Generalised mode: `input`, a value that nothing in the workflow determines."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"binding"})


class Step(Record):
    """One step of the workflow; `index` counts from 1."""

    index: U32 = 0
    kind: Text = ""
    name: Text = ""
    segment: Segment = "deterministic"
    parameter_refs: tuple[Text, ...] = ()
    constants: JsonMap = Field(default_factory=dict)
    preconditions: tuple[Text, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    capabilities: tuple[Text, ...] = ()
    required_secrets: tuple[Text, ...] = ()
    approval: Approval | None = None
    expected_output: Any = None
    review_notes: tuple[Text, ...] = ()
    detail: StepDetail | None = None
    """Generalised mode: where the values come from, what repeats, what may stand before it."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"detail"})


class Example(Record):
    """Where the sequence stands in a run that it was mined from; `start_index` counts from 0."""

    trace_id: Text = ""
    source_hash: Text = ""
    start_index: U32 = 0
    action_ids: tuple[Text, ...] = ()
    steps: tuple[tuple[U32, ...], ...] | None = None
    """Generalised mode: for each step the indexes (from 0) of the run's actions that stand for it."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"steps"})

    def aligned(self, count: int) -> tuple[tuple[int, ...], ...]:
        """For each of so many steps the indexes of the run's actions that stand for it."""
        if self.steps is not None:
            return self.steps
        return tuple((index,) for index in range(self.start_index, self.start_index + count))


class Divergence(Record):
    """The first difference that the replay oracle found; `path` is a JSON pointer."""

    path: Text = ""
    left: Any = None
    right: Any = None
    message: Text = ""


class RunCounts(Record):
    """How many entries each list of a replay run has."""

    event_log_entries: U32 = 0
    trigger_firings: U32 = 0
    llm_interactions: U32 = 0
    protocol_interactions: U32 = 0
    approval_interactions: U32 = 0
    effect_receipts: U32 = 0
    agent_transcript_deltas: U32 = 0
    final_artifacts: U32 = 0
    policy_decisions: U32 = 0


class OracleReport(Record):
    """The replay oracle's answer."""

    name: Text = ""
    expectation: Literal["match", "drift"] = "match"
    passed: Flag = False
    first_run_counts: RunCounts = RunCounts()
    second_run_counts: RunCounts = RunCounts()
    protocol_fixture_refs: tuple[Text, ...] = ()
    divergence: Divergence | None = None


class TraceResult(Record):
    """How one run compares with the candidate."""

    trace_id: Text = ""
    source_hash: Text = ""
    passed: Flag = Field(False, alias="pass")
    details: tuple[Text, ...] = ()
    compared_receipts: U32 = 0
    replay_oracle: OracleReport | None = None
    allowed: tuple[Text, ...] | None = None
    """The reviewers' rules without which it would fail, or fail in more places; left out when there are none."""
    standing: Standing | None = None
    """Generalised mode: how the run stands to the workflow."""
    held_out: Flag | None = None
    """Generalised mode: true for a run that the workflow was not made from."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"allowed", "standing", "held_out"})


class ShadowReport(Record):
    """The candidate compared with every run in which it occurs; nothing is executed."""

    passed: Flag = Field(False, alias="pass")
    compared_traces: U32 = 0
    failures: tuple[Text, ...] = ()
    traces: tuple[TraceResult, ...] = ()


class Savings(Record):
    """What all example runs together would have saved: calls, tokens, USD, milliseconds."""

    model_calls_avoided: I64 = 0
    input_tokens_avoided: I64 = 0
    output_tokens_avoided: I64 = 0
    estimated_cost_usd_avoided: F64 = 0.0
    wall_ms_avoided: I64 = 0
    cpu_runtime_cost_usd: F64 = 0.0
    remaining_model_calls: I64 = 0
    unknown_cost_calls: I64 | None = None
    """Generalised mode: avoided calls that record no price, no tokens, no time; they are not in the sums."""
    unknown_token_calls: I64 | None = None
    unknown_time_calls: I64 | None = None
    tool_ms: I64 | None = None
    """Generalised mode: recorded time of the steps themselves, which stays."""
    unrecorded: Flag | None = None
    """Generalised mode: true when no run records the model calls that chose the steps, so that all of it is unknown."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset(
        {"unknown_cost_calls", "unknown_token_calls", "unknown_time_calls", "tool_ms", "unrecorded"}
    )

    @property
    def usd_known(self) -> float | None:
        """USD avoided; None when calls are avoided and none of them records a price."""
        amount = self.estimated_cost_usd_avoided
        return None if self._unknown(self.unknown_cost_calls, bool(amount)) else amount

    @property
    def tokens_known(self) -> tuple[int, int] | None:
        """Tokens avoided, in and out; None when calls are avoided and none of them records any."""
        amounts = self.input_tokens_avoided, self.output_tokens_avoided
        return None if self._unknown(self.unknown_token_calls, any(amounts)) else amounts

    @property
    def ms_known(self) -> int | None:
        """Milliseconds avoided; None when calls are avoided and none of them records a time."""
        return None if self._unknown(self.unknown_time_calls, bool(self.wall_ms_avoided)) else self.wall_ms_avoided

    def _unknown(self, calls: int | None, some: bool) -> bool:
        """Whether an amount is; where nobody counts the calls that tell none, calls that cost nothing at all are."""
        if calls is None:
            return bool(self.unrecorded) or (self.model_calls_avoided > 0 and not some)
        return bool(self.unrecorded) or calls >= max(self.model_calls_avoided, 1)


class DivergenceRecord(Record):
    """One failing comparison as the promotion's history keeps it."""

    trace_id: Text = ""
    path: Text | None = None
    message: Text = ""
    left: Any = None
    right: Any = None


class ApprovalRecord(Record):
    """One human decision as the promotion's history keeps it."""

    actor: Text = ""
    decision: Text = ""
    recorded_at: Text = ""
    reason: Text | None = None


class Criteria(Record):
    """What a promotion must meet, and whether it does."""

    min_examples: U32 = 0
    min_confidence: F64 = 0.0
    requires_shadow_pass: Flag = False
    requires_no_rejections: Flag = False
    requires_human_approval: Flag = False
    approval_reason: Text | None = None
    status: PromotionStatus = "blocked"
    reasons: tuple[Text, ...] = ()


class Promotion(Record):
    """The promotion metadata of a candidate."""

    source_trace_hashes: tuple[Text, ...] = ()
    author: Text | None = None
    approver: Text | None = None
    created_at: Text = ""
    version: Text = "0.1.0"
    package_name: Text = ""
    capability_set: tuple[Text, ...] = ()
    secrets_required: tuple[Text, ...] = ()
    rollback_target: Text | None = None
    eval_pack_link: Text | None = None
    sample_count: U32 = 0
    confidence: F64 = 0.0
    shadow_success_count: U32 = 0
    shadow_failure_count: U32 = 0
    divergence_history: tuple[DivergenceRecord, ...] = ()
    approval_history: tuple[ApprovalRecord, ...] = ()
    criteria: Criteria = Criteria()
    estimated_time_token_savings: Savings = Savings()


class Candidate(Record):
    """A sequence of steps that repeats across runs, with everything known about promoting it."""

    id: Text = ""
    name: Text = ""
    confidence: F64 = 0.0
    cluster_key: ClusterKey = ClusterKey()
    sequence_signature: tuple[Text, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    steps: tuple[Step, ...] = ()
    examples: tuple[Example, ...] = ()
    capabilities: tuple[Text, ...] = ()
    required_secrets: tuple[Text, ...] = ()
    approval_points: tuple[Approval, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    expected_outputs: tuple[Any, ...] = ()
    expected_receipts: tuple[Any, ...] = ()
    warnings: tuple[Text, ...] = ()
    rejection_reasons: tuple[Text, ...] = ()
    promotion: Promotion = Promotion()
    savings: Savings = Savings()
    shadow: ShadowReport = ShadowReport()
    induction: Induction | None = None
    """Generalised mode: how sure it is and why; None for a sequence found by the exact rule."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"induction"})
