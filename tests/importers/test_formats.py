"""What each format's records become: kinds, costs, times, failures, and what is left out by rule."""

from __future__ import annotations

from typing import Any

import pytest

from core.importers.effects import Effects, ToolRule
from core.importers.values import Options
from core.model.jsontext import compact
from core.model.trace import SideEffect
from tests.importers.importing import DATA, chat, lines, otlp, runs_in, span, split, tool_span


def reasons(path: str) -> dict[str, int]:
    file = DATA / path
    made: dict[str, int] = {}
    for left in split(file.read_bytes(), file.name)[1]:
        assert not left.fault, left
        made[left.reason] = made.get(left.reason, 0) + left.times
    return made


def outline(run: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["name"]) for one in run["actions"]]


class TestChat:
    def test_calls_of_one_message_with_one_id_are_answered_in_their_order(self) -> None:
        run = runs_in("openai_chat/runs.jsonl")[0]
        rome, bonn, says = run["actions"]
        assert (rome["observed_output"], bonn["observed_output"]) == ({"c": 30}, "Error: no such city")
        assert "error" not in rome["metadata"]
        assert bonn["metadata"]["error"] is True
        assert (says["name"], says["output"], says["observed_output"]) == ("respond", "Rome has 30.", None)
        assert says["cost"] == {"model": "gpt-4.1", "model_calls": 1}

    def test_a_number_beyond_64_bits_stays_whole_as_text(self) -> None:
        run = runs_in("openai_chat/runs.jsonl")[0]
        assert run["actions"][0]["parameters"] == {"city": "Rome", "id": "123456789012345678901234"}

    def test_usage_of_the_run_is_kept(self) -> None:
        run = runs_in("openai_chat/runs.jsonl")[0]
        assert run["usage"] == {"model_calls": 0, "input_tokens": 50, "output_tokens": 20, "total_cost_usd": 0.0}

    def test_a_message_says_what_its_call_cost_and_of_which_model(self) -> None:
        made = chat()
        made["messages"][3] |= {"model": "m-1", "usage": {"prompt_tokens": 7, "completion_tokens": 2, "cost": 0.5}}
        said = split(lines(made))[0][0]["actions"][-1]
        assert said["cost"] == {
            "model": "m-1",
            "model_calls": 1,
            "input_tokens": 7,
            "output_tokens": 2,
            "total_cost_usd": 0.5,
        }
        del made["messages"][3]["model"]
        assert "model" not in split(lines(made))[0][0]["actions"][-1]["cost"]

    def test_what_a_user_says_in_parts_is_said(self) -> None:
        made = chat()
        made["messages"][0]["content"] = [{"type": "text", "text": "in parts"}]
        assert split(lines(made))[0][0]["metadata"]["first_user_message"] == "in parts"

    def test_items_of_the_responses_api(self) -> None:
        run = runs_in("openai_chat/runs.jsonl")[1]
        assert outline(run) == [("tool_call", "add"), ("model_call", "respond")]
        assert run["actions"][0]["inputs"] == {"a": 1, "b": 2}
        assert run["actions"][0]["observed_output"] == "3"
        assert reasons("openai_chat/runs.jsonl") == {"a reasoning item is not kept": 1}

    def test_the_older_function_call_is_answered_by_name(self) -> None:
        run = runs_in("openai_chat/runs.jsonl")[2]
        assert (run["actions"][0]["name"], run["actions"][0]["observed_output"]) == ("ping", "pong")

    def test_a_list_of_messages_is_one_run_and_a_list_of_lists_are_several(self) -> None:
        messages = chat()["messages"]
        assert len(split(lines(messages))[0]) == 1
        assert len(split(lines([messages, chat("other")["messages"]]))[0]) == 2

    def test_an_answer_to_nothing_is_told(self) -> None:
        stray = {"messages": [{"role": "user", "content": "a"}, {"role": "tool", "tool_call_id": "no", "content": "b"}]}
        _, left = split(lines(stray))
        assert [(one.place, one.reason, one.fault) for one in left] == [
            ("line 1", "a tool's answer belongs to no call that is still open", True)
        ]

    def test_a_call_that_was_never_answered_has_no_side_effects(self) -> None:
        record = chat()
        del record["messages"][2]
        rule = ToolRule("look", (SideEffect(kind="w", target="t"),), ("c",), ("TOKEN",))
        runs, left = split(lines(record), options=Options(Effects((rule,))))
        assert runs[0]["actions"][0]["side_effects"] == []
        assert runs[0]["actions"][0]["required_secrets"] == ["TOKEN"]
        assert [one.fault for one in left] == [False]


