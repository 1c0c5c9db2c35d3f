"""A span or run that is recorded more than once: as it begins and as it ends, or sent again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importers.importing import lines, span, split, tool_span

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
