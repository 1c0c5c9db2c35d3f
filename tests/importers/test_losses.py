"""What the formats' records must not lose, nor count twice, nor make up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importers.importing import chat, lines, split
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

    def test_further_choices_are_told(self) -> None:
        choices: list[Any] = [{"message": {"role": "assistant", "content": str(number)}} for number in range(3)]
        (run,), left = split(lines({"messages": [self.ASKS], "choices": choices}))
        assert [made["output"] for made in run["actions"]] == ["0"]
        assert [(one.reason, one.times) for one in left] == [("a further choice of an answer is not kept", 2)]
        assert split(lines(chat(response={"choices": choices})))[1][0].times == 2


def line(kind: str, content: list[dict[str, Any]], **message: Any) -> dict[str, Any]:
    return {"type": kind, "sessionId": "s", "message": {"role": kind, "content": content, **message}}


def test_an_answer_of_claude_code_with_a_result_between_its_lines_costs_once() -> None:
    def use(name: str) -> dict[str, Any]:
        return {"type": "tool_use", "id": name, "name": name, "input": {}}

    def result(name: str) -> dict[str, Any]:
        return line("user", [{"type": "tool_result", "tool_use_id": name, "content": "ok"}])

    def usage(count: int) -> dict[str, Any]:
        return {"id": "msg_1", "model": "m", "usage": {"input_tokens": 100, "output_tokens": count}}

    other = line("assistant", [{"type": "text", "text": "done"}], usage={"input_tokens": 1}, model="m")
    session = [
        line("assistant", [{"type": "thinking", "thinking": "hm"}], **usage(1)),
        line("assistant", [use("a")], **usage(1)),
        result("a"),
        line("assistant", [use("b")], **usage(50)),
        result("b"),
        other,
        result("none"),
        other,
    ]
    (run,), _ = split(lines(*session))
    costs = [made["cost"] for made in run["actions"]]
    assert [cost.get("input_tokens") for cost in costs] == [100, None, 1, 1]
    assert (costs[0]["output_tokens"], costs[0]["model_calls"], costs[1]) == (50, 1, {})
