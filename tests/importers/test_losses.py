"""What the formats' records must not lose, nor count twice, nor make up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.importers.effects import Effects, ToolRule
from core.importers.scalars import moment, when
from core.importers.values import Options
from core.model.trace import SideEffect
from tests.importers.importing import chat, lines, otlp, span, split, tool_span
from tests.importers.test_formats import outline


class TestAnswers:
    CALL = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": '{"q":1}'}
    RESULT = {"type": "function_call_output", "call_id": "c1", "output": "found"}
    SAYS = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "it is there"}]}
    ASKS = {"role": "user", "content": "where?"}

    @pytest.mark.parametrize("wrapped", [False, True])
    def test_the_output_of_a_response_is_heard(self, *, wrapped: bool) -> None:
        answer = {"output": [self.CALL, self.RESULT, self.SAYS], "model": "m"}
        record = {"id": "resp_1", "input": [self.ASKS], **({"response": answer} if wrapped else answer)}
        (run,), left = split(lines(record))
        assert outline(run) == [("tool_call", "look"), ("model_call", "respond")]
        assert [made["observed_output"] for made in run["actions"]] == ["found", None]
        assert run["actions"][1]["cost"]["model"] == "m"
        assert run["metadata"]["first_user_message"] == "where?"
        assert left == []

    def test_an_input_that_is_text_is_what_the_user_says(self) -> None:
        (run,), _ = split(lines({"input": "where?", "output": [self.SAYS]}))
        assert run["metadata"]["first_user_message"] == "where?"

    def test_an_answer_that_stands_among_the_messages_already_is_heard_once(self) -> None:
        (run,), _ = split(lines({"input": [self.ASKS, self.SAYS], "output": [self.SAYS]}))
        assert outline(run) == [("model_call", "respond")]

    @pytest.mark.parametrize("kind", ["mcp_call", "custom_tool_call", "reasoning"])
    def test_a_list_that_begins_with_any_item_is_one_run(self, kind: str) -> None:
        first = {
            "type": kind,
            "id": "c0",
            "call_id": "c0",
            "name": "ask",
            "input": "x",
            "arguments": "{}",
            "summary": [],
        }
        runs, _ = split(json.dumps([first, self.ASKS, self.CALL, self.RESULT, self.SAYS]).encode())
        assert len(runs) == 1

    def test_further_choices_are_told(self) -> None:
        choices: list[Any] = [{"message": {"role": "assistant", "content": str(number)}} for number in range(3)]
        (run,), left = split(lines({"messages": [self.ASKS], "choices": choices}))
        assert [made["output"] for made in run["actions"]] == ["0"]
        assert [(one.reason, one.times) for one in left] == [("a further choice of an answer is not kept", 2)]
        assert split(lines(chat(response={"choices": choices})))[1][0].times == 2

    @pytest.mark.parametrize("body", [{"messages": [ASKS]}, {"input": [ASKS]}, {"input": "where?"}])
    def test_what_was_asked_below_a_request_is_heard(self, body: dict[str, Any]) -> None:
        answer = {"choices": [{"message": {"role": "assistant", "content": "there"}}]}
        (run,), _ = split(lines({"request": {"model": "m", **body}, "response": answer}))
        assert run["metadata"]["first_user_message"] == "where?"
        assert [(made["output"], made["cost"]["model"]) for made in run["actions"]] == [("there", "m")]

    def test_a_user_who_only_shows_something_says_nothing(self) -> None:
        shown = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}
        says = {"role": "assistant", "content": "what?"}
        (run,), left = split(lines({"messages": [shown, says, shown, says, shown, self.ASKS]}))
        assert run["metadata"]["first_user_message"] == "where?"
        assert [made["observed_output"] for made in run["actions"]] == [None, "where?"]
        assert [one.times for one in left] == [3]

    def test_ids_that_are_not_the_run_s_are_kept(self) -> None:
        (run,), _ = split(lines(chat(id="a", session_id="b")))
        assert (run["id"], run["metadata"].get("session_id")) == ("a", "b")
        (run,), _ = split(lines(chat(id=5)))
        assert run["metadata"].get("id") == 5
        assert "session_id" not in split(lines(chat(session_id="b")))[0][0]["metadata"]

    @pytest.mark.parametrize(
        ("said", "form"),
        [
            ({"content": [{"type": "tool_use", "id": "1"}]}, "Anthropic's Messages API"),
            ({"content": [{"text": "I look"}, {"toolUse": {"toolUseId": "1"}}]}, "Bedrock's Converse API"),
            ({"parts": [{"functionCall": {"name": "look"}}]}, "Gemini's API"),
            ({"content": [{"type": "tool-call", "toolCallId": "1"}]}, "the AI SDK"),
            ({"content": "found", "toolInvocations": [{"toolCallId": "1"}]}, "the AI SDK"),
            ({"parts": [{"type": "tool-look", "toolCallId": "1"}]}, "the AI SDK"),
        ],
    )
    def test_a_chat_whose_calls_have_another_form_is_refused(self, said: dict[str, Any], form: str) -> None:
        runs, left = split(lines({"messages": [self.ASKS, {"role": "assistant", **said}]}, chat()))
        assert len(runs) == 1
        assert [one.reason for one in left] == [f"its messages are in the form of {form}, which is not read"]
        assert left[0].fault

    def test_commands_that_stand_in_texts_are_not_taken_for_talk(self) -> None:
        form = {"trajectory_format": "mini-swe-agent-1"}
        told = {**form, "messages": [self.ASKS, {"role": "assistant", "content": "```bash\nls\n```"}, self.ASKS]}
        (run,), (left,) = split(lines(told, chat(**form)))
        assert [made["name"] for made in run["actions"]] == ["look", "respond"]
        assert "mini-swe-agent" in left.reason

    def test_calls_that_are_told_in_both_forms_are_read(self) -> None:
        both = chat()
        both["messages"][1]["content"] = [{"type": "tool_use", "id": "c1"}]
        (run,), left = split(lines(both))
        assert run["actions"][0]["observed_output"] == "found"
        assert not any(one.fault for one in left)

    def test_calls_of_custom_and_remote_tools_are_heard_and_other_items_told_by_type(self) -> None:
        output = [
            {"type": "custom_tool_call", "call_id": "c1", "name": "run", "input": "print(1)"},
            {"type": "custom_tool_call_output", "call_id": "c1", "output": "1"},
            {"type": "mcp_call", "id": "m1", "name": "roll", "arguments": '{"n": 2}', "output": "4", "error": None},
            {"type": "mcp_call", "id": "m2", "name": "roll", "arguments": "{}", "output": None, "error": "no dice"},
            {"type": "web_search_call", "id": "w1", "status": "completed"},
        ]
        (run,), left = split(lines({"input": "hello", "output": output}))
        made = [
            (one["name"], one["inputs"], one["observed_output"], "error" in one["metadata"]) for one in run["actions"]
        ]
        assert made == [("run", "print(1)", "1", False), ("roll", {"n": 2}, "4", False), ("roll", {}, "no dice", True)]
        assert [one.reason for one in left if one.fault] == ["an item of type web_search_call is not known and is lost"]

    @pytest.mark.parametrize("more", [{"error": {"message": "x"}}, {"is_error": True}, {"status": "error"}])
    def test_a_failure_that_stands_beside_an_answer_is_one(self, more: dict[str, Any]) -> None:
        failed = chat()
        failed["messages"][2] |= more
        assert split(lines(failed))[0][0]["actions"][0]["metadata"]["error"] is True


class TestUnanswered:
    """Of a call that was never answered nothing is known to have changed; one that ended is another matter."""

    RULE = ToolRule("*", (SideEffect(kind="w", target="t"),), ("c",), ("TOKEN",))

    def effects(self, *records: Any) -> tuple[list[list[Any]], list[str]]:
        runs, left = split(lines(*records), options=Options(Effects((self.RULE,))))
        made = [one for run in runs for one in run["actions"]]
        assert all(one["required_secrets"] == ["TOKEN"] for one in made)
        return [one["side_effects"] for one in made], [one.reason for one in left]

    def test_of_the_agents_sdk(self) -> None:
        def call(number: int, **more: Any) -> dict[str, Any]:
            data = {"type": "function", "name": "look", "input": "{}", "output": more.pop("output", None)}
            held = {"object": "trace.span", "id": f"s{number}", "trace_id": "t", "span_data": data, "ended_at": None}
            return held | {"started_at": f"2026-01-01T00:00:0{number}Z"} | more

        ended = call(2, ended_at="2026-01-01T00:00:09Z")
        effects, told = self.effects(call(1), ended, call(3, output="done"), call(4, error={"message": "no"}))
        assert list(map(len, effects)) == [0, 1, 1, 0]
        assert len(told) == 1

    @pytest.mark.parametrize("end", [None, "0"])
    def test_of_spans(self, end: str | None) -> None:
        never = tool_span("ab" * 16, 1) | {"endTimeUnixNano": end}
        effects, told = self.effects(otlp(never, tool_span("ab" * 16, 2)))
        assert list(map(len, effects)) == [0, 1]
        assert len(told) == 1

    def test_of_swe_agent(self) -> None:
        steps = [{"action": "create a.py", "observation": "[File: a.py]"}, {"action": "create b.py"}]
        effects, told = self.effects({"trajectory": steps, "history": [], "info": {}})
        assert list(map(len, effects)) == [2, 0]
        assert len(told) == 1


class TestTrees:
    """LangSmith's runs below other runs."""

    @staticmethod
    def run(name: str, kind: str, *below: Any, **more: Any) -> dict[str, Any]:
        tokens = {"prompt_tokens": 5} if kind == "llm" else {}
        return {"id": name, "run_type": kind, "name": name, "inputs": {}, "child_runs": list(below), **tokens, **more}

    def test_what_is_no_run_is_told_and_what_is_below_it_kept(self) -> None:
        bad = {"id": "bad", "child_runs": [self.run("below", "tool", end_time=1)]}
        (made,), left = split(lines(self.run("root", "chain", bad, 3, self.run("t", "tool", child_runs="no"))))
        assert sorted(one["name"] for one in made["actions"]) == ["below", "t"]
        faults = [one.reason for one in left if one.fault]
        assert sorted(faults) == ["a child run is none: it has no run_type, name, inputs or start_time"] * 2 + [
            "a run's child_runs are no list"
        ]

    @pytest.mark.parametrize("between", ["chain", "prompt"])
    def test_a_model_in_a_model_costs_once_and_one_below_its_tool_is_another(self, between: str) -> None:
        tool = self.run("tool", "tool", self.run("agent", "chain", self.run("other", "llm")))
        outer = self.run("outer", "llm", self.run("frame", between, self.run("inner", "llm")), tool)
        (made,), left = split(lines(self.run("root", "chain", outer)))
        costs = {one["metadata"]["source_id"]: one["cost"].get("input_tokens") for one in made["actions"]}
        assert costs == {"outer": 5, "other": 5, "tool": None}
        assert [one.times for one in left if "recorded twice" in one.reason] == [1]

    def test_what_a_tool_in_a_tree_is_given_is_no_goal(self) -> None:
        (made,), _ = split(lines(self.run("root", "chain", self.run("t", "tool", inputs={"input": "W1"}))))
        assert made["metadata"].get("goal") is None

    def test_models_in_a_circle_all_stay(self) -> None:
        pair = [self.run("a", "llm", parent_run_id="b"), self.run("b", "llm", parent_run_id="a")]
        (made,), _ = split(
            lines(*(one | {"trace_id": "t"} for one in [*pair, self.run("c", "llm", parent_run_id="c")]))
        )
        assert len(made["actions"]) == 3


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("1750000000", "2025-06-15T15:06:40.000000Z"),
        ("1750000000250", "2025-06-15T15:06:40.250000Z"),
        ("1750000000250500", "2025-06-15T15:06:40.250500Z"),
        ("1750000000250500000", "2025-06-15T15:06:40.250500Z"),
        ("20250615", "2025-06-15T00:00:00.000000Z"),
        ("2025-06-15T15:06:40Z", "2025-06-15T15:06:40.000000Z"),
        *((number, None) for number in ("5", "0000000000", "20250615150640", "9" * 19, "9" * 400, "", "1.5", "soon")),
    ],
)
def test_a_time_in_digits_is_what_its_length_says_or_none(stated: str, meant: str | None) -> None:
    assert moment(when(stated)) == meant
    talk = chat()
    talk["messages"][1]["timestamp"] = stated
    run = {"id": "a", "run_type": "tool", "name": "t", "inputs": {}, "start_time": stated, "end_time": stated}
    for record in (talk, run):
        assert split(lines(record))[0][0]["actions"][0]["timestamp"] == meant


