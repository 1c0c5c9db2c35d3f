"""A span or run that is recorded more than once: as it begins and as it ends, or sent again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importers.importing import chat, lines, span, split, tool_span

TRACE = "ab" * 16


@pytest.mark.parametrize("begun_first", [True, False])
class TestBegunAndEnded:
    """What is complete counts, wherever it stands."""

    @staticmethod
    def order(begun: Any, ended: Any, *, begun_first: bool) -> bytes:
        return lines(begun, ended) if begun_first else lines(ended, begun)

    def test_of_langsmith(self, *, begun_first: bool) -> None:
        begun = {"id": "t", "trace_id": "a", "run_type": "tool", "name": "t", "inputs": {}, "start_time": 1}
        ended = begun | {"end_time": 2, "outputs": {"output": "found"}}
        (run,), left = split(self.order(begun, ended, begun_first=begun_first))
        assert [made["observed_output"] for made in run["actions"]] == ["found"]
        assert [(one.reason, one.fault) for one in left] == [("a run that stands in the file already", False)]

    def test_of_the_agents_sdk(self, *, begun_first: bool) -> None:
        made: dict[str, Any] = {"object": "trace.span", "id": "s", "trace_id": "a", "started_at": "2026-01-01T00:00:00"}
        begun = made | {"span_data": {"type": "function", "name": "f", "input": "{}", "output": None}}
        ended = made | {
            "ended_at": "2026-01-01T00:00:01",
            "span_data": {"type": "function", "name": "f", "input": "{}", "output": "found"},
        }
        (run,), left = split(self.order(begun, ended, begun_first=begun_first))
        assert [one["observed_output"] for one in run["actions"]] == ["found"]
        assert [(one.reason, one.fault) for one in left] == [("a span that stands in the file already", False)]

    def test_of_spans(self, *, begun_first: bool) -> None:
        ended = span(TRACE, 1, **{"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7})
        begun = span(TRACE, 1, **{"gen_ai.operation.name": "chat"}) | {"endTimeUnixNano": "0"}
        (run,), left = split(self.order(begun, ended, begun_first=begun_first))
        assert [made["cost"]["input_tokens"] for made in run["actions"]] == [7]
        assert [(one.reason, one.fault) for one in left] == [("a span that stands in the file already", False)]


def test_a_span_that_is_sent_again_is_no_loss() -> None:
    one = tool_span(TRACE, 1)
    (run,), left = split(lines(one, tool_span(TRACE, 2), one))
    assert len(run["actions"]) == 2
    assert [(one.reason, one.fault) for one in left] == [("a span that stands in the file already", False)]


def calls(name: str) -> list[dict[str, Any]]:
    """What a proxy logs of a chat: each call of a model with all that was said before."""
    said = chat(name)["messages"]
    said[1]["tool_calls"][0]["id"] = said[2]["tool_call_id"] = f"call of {name}"
    return [
        {
            "request": {"messages": said[:at]},
            "response": {
                "choices": [{"message": {"annotations": [], **said[at]}}],
                "usage": {"prompt_tokens": 10 * at, "completion_tokens": 1},
            },
        }
        for at in (1, 3)
    ]


TOLD_AGAIN = "a record that a later one tells again and goes on with"


def test_calls_of_a_model_that_tell_a_chat_again_are_one_run_with_the_cost_of_all() -> None:
    one, other = calls("one"), calls("other")
    runs, left = split(lines(one[0], other[0], one[1], other[1]))
    assert [[made["name"] for made in run["actions"]] for run in runs] == [["look", "respond"]] * 2
    assert [run["metadata"]["first_user_message"] for run in runs] == ["one", "other"]
    assert [(run["usage"]["input_tokens"], run["usage"]["output_tokens"]) for run in runs] == [(40, 2)] * 2
    costs = [[made["cost"]["input_tokens"] for made in run["actions"]] for run in runs]
    assert costs == [[10, 30]] * 2
    assert [(found.reason, found.fault) for found in left] == [(TOLD_AGAIN, False)] * 2


def test_chats_that_only_begin_alike_are_runs_of_their_own() -> None:
    short, whole = chat("one"), chat("one")
    del short["messages"][3]
    assert len(split(lines(short, whole))[0]) == 2
    (first, _), (_, second) = calls("one"), calls("one")
    second["request"]["messages"][1]["tool_calls"][0]["id"] = "another"
    assert len(split(lines(first, second))[0]) == 2


def test_what_is_told_again_is_found_on_both_sides_of_a_bad_line() -> None:
    first, second = calls("one")
    runs, left = split(lines(first) + b"{\n" + lines(second, *calls("other")))
    assert [one.place for one in left if one.fault or one.reason == TOLD_AGAIN] == ["line 2", "line 4"]
    assert len(runs) == 3
