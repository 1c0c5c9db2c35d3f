from __future__ import annotations

from typing import Any

from core.model.trace import Cost, Usage
from core.traces.run_record import RunRecord, trace_of


def trace(**fields: Any) -> Any:
    return trace_of(RunRecord.decode(fields))


def test_a_stage_with_usage_is_fuzzy_and_costs() -> None:
    usage = {"call_count": 2, "input_tokens": 10, "total_duration_ms": 9, "total_cost": 0.5, "models": ["m", "n"]}
    (action,) = trace(stages=[{"id": "s", "node_id": "plan", "visible_text": "done", "usage": usage}]).actions
    assert (action.kind, action.name, action.output, action.observed_output) == ("stage", "plan", "done", "done")
    assert (action.deterministic, action.fuzzy, action.duration_ms) == (False, True, 9)
    assert action.cost == Cost(model="m", model_calls=2, input_tokens=10, total_cost_usd=0.5, wall_ms=9)


def test_a_stage_without_calls_is_deterministic() -> None:
    stages = trace(stages=[{"kind": "verify"}, {"usage": {"call_count": 0, "total_duration_ms": 3}}]).actions
    assert [(a.kind, a.deterministic, a.fuzzy, a.duration_ms) for a in stages] == [
        ("verify", True, False, None),
        ("stage", True, False, 3),
    ]
    assert stages[0].output is None


def test_a_tool_recording_is_never_parsed_and_its_duration_wraps() -> None:
    recording = {"tool_use_id": "u", "tool_name": "t", "result": '{"a":1}', "is_rejected": True, "iteration": 4}
    wide, narrow = trace(
        tool_recordings=[recording | {"duration_ms": 2**64 - 1}, recording | {"duration_ms": 2**63 - 1}]
    ).actions
    assert (wide.output, wide.duration_ms, narrow.duration_ms) == ('{"a":1}', -1, 2**63 - 1)
    assert (wide.deterministic, wide.fuzzy) == (False, False)
    assert wide.metadata == {"args_hash": "", "iteration": 4, "is_rejected": True}


def test_a_question_is_an_approval_point() -> None:
    asked, anonymous = trace(hitl_questions=[{"prompt": "ok?", "agent": "a", "trace_id": "t"}, {}]).actions
    assert (asked.kind, asked.name, asked.approval.prompt, asked.approval.required) == (
        "human_approval",
        "a",
        "ok?",
        True,
    )
    assert asked.approval.boundary == "hitl"
    assert (asked.metadata, anonymous.metadata) == ({"trace_id": "t"}, {})


def test_actions_are_sorted_by_time_and_equal_times_keep_their_order() -> None:
    found = trace(
        stages=[{"id": "s2", "started_at": "2"}, {"id": "s1", "started_at": "1"}],
        tool_recordings=[{"tool_use_id": "t1", "timestamp": "1"}],
        hitl_questions=[{"request_id": "q0", "asked_at": ""}, {"request_id": "q1", "asked_at": "1"}],
    )
    assert [action.id for action in found.actions] == ["q0", "s1", "t1", "q1", "s2"]


def test_the_run_itself() -> None:
    usage = {"call_count": 3, "total_cost": 1.5, "total_duration_ms": 8, "input_tokens": 1, "output_tokens": 2}
    found = trace(id="r", finished_at="f", usage=usage, metadata={"k": 1})
    assert (found.id, found.workflow_id, found.started_at, found.finished_at) == ("r", "", "", "f")
    assert found.usage == Usage(model_calls=3, input_tokens=1, output_tokens=2, total_cost_usd=1.5, wall_ms=8)
    assert (found.metadata, found.replay_run) == ({"k": 1}, None)


def test_the_replay_fixture_becomes_replay_material() -> None:
    run = trace(
        replay_fixture={
            "source_run_id": "r",
            "workflow_id": "w",
            "expected_status": "ok",
            "stage_assertions": [{"node_id": "n", "required_artifact_kinds": ["k"]}],
        }
    ).replay_run
    assert run.run_id == "r"
    assert run.policy_decisions == ({"workflow_id": "w", "expected_status": "ok", "eval_kind": None},)
    assert run.final_artifacts == (
        {
            "node_id": "n",
            "expected_status": None,
            "expected_outcome": None,
            "expected_branch": None,
            "required_artifact_kinds": ["k"],
            "visible_text_contains": None,
        },
    )