@pytest.mark.parametrize(
    ("between", "calls"),
    [
        ({"gen_ai.operation.name": "invoke_agent"}, 2),
        ({"gen_ai.operation.name": "execute_tool"}, 2),
        ({"openinference.span.kind": "AGENT"}, 2),
        ({"traceloop.span.kind": "workflow"}, 2),
        ({"openinference.span.kind": "GUARDRAIL"}, 2),
        ({"openinference.span.kind": "CHAIN"}, 1),
        ({"http.request.method": "POST"}, 1),
    ],
)
def test_the_model_of_another_agent_is_a_call_of_its_own(between: dict[str, str], calls: int) -> None:
    outer = span("ab" * 16, 1, **{"gen_ai.operation.name": "chat"})
    middle = span("ab" * 16, 2, **between) | {"parentSpanId": outer["spanId"]}
    inner = span("ab" * 16, 3, **{"gen_ai.operation.name": "chat"}) | {"parentSpanId": middle["spanId"]}
    for spans in ((outer, middle, inner), (inner, middle, outer)):
        (run,), _ = split(lines(otlp(*spans)))
        assert [one["name"] for one in run["actions"]].count("call_llm") == calls


@pytest.mark.parametrize("more", [{}, {"big": 10**30}])
@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9], ids=["seconds", "milli", "micro", "nano"])
@pytest.mark.parametrize("written", [int, float, str])
def test_the_times_of_dumped_spans_are_in_whatever_unit_they_say(
    more: dict[str, int], unit: int, written: Callable[[int], object]
) -> None:
    made = {
        "name": "call",
        "context": {"trace_id": 1, "span_id": 2},
        "attributes": {"gen_ai.operation.name": "chat", **more},
        "start_time": written(1_750_000_000 * unit),
        "end_time": written(1_750_000_002 * unit),
    }
    (run,), _ = split(json.dumps(made).encode())
    assert (run["started_at"], run["finished_at"]) == ("2025-06-15T15:06:40.000000Z", "2025-06-15T15:06:42.000000Z")
    assert run["actions"][0]["duration_ms"] == 2000


@pytest.mark.parametrize("more", [{}, {"big": 10**30}])
def test_the_time_0_of_a_dumped_span_is_none(more: dict[str, int]) -> None:
    made = {
        "name": "call",
        "context": {"trace_id": 1, "span_id": 2},
        "attributes": {"gen_ai.operation.name": "chat", **more},
        "start_time": 1_750_000_000_000_000_000,
        "end_time": 0,
    }
    (run,), _ = split(json.dumps(made).encode())
    assert (run["started_at"], run["finished_at"]) == ("2025-06-15T15:06:40.000000Z", None)
    (run,), _ = split(json.dumps(made | {"start_time": 0}).encode())
    assert (run["started_at"], run["actions"][0]["timestamp"], run["actions"][0]["duration_ms"]) == (None, None, None)
