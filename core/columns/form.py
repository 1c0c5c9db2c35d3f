"""What the fast way (core.columns.of_bytes) takes for a plainly well-formed trace: fields of the right kinds, looked at
in compiled code. core.model.trace says what they mean; these are fewer, and as strict or stricter.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from core.traces.plain import Costs, Count, Object

Version = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
FREE = Costs()
NOTHING: Object = {}


class ActionForm(msgspec.Struct, gc=False):
    """An action; `parameters` and `metadata` are the parsed objects themselves or equal to them."""

    id: str = ""
    kind: str = ""
    name: str = ""
    timestamp: str | None = None
    capabilities: tuple[str, ...] = ()
    required_secrets: tuple[str, ...] = ()
    cost: Costs = FREE
    duration_ms: Count | None = None
    deterministic: bool | None = None
    fuzzy: bool | None = None
    parameters: Any = NOTHING
    inputs: Any = None
    output: Any = None
    observed_output: Any = None
    side_effects: Any = ()
    approval: Any = None
    metadata: Any = NOTHING


class ReplayForm(msgspec.Struct, gc=False):
    """A replay run: core.model.trace.ReplayRun, in that order."""

    run_id: str = ""
    event_log_entries: list[Any] = []
    trigger_firings: list[Any] = []
    llm_interactions: list[Any] = []
    protocol_interactions: list[Any] = []
    approval_interactions: list[Any] = []
    effect_receipts: list[Any] = []
    agent_transcript_deltas: list[Any] = []
    final_artifacts: list[Any] = []
    policy_decisions: list[Any] = []


class RestForm(msgspec.Struct, gc=False, kw_only=True):
    """A run without its actions."""

    id: str = ""
    version: Version = 0
    source: str | None = None
    source_hash: str | None = None
    workflow_id: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    metadata: Any = NOTHING
    flow: Any = None
    replay_run: ReplayForm | None = None
    replay_allowlist: Any = ()
    usage: Any = NOTHING


class RunForm(RestForm, gc=False, kw_only=True):
    """A run."""

    actions: list[ActionForm]