class TestSpans:
    @pytest.mark.parametrize("name", ["spans.json", "spans.jsonl", "console.json"])
    def test_otlp_and_the_sdk_s_own_dump_give_the_same_runs(self, name: str) -> None:
        runs = runs_in(f"otlp/{name}")
        assert [outline(run) for run in runs] == [
            [("model_call", "call_llm"), ("tool_call", "refund"), ("model_call", "call_llm")]
        ] * 2
        first, second = runs
        model, tool, older = first["actions"]
        assert model["cost"]["input_tokens"] == 70
        assert model["output"][0]["parts"][0]["name"] == "refund"
        assert (tool["inputs"], tool["observed_output"]) == ({"order_id": "A1", "amount": 20}, {"ok": True})
        assert tool["metadata"]["source_id"] == "c1"
        assert tool["deterministic"] is None
        assert (older["cost"]["input_tokens"], older["output"]) == (90, {"content": "Done.", "role": "assistant"})
        assert second["actions"][1]["metadata"]["error"] is True
        assert second["actions"][1]["metadata"]["status_message"] == "card expired"
        assert first["workflow_id"] == "refunds"
        held = first["metadata"]
        assert (held["agent"], held["service"], held["goal"]) == ("clerk", "shop-agent", "Refund order A1")
        assert first["started_at"] < model["timestamp"] <= tool["timestamp"] < first["finished_at"]

    def test_what_is_left_out_is_counted(self) -> None:
        assert reasons("otlp/spans.json") == {
            "a span that only holds others (agent, chain, workflow)": 4,
            "a span that names no operation of an agent": 2,
        }

    def test_a_model_call_seen_twice_counts_once(self) -> None:
        outer = span("ab" * 16, 1, **{"gen_ai.operation.name": "chat"})
        inner = span("ab" * 16, 2, **{"openinference.span.kind": "LLM"}) | {"parentSpanId": outer["spanId"]}
        runs, left = split(lines(outer, inner))
        assert [one["metadata"]["span_id"] for one in runs[0]["actions"]] == [outer["spanId"]]
        assert [one.reason for one in left] == ["a model call inside another one is the same call recorded twice"]

    def test_a_parent_is_found_as_newer_javascript_names_it(self) -> None:
        outer, inner = (span("c" * 32, number, **{"gen_ai.operation.name": "chat"}) for number in (1, 2))
        assert len(split(lines(outer, inner))[0][0]["actions"]) == 2
        inner["parentSpanContext"] = {"spanId": outer["spanId"]}
        assert len(split(lines(outer, inner))[0][0]["actions"]) == 1

    def test_only_what_the_user_said_is_the_goal(self) -> None:
        asked = span("c" * 32, 1, **{"gen_ai.operation.name": "chat"})
        asked["events"] = [
            {"name": f"gen_ai.{who}.message", "attributes": [{"key": "content", "value": {"stringValue": said}}]}
            for who, said in (("system", "be nice"), ("user", "find it"))
        ]
        assert split(lines(otlp(asked)))[0][0]["metadata"]["goal"] == "find it"

    def test_a_span_without_an_id_is_told(self) -> None:
        nobodys = span("c" * 32, 2)
        del nobodys["spanId"]
        (left,) = split(lines(otlp(tool_span("c" * 32, 1), nobodys)))[1]
        assert (left.fault, left.reason.partition(":")[0]) == (True, "it is no span")

    def test_parents_in_a_circle_end(self) -> None:
        one = span("ab" * 16, 1, **{"gen_ai.operation.name": "chat"}) | {"parentSpanId": f"{2:016x}"}
        two = tool_span("ab" * 16, 2) | {"parentSpanId": f"{1:016x}"}
        assert len(split(lines(one, two))[0][0]["actions"]) == 2

    def test_a_span_with_an_id_that_is_taken_is_told(self) -> None:
        runs, left = split(lines(tool_span("ab" * 16, 1), tool_span("ab" * 16, 1, "other")))
        assert outline(runs[0]) == [("tool_call", "look")]
        assert [one.fault for one in left] == [True]

    def test_cost_is_the_stated_total_or_the_sum_of_the_parts(self) -> None:
        made = [
            span("ab" * 16, 1, **{"openinference.span.kind": "LLM", "llm.cost.total": "0.5", "llm.cost.prompt": "9"}),
            span("cd" * 16, 1, **{"openinference.span.kind": "LLM", "llm.cost.prompt": "0.25"}),
            span("ef" * 16, 1, **{"openinference.span.kind": "LLM"}),
        ]
        costs = [run["actions"][0]["cost"].get("total_cost_usd") for run in split(lines(*made))[0]]
        assert costs == [0.5, 0.25, None]


