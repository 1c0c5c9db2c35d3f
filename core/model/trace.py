"""The crystallization trace: one agent run as its ordered actions (spec/traces.md)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from core.model.record import F64, I64, U32, Flag, JsonMap, Record, Text
from core.model.sums import total

RECEIPT = "source_receipt_id"
"""The entry of a run's metadata that names the receipt of its source."""


class SideEffect(Record):
    """Something an action changes outside the run."""

    kind: Text = ""
    target: Text = ""
    capability: Text | None = None
    mutation: Text | None = None
    metadata: JsonMap = Field(default_factory=dict)


class Approval(Record):
    """A point at which a human is asked."""

    prompt: Text | None = None
    approver: Text | None = None
    required: Flag = False
    boundary: Text | None = None


class Cost(Record):
    """What one action cost: calls, tokens, USD and wall-clock milliseconds."""

    model: Text | None = None
    model_calls: I64 = 0
    input_tokens: I64 = 0
    output_tokens: I64 = 0
    total_cost_usd: F64 = 0.0
    wall_ms: I64 = 0


class Usage(Record):
    """What a whole run cost: calls, tokens, USD and wall-clock milliseconds."""

    model_calls: I64 = 0
    input_tokens: I64 = 0
    output_tokens: I64 = 0
    total_cost_usd: F64 = 0.0
    wall_ms: I64 = 0


class Action(Record):
    """One step that an agent took; `duration_ms` is in milliseconds, `timestamp` any text that sorts by bytes."""

    id: Text = ""
    kind: Text = ""
    name: Text = ""
    timestamp: Text | None = None
    inputs: Any = None
    output: Any = None
    observed_output: Any = None
    parameters: JsonMap = Field(default_factory=dict)
    side_effects: tuple[SideEffect, ...] = ()
    capabilities: tuple[Text, ...] = ()
    required_secrets: tuple[Text, ...] = ()
    approval: Approval | None = None
    cost: Cost = Cost()
    duration_ms: I64 | None = None
    deterministic: Flag | None = None
    fuzzy: Flag | None = None
    metadata: JsonMap = Field(default_factory=dict)

    @property
    def seen_output(self) -> Any:
        """The observed output, else the output."""
        return self.output if self.observed_output is None else self.observed_output

    @property
    def took_ms(self) -> int:
        """Its own time: that of the call and its duration; where both are the same, they are one time told twice."""
        return self.cost.wall_ms + (self.duration_ms or 0) - self.twice_ms

    @property
    def twice_ms(self) -> int:
        """The time that is told twice."""
        return self.cost.wall_ms if self.cost.wall_ms == self.duration_ms else 0


class Flow(Record):
    """Where the run came from."""

    trace_id: Text | None = None
    agent_run_id: Text | None = None
    transcript_ref: Text | None = None
    atom_ids: tuple[Text, ...] = ()
    slice_ids: tuple[Text, ...] = ()


class ReplayRun(Record):
    """The recorded material of one execution that a replay is compared with; every list holds any JSON."""

    run_id: Text = ""
    event_log_entries: tuple[Any, ...] = ()
    trigger_firings: tuple[Any, ...] = ()
    llm_interactions: tuple[Any, ...] = ()
    protocol_interactions: tuple[Any, ...] = ()
    approval_interactions: tuple[Any, ...] = ()
    effect_receipts: tuple[Any, ...] = ()
    agent_transcript_deltas: tuple[Any, ...] = ()
    final_artifacts: tuple[Any, ...] = ()
    policy_decisions: tuple[Any, ...] = ()


class AllowRule(Record):
    """A place that may differ between runs: JSON-pointer-like, `*` for every element, with the reason why."""

    path: Text = ""
    reason: Text = ""
    replacement: Any = None


class Trace(Record):
    """One run. After normalising, `id` and `source_hash` are set (core.traces.normalise)."""

    version: U32 = 0
    id: Text = ""
    source: Text | None = None
    source_hash: Text | None = None
    workflow_id: Text | None = None
    started_at: Text | None = None
    finished_at: Text | None = None
    flow: Flow | None = None
    actions: tuple[Action, ...] = ()
    replay_run: ReplayRun | None = None
    replay_allowlist: tuple[AllowRule, ...] = ()
    usage: Usage = Usage()
    metadata: JsonMap = Field(default_factory=dict)

    @property
    def receipt(self) -> str | None:
        """The id of the receipt of its source, which its metadata may tell."""
        receipt = self.metadata.get(RECEIPT)
        return receipt if isinstance(receipt, str) else None

    @property
    def took_ms(self) -> int:
        """Its own time. Normalising adds up all that its actions tell; what they tell twice counts once here."""
        twice = sum(action.twice_ms for action in self.actions)
        summed = total(action.cost.wall_ms + (action.duration_ms or 0) for action in self.actions)
        return self.usage.wall_ms - twice if self.usage.wall_ms == summed else self.usage.wall_ms
