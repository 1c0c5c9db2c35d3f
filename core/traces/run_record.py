"""Persisted workflow runs and how one becomes a crystallization trace (spec/traces.md, Run record)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from core.model.record import F64, I64, U64, Flag, JsonMap, Record, Text
from core.model.trace import Action, AllowRule, Approval, Cost, ReplayRun, Trace, Usage

RUN_ID_RULE = AllowRule(path="/run_id", reason="run ids are allocated per execution")
"""The one place in which two executions of a run record always differ."""


class RunUsage(Record):
    """What a stage or a whole run cost: tokens, milliseconds, calls, USD and the models that were called."""

    input_tokens: I64 = 0
    output_tokens: I64 = 0
    total_duration_ms: I64 = 0
    call_count: I64 = 0
    total_cost: F64 = 0.0
    models: tuple[Text, ...] = ()


class Stage(Record):
    """One node of the workflow that ran."""

    id: Text = ""
    node_id: Text = ""
    kind: Text = ""
    started_at: Text = ""
    visible_text: Text | None = None
    usage: RunUsage | None = None
    metadata: JsonMap = Field(default_factory=dict)


class ToolRecording(Record):
    """One tool call; `duration_ms` is in milliseconds."""

    tool_name: Text = ""
    tool_use_id: Text = ""
    args_hash: Text = ""
    result: Text = ""
    is_rejected: Flag = False
    duration_ms: U64 = 0
    iteration: U64 = 0
    timestamp: Text = ""


class HitlQuestion(Record):
    """One question that a human was asked."""

    request_id: Text = ""
    prompt: Text = ""
    agent: Text = ""
    trace_id: Text | None = None
    asked_at: Text = ""


class StageAssertion(Record):
    """What a replay of the run must find at one node."""

    node_id: Text = ""
    expected_status: Text | None = None
    expected_outcome: Text | None = None
    expected_branch: Text | None = None
    required_artifact_kinds: tuple[Text, ...] = ()
    visible_text_contains: Text | None = None


class ReplayFixture(Record):
    """What a replay of the run must show."""

    source_run_id: Text = ""
    workflow_id: Text = ""
    eval_kind: Text | None = None
    expected_status: Text = ""
    stage_assertions: tuple[StageAssertion, ...] = ()


class RunRecord(Record):
    """A persisted workflow run, as far as crystallization uses it."""

    id: Text = ""
    workflow_id: Text = ""
    started_at: Text = ""
    finished_at: Text | None = None
    stages: tuple[Stage, ...] = ()
    tool_recordings: tuple[ToolRecording, ...] = ()
    hitl_questions: tuple[HitlQuestion, ...] = ()
    replay_fixture: ReplayFixture | None = None
    usage: RunUsage | None = None
    metadata: JsonMap = Field(default_factory=dict)


def is_run_record(value: dict[str, Any]) -> bool:
    """Whether a JSON object without `actions` claims to be a run record."""
    return "stages" in value or value.get("_type") == "workflow_run"


def trace_of(record: RunRecord) -> Trace:
    """The run as a trace; not normalised yet."""
    return Trace(
        version=1,
        id=record.id,
        workflow_id=record.workflow_id,
        started_at=record.started_at,
        finished_at=record.finished_at,
        actions=_in_order(_actions(record)),
        replay_run=_replay_run(record.replay_fixture) if record.replay_fixture else None,
        replay_allowlist=(RUN_ID_RULE,),
        usage=_run_usage(record.usage) if record.usage else Usage(),
        metadata=record.metadata,
    )


def _actions(record: RunRecord) -> Iterable[Action]:
    yield from map(_stage_action, record.stages)
    yield from map(_tool_action, record.tool_recordings)
    yield from map(_question_action, record.hitl_questions)


def _in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple(sorted(actions, key=lambda action: action.timestamp or ""))


def _stage_action(stage: Stage) -> Action:
    usage = stage.usage
    return Action(
        id=stage.id,
        kind=stage.kind or "stage",
        name=stage.node_id,
        timestamp=stage.started_at,
        output=stage.visible_text,
        observed_output=stage.visible_text,
        cost=_stage_cost(usage) if usage else Cost(),
        duration_ms=usage.total_duration_ms if usage else None,
        deterministic=usage is None or usage.call_count == 0,
        fuzzy=usage is not None and usage.call_count > 0,
        metadata=stage.metadata,
    )


def _stage_cost(usage: RunUsage) -> Cost:
    return Cost(
        model=usage.models[0] if usage.models else None,
        model_calls=usage.call_count,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_cost_usd=usage.total_cost,
        wall_ms=usage.total_duration_ms,
    )


def _tool_action(tool: ToolRecording) -> Action:
    return Action(
        id=tool.tool_use_id,
        kind="tool_call",
        name=tool.tool_name,
        timestamp=tool.timestamp,
        output=tool.result,
        observed_output=tool.result,
        duration_ms=_wrapped(tool.duration_ms),
        deterministic=not tool.is_rejected,
        fuzzy=False,
        metadata={"args_hash": tool.args_hash, "iteration": tool.iteration, "is_rejected": tool.is_rejected},
    )


def _wrapped(unsigned: int) -> int:
    """A 64-bit number without sign, read as one with a sign."""
    return unsigned - 2**64 if unsigned >= 2**63 else unsigned


def _question_action(question: HitlQuestion) -> Action:
    return Action(
        id=question.request_id,
        kind="human_approval",
        name=question.agent,
        timestamp=question.asked_at,
        approval=Approval(prompt=question.prompt, required=True, boundary="hitl"),
        deterministic=False,
        fuzzy=False,
        metadata={} if question.trace_id is None else {"trace_id": question.trace_id},
    )


def _run_usage(usage: RunUsage) -> Usage:
    return Usage(
        model_calls=usage.call_count,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_cost_usd=usage.total_cost,
        wall_ms=usage.total_duration_ms,
    )


def _replay_run(fixture: ReplayFixture) -> ReplayRun:
    """The fixture's expectations as replay material; every entry is plain JSON, nulls written."""
    policy = {
        "workflow_id": fixture.workflow_id,
        "expected_status": fixture.expected_status,
        "eval_kind": fixture.eval_kind,
    }
    return ReplayRun(
        run_id=fixture.source_run_id,
        final_artifacts=tuple(map(_assertion, fixture.stage_assertions)),
        policy_decisions=(policy,),
    )


def _assertion(assertion: StageAssertion) -> dict[str, Any]:
    return assertion.wire() | {"required_artifact_kinds": list(assertion.required_artifact_kinds)}