class TestAgentsSdk:
    def test_spans(self) -> None:
        first, second = runs_in("agents_sdk/traces.jsonl")
        assert outline(first) == [
            ("guardrail", "no_pii"),
            ("model_call", "call_llm"),
            ("tool_call", "find_flight"),
            ("handoff", "Booker"),
            ("tool_call", "book_flight"),
            ("custom", "audit"),
        ]
        assert first["workflow_id"] == "Travel desk"
        assert first["metadata"]["group_id"] == "conversation-7"
        assert first["metadata"]["customer"] == "c1"
        assert first["metadata"]["goal"] == "Book me a flight to Lisbon"
        model, tool = first["actions"][1:3]
        assert (model["cost"]["model"], model["cost"]["input_tokens"]) == ("gpt-4.1-mini", 120)
        assert (tool["inputs"], tool["observed_output"]) == ({"to": "Lisbon"}, {"flight": "TP100", "seats": 4})
        failed = second["actions"][4]
        assert (failed["metadata"]["error"], failed["metadata"]["error_message"]) == (True, "payment declined")
        assert reasons("agents_sdk/traces.jsonl") == {"a span of type agent": 4}

    def test_the_sdk_s_own_tasks_and_turns_only_hold_others(self) -> None:
        def exported(number: int, data: dict[str, Any]) -> dict[str, Any]:
            times = {"started_at": f"2026-05-01T08:00:0{number}+00:00", "ended_at": "2026-05-01T08:00:09+00:00"}
            told = {"object": "trace.span", "id": f"span_{number}", "trace_id": "trace_1", "error": None}
            return {**told, **times, "span_data": data}

        usage = {"requests": 1, "input_tokens": 4, "output_tokens": 2, "total_tokens": 6}
        task, turn = (
            {"type": "custom", "name": kind, "data": {"sdk_span_type": kind, "name": "x", "usage": usage}}
            for kind in ("task", "turn")
        )
        tool = {"type": "function", "name": "t", "input": '{"a": 1}', "output": "1", "mcp_data": {"server": "s"}}
        made = {"data": [exported(1, task), exported(2, turn), exported(3, {"type": "response", "usage": usage})]}
        made["data"].append(exported(4, tool))
        (run,), left = split(compact(made), "a.json")
        assert outline(run) == [("model_call", "call_llm"), ("tool_call", "t")]
        assert run["actions"][0]["cost"]["input_tokens"] == 4
        assert run["actions"][1]["metadata"]["mcp_server"] == "s"
        assert {one.reason for one in left} == {"a span of type task", "a span of type turn"}


class TestClaudeCode:
    def test_session(self) -> None:
        session, agent = runs_in("claude_code/session.jsonl")
        assert outline(session) == [
            ("tool_call", "Read"),
            ("tool_call", "Edit"),
            ("tool_call", "Bash"),
            ("model_call", "respond"),
        ]
        read, edit, bash, says = session["actions"]
        assert read["metadata"]["assistant_text"] == "I will look at the file."
        assert read["cost"] == {
            "model": "claude-sonnet-4-5",
            "model_calls": 1,
            "input_tokens": 4 + 1200 + 9000,
            "output_tokens": 88,
        }
        assert edit["side_effects"] == [
            {
                "kind": "file_write",
                "target": "/home/dev/shop/cart.py",
                "capability": "fs.write",
                "mutation": "edit",
                "metadata": {},
            }
        ]
        assert (bash["metadata"]["error"], bash["duration_ms"], bash["side_effects"]) == (True, 1530, [])
        assert says["observed_output"] == "Thanks, leave it."
        assert session["metadata"]["goal"] == "The total in cart.py is wrong, fix it."
        assert outline(agent) == [("tool_call", "Grep")]
        assert agent["id"] == f"{session['id']}-a7"

    def test_what_is_left_out_is_counted(self) -> None:
        assert reasons("claude_code/session.jsonl") == {
            "a line of type summary": 1,
            "a line of type file-history-snapshot": 1,
            "a line of type system": 1,
            "a message that the program wrote in the user's name": 1,
            "the model's thinking is not kept": 1,
        }


def test_agent_turns_are_cut_as_the_trajectory_command_cuts_them() -> None:
    runs = runs_in("agent_turns/turns.json")
    assert [run["id"] for run in runs] == ["sess-1_trajectory_1_3", "sess-1_trajectory_5_6"]
    assert [one["name"] for one in runs[0]["actions"]] == ["claude-x", "read_file"] * 3
    assert reasons("agent_turns/turns.json") == {"a turn in no stretch of like, successful turns": 1}


def test_newer_trajectories_of_swe_agent() -> None:
    step = {
        "action": "str_replace_editor str_replace /repo/a.py --old_str 'x'",
        "observation": "The file was edited.",
        "thought": "t",
        "execution_time": 0.25,
        "state": {"working_dir": "/repo", "open_file": "n/a"},
    }
    record = {
        "trajectory": [step, step | {"action": "git status"}],
        "info": {"exit_status": "submitted"},
        "history": [],
    }
    edit, status = split(lines(record), "a.traj")[0][0]["actions"]
    assert (edit["kind"], edit["duration_ms"]) == ("file_mutation", 250)
    assert edit["side_effects"][0]["target"] == "/repo/a.py"
    assert (status["name"], status["kind"], status["side_effects"]) == ("bash:git status", "tool_call", [])


def test_own_traces_in_a_list_are_runs() -> None:
    own = [{"id": "a", "actions": [{"name": "x"}]}, {"id": "b", "actions": 3}]
    runs, left = split(lines(own))
    assert [run["id"] for run in runs] == ["a"]
    assert [(one.place, one.number) for one in left] == [("line 1 item 2", 2)]
    assert "actions" in left[0].reason
