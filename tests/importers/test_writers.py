"""Writers that name, lay out or word the same things in their own way: nothing of a tool's call is lost or made up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importers.importing import lines, otlp, split, tool_span

TRACE = "5f" * 16


def dumped(number: int, name: str, attributes: dict[str, Any], *events: dict[str, Any]) -> dict[str, Any]:
    """A span as Python's SDK dumps it."""
    return {
        "name": name,
        "context": {"trace_id": f"0x{TRACE}", "span_id": f"0x{number:016x}"},
        "parent_id": None,
        "start_time": f"2026-03-01T09:00:{number:02}.000000Z",
        "end_time": f"2026-03-01T09:00:{number:02}.250000Z",
        "status": {"status_code": "UNSET"},
        "attributes": attributes,
        "events": list(events),
    }


def event(name: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "attributes": attributes}


OPERATION = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weigh"}
DETAILS = "gen_ai.client.inference.operation.details"
WRITERS: dict[str, dict[str, Any]] = {
    "pydantic-ai": dumped(
        1,
        "running tool",
        {"gen_ai.tool.name": "weigh", "tool_arguments": '{"parcel": "P1"}', "tool_response": '{"grams": 70}'},
    ),
    "adk": dumped(
        1,
        "execute_tool weigh",
        OPERATION
        | {"gcp.vertex.agent.tool_call_args": '{"parcel": "P1"}', "gcp.vertex.agent.tool_response": '{"grams": 70}'},
    ),
    "ai-sdk": dumped(
        1,
        "ai.toolCall",
        {
            "ai.operationId": "ai.toolCall",
            "ai.toolCall.name": "weigh",
            "ai.toolCall.args": '{"parcel": "P1"}',
            "ai.toolCall.result": '{"grams": 70}',
        },
    ),
    "strands": dumped(
        1,
        "execute_tool weigh",
        OPERATION,
        event("gen_ai.tool.message", role="tool", content='{"parcel": "P1"}', id="c1"),
        event("gen_ai.choice", message='{"grams": 70}', id="c1"),
    ),
    "strands, newer events": dumped(
        1,
        "execute_tool weigh",
        OPERATION,
        event(
            DETAILS,
            **{
                "gen_ai.input.messages": '[{"role": "tool", "parts": [{"type": "tool_call", "name": "weigh",'
                ' "arguments": {"parcel": "P1"}}]}]'
            },
        ),
        event(
            DETAILS,
            **{
                "gen_ai.output.messages": '[{"role": "tool", "parts": [{"type": "tool_call_response",'
                ' "response": {"grams": 70}}]}]'
            },
        ),
    ),
    "langchain by openinference": dumped(
        1,
        "weigh",
        {"openinference.span.kind": "TOOL", "input.value": "{'parcel': 'P1'}", "output.value": '{"grams": 70}'},
    ),
    "langchain by openllmetry": dumped(
        1,
        "weigh.tool",
        {
            "traceloop.span.kind": "tool",
            "traceloop.entity.name": "weigh",
            "gen_ai.tool.call.arguments": '{"input_str": "{\'parcel\': \'P1\'}", "tags": [], "metadata": {"step": 7},'
            ' "inputs": {"parcel": "P1"}, "kwargs": {"color": "green"}}',
            "gen_ai.tool.call.result": '{"output": {"lc": 1, "type": "constructor", "kwargs":'
            ' {"content": "{\\"grams\\": 70}", "tool_call_id": "c1", "status": "success"}}, "kwargs": {}}',
        },
    ),
    "a decorated function by openllmetry": dumped(
        1,
        "weigh.tool",
        {
            "traceloop.span.kind": "tool",
            "traceloop.entity.name": "weigh",
            "traceloop.entity.input": '{"args": [], "kwargs": {"parcel": "P1"}}',
            "traceloop.entity.output": '{"grams": 70}',
        },
    ),
    "langsmith": dumped(
        1,
        "weigh",
        {
            "gen_ai.operation.name": "execute_tool",
            "langsmith.span.kind": "tool",
            "gen_ai.prompt": '{"parcel": "P1"}',
            "gen_ai.completion": '{"grams": 70}',
        },
    ),
    "phoenix": dumped(1, "weigh", {"input.value": '{"parcel": "P1"}', "output.value": '{"grams": 70}'})
    | {"span_kind": "TOOL", "status_code": "OK", "status_message": "", "status": None},
    "javascript": {
        "type": "span",
        "traceId": TRACE,
        "spanId": "1",
        "name": "execute_tool weigh",
        "startTime": [1772355601, 0],
        "endTime": [1772355601, 250_000_000],
        "attributes": OPERATION
        | {"gen_ai.tool.call.arguments": '{"parcel": "P1"}', "gen_ai.tool.call.result": '{"grams": 70}'},
        "status": {"code": 0},
        "resource": {"attributes": {"service.name": "parcels"}},
    },
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_call_of_a_tool_has_its_arguments_and_its_answer(writer: str) -> None:
    [run], left = split(lines(WRITERS[writer]))
    [made] = run["actions"]
    assert (made["kind"], made["name"]) == ("tool_call", "weigh")
    assert (made["inputs"], made["observed_output"]) == ({"parcel": "P1"}, {"grams": 70})
    assert (made["timestamp"], made["duration_ms"]) == ("2026-03-01T09:00:01.000000Z", 250)
    assert not left
    assert "error" not in made["metadata"]


@pytest.mark.parametrize(
    "failed",
    [
        WRITERS["strands"] | {"attributes": OPERATION | {"tool.status": "error"}},
        WRITERS["strands"] | {"attributes": OPERATION | {"gen_ai.tool.status": "error"}},
        WRITERS["phoenix"] | {"status_code": "ERROR", "status_message": "no scales"},
        WRITERS["javascript"] | {"status": {"code": 2, "message": "no scales"}},
        dumped(
            1,
            "weigh",
            {
                "openinference.span.kind": "TOOL",
                "output.value": '{"content": "no scales", "tool_call_id": "c1", "status": "error"}',
            },
        ),
    ],
)
def test_a_failure_is_one_wherever_it_is_said(failed: dict[str, Any]) -> None:
    [run], _ = split(lines(failed))
    assert run["actions"][0]["metadata"]["error"] is True


MODEL = {"gen_ai.system": "x", "gen_ai.request.model": "m"}


@pytest.mark.parametrize(
    ("attributes", "answer"),
    [
        (
            {
                "events": '[{"event.name": "gen_ai.user.message", "role": "user", "content": "weigh P1"},'
                ' {"event.name": "gen_ai.choice", "message": "70"}]'
            },
            {"event.name": "gen_ai.choice", "message": "70"},
        ),
        (
            {
                "gcp.vertex.agent.llm_request": '{"contents": [{"role": "user", "parts": [{"text": "weigh P1"}]}]}',
                "gcp.vertex.agent.llm_response": '{"content": "70"}',
            },
            {"content": "70"},
        ),
        (
            {
                "ai.prompt.messages": '[{"role": "user", "content": [{"type": "text", "text": "weigh P1"}]}]',
                "ai.response.text": "I look.",
                "ai.response.toolCalls": '[{"toolName": "weigh"}]',
            },
            {"text": "I look.", "toolCalls": [{"toolName": "weigh"}]},
        ),
    ],
    ids=["pydantic-ai", "adk", "ai-sdk"],
)
def test_a_call_of_a_model_has_its_answer_and_tells_the_goal(attributes: dict[str, Any], answer: Any) -> None:
    [run], _ = split(lines(dumped(1, "chat", MODEL | attributes)))
    assert run["actions"][0]["output"] == answer
    assert run["metadata"]["goal"] == "weigh P1"


def test_a_span_that_repeats_answers_of_several_calls_is_no_call() -> None:
    merged = dumped(2, "execute_tool (merged)", {**OPERATION, "gen_ai.tool.name": "(merged tools)"})
    [run], _ = split(lines(WRITERS["adk"], merged))
    assert [made["name"] for made in run["actions"]] == ["weigh"]


def test_large_requests_of_the_older_form_are_read_too() -> None:
    spans = [{**tool_span(TRACE, number), "traceState": "x" * 2000} for number in range(1, 601)]
    request = otlp(*spans)
    group = request["resourceSpans"][0]
    group["instrumentationLibrarySpans"] = group.pop("scopeSpans")
    data = lines(request)
    assert len(data) > 1024 * 1024
    [run], left = split(data, "request.json")
    assert not left
    assert len(run["actions"]) == 600


EDITOR = "str_replace_editor"


@pytest.mark.parametrize(
    ("typed", "answer", "changed"),
    [
        (f"{EDITOR} str_replace /r/a.py --old_str x", "The file /r/a.py has been edited. Here is", True),
        (f"{EDITOR} str_replace /r/a.py --old_str x", "No replacement was performed, old_str `x` did not", False),
        (f"{EDITOR} str_replace /r/a.py --old_str x", "The path /r/a.py does not exist. Please", False),
        (f"{EDITOR} create /r/a.py --file_text x", "File created successfully at: /r/a.py", True),
        (f"{EDITOR} create /r/a.py --file_text x", "File already exists at: /r/a.py. Cannot overwrite", False),
        (f"{EDITOR} create /r/a.py", "Parameter `file_text` is required for command: create", False),
        (f"{EDITOR} insert /r/a.py --insert_line 9", "Invalid `insert_line` parameter: 9. It should", False),
        (f"{EDITOR} undo_edit /r/a.py", "No edit history found for /r/a.py.", False),
        (f"{EDITOR} undo_edit /r/a.py", "Last edit to /r/a.py undone successfully. Here's", True),
        ("create a.py", "Warning: File 'a.py' already exists.", False),
        ("edit x x", "Your search and replace strings are the same. No changes were made.", False),
        ("edit 1:1\nx\nend_of_edit", "No file open. Use the open command first.", False),
        ("rm a.py", "rm: cannot remove 'a.py': No such file or directory", False),
        ("rm a.py", "", True),
    ],
)
def test_what_swe_agent_refused_to_edit_was_not_edited(typed: str, answer: str, *, changed: bool) -> None:
    step = {"action": typed, "observation": answer, "state": {"open_file": "/r/a.py"}}
    [run], _ = split(lines({"trajectory": [step], "info": {}, "history": []}), "a.traj")
    [made] = run["actions"]
    assert (bool(made["side_effects"]), bool(made["metadata"].get("error"))) == (changed, not changed)


def test_what_other_commands_of_swe_agent_print_is_no_refusal() -> None:
    step = {"action": "python a.py", "observation": "Error: none", "state": {}}
    [run], _ = split(lines({"trajectory": [step], "info": {}, "history": []}), "a.traj")
    assert "error" not in run["actions"][0]["metadata"]


def test_exports_of_the_langsmith_command_name_ids_tokens_and_costs_in_their_way() -> None:
    def exported(run_id: str, parent: str | None, kind: str, second: int, **more: Any) -> dict[str, Any]:
        return {
            "run_id": run_id,
            "trace_id": "r1",
            "name": f"{kind} {run_id}",
            "run_type": kind,
            "parent_run_id": parent,
            "start_time": f"2026-03-01T09:00:{second:02}",
            "end_time": f"2026-03-01T09:00:{9 - second:02}",
            **more,
        }

    tokens, costs = {"prompt_tokens": 30, "completion_tokens": 4}, {"prompt_cost": 0.25, "completion_cost": 0.5}
    outer = exported("r2", "r1", "llm", 2, token_usage=tokens, costs=costs)
    again = exported("r3", "r2", "llm", 3, token_usage=tokens, costs=costs)
    [run], left = split(lines(exported("r1", None, "chain", 1), outer, again))
    [made] = run["actions"]
    assert (run["workflow_id"], made["metadata"]["source_id"]) == ("chain r1", "r2")
    cost = made["cost"]
    assert (cost["input_tokens"], cost["output_tokens"], cost["total_cost_usd"]) == (30, 4, 0.75)
    assert "a model call inside another one is the same call recorded twice" in {one.reason for one in left}


def test_what_is_measured_and_logged_beside_spans_is_left_out_by_rule() -> None:
    beside = [{"type": "metric", "name": "tokens"}, {"resourceMetrics": []}, {"resourceLogs": []}]
    runs, left = split(lines(*beside, WRITERS["javascript"]))
    assert len(runs) == 1
    assert {(one.reason, one.fault) for one in left} == {("a metric or log line, which is no span", False)}


def test_ids_in_base64_are_those_that_others_write_in_hexadecimal() -> None:
    spans = [{**WRITERS["javascript"], "traceId": "X19fX19fX19fX19fX19fXw=="}, WRITERS["javascript"]]
    assert {run["id"] for one in spans for run in split(lines(one))[0]} == {f"otel-{TRACE}"}
