"""What LangSmith's records become."""

from __future__ import annotations

from typing import Any

from core.importers.effects import Effects, ToolRule
from core.importers.values import Options
from core.model.trace import SideEffect
from tests.importers.importing import DATA, lines, runs_in, split


def reasons(path: str) -> dict[str, int]:
    file = DATA / path
    made: dict[str, int] = {}
    for left in split(file.read_bytes(), file.name)[1]:
        assert not left.fault, left
        made[left.reason] = made.get(left.reason, 0) + left.times
    return made


def outline(run: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["name"]) for one in run["actions"]]


class TestLangSmith:
    def test_runs(self) -> None:
        first, second = runs_in("langsmith/runs.jsonl")
        assert outline(first) == [
            ("model_call", "call_llm"),
            ("tool_call", "find_order"),
            ("tool_call", "refund_order"),
            ("model_call", "call_llm"),
        ]
        assert first["workflow_id"] == "refund_agent"
        model, find, refund, _ = first["actions"]
        assert (model["cost"]["input_tokens"], model["cost"]["output_tokens"]) == (50, 9)
        assert find["observed_output"] == {"order_id": "A1", "status": "shipped"}
        assert (refund["parameters"], refund["observed_output"]) == ({"order_id": "A1", "amount": 20.0}, "refunded")
        assert second["actions"][2]["metadata"]["error"] is True
        assert reasons("langsmith/runs.jsonl") == {"a run that only holds others (chain, prompt, parser)": 2}

    def test_what_else_than_models_and_tools_is_called(self) -> None:
        human = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"]}
        asked = {"messages": [[human | {"kwargs": {"content": "about Rome"}}]]}
        root = {"id": "a", "trace_id": "a", "run_type": "chain", "name": "r", "inputs": asked}
        inner = {"trace_id": "a", "parent_run_id": "a", "inputs": {"query": "Rome"}}
        records = [
            root,
            inner | {"id": "b", "run_type": "embedding", "name": "e", "outputs": {"vectors": [1.5]}},
            inner | {"id": "c", "run_type": "retriever", "name": "store", "outputs": {"documents": ["a city"]}},
            inner | {"id": "d", "run_type": "llm", "name": "m", "error": "too many requests"},
        ]
        (run,), _ = split(lines(*records))
        assert run["metadata"]["goal"] == "about Rome"
        assert outline(run) == [("model_call", "embeddings"), ("retrieval", "store"), ("model_call", "call_llm")]
        embeds, finds, fails = run["actions"]
        assert (embeds["inputs"], embeds["observed_output"], embeds["cost"]["model_calls"]) == ({}, None, 1)
        assert (finds["inputs"], finds["observed_output"]) == ({"query": "Rome"}, {"documents": ["a city"]})
        assert [one["metadata"].get("error") for one in run["actions"]] == [None, None, True]
        assert fails["metadata"]["error_message"] == "too many requests"

    def test_a_trace_without_any_call_and_a_run_of_no_trace_are_told(self) -> None:
        root = {"id": "a", "trace_id": "a", "run_type": "chain", "name": "r", "inputs": {}}
        nobodys = {"run_type": "tool", "name": "t", "inputs": {}}
        made, left = split(lines(root, nobodys))
        assert made == []
        assert {one.reason: one.fault for one in left} == {
            "a run that only holds others (chain, prompt, parser)": False,
            "no run of this trace is a call of a model or tool": False,
            "the run has neither trace_id nor id": True,
        }

    def test_a_tree_gives_the_same_as_its_runs(self) -> None:
        child = {"id": "b", "run_type": "tool", "name": "t", "inputs": {"input": '{"a": 1}'}, "parent_run_id": "a"}
        root = {"id": "a", "run_type": "chain", "name": "r", "inputs": {}, "trace_id": "a"}
        tree = split(lines(root | {"child_runs": [child]}))[0]
        flat = split(lines(root, child | {"trace_id": "a"}))[0]
        assert tree[0]["actions"] == flat[0]["actions"]
        assert tree[0]["actions"][0]["inputs"] == {"a": 1}

    def test_arguments_and_answers_as_langchain_writes_them(self) -> None:
        def call(number: int, given: str, output: Any = None, **more: Any) -> dict[str, Any]:
            told = {"id": f"c{number}", "trace_id": "a", "run_type": "tool", "name": "t", "start_time": number}
            outputs = {} if output is None else {"outputs": {"output": output}, "end_time": number + 1}
            return {**told, "inputs": {"input": given}, **outputs, **more}

        said = {"content": "no such order", "type": "tool", "tool_call_id": "1", "status": "error"}
        anew = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "ToolMessage"]}
        made = [
            call(1, "{'order': 'W1', 'gift': None, 'rows': [1, 2.5, True]}", anew | {"kwargs": {"content": "[1]"}}),
            call(2, "{'order': __import__('os')}", said),
            call(3, "{'order': (1, 2)}", anew | {"kwargs": said}),
            call(4, "{'order': 'W4'}", status="pending"),
            call(5, "{" * 5000, "1"),
            call(6, r"{'a': '\d'}", "1"),
        ]
        rule = ToolRule("t", (SideEffect(kind="db_write", target="order"),), secrets=("TOKEN",))
        (run,), left = split(lines(*made), options=Options(Effects((rule,))))
        assert [one["inputs"] for one in run["actions"]] == [
            {"order": "W1", "gift": None, "rows": [1, 2.5, True]}, *(one["inputs"] for one in made[1:3]),
            {"order": "W4"}, made[4]["inputs"], {"a": "\\d"},
        ]  # fmt: skip
        assert [one["observed_output"] for one in run["actions"]] == [
            [1],
            said["content"],
            said["content"],
            None,
            "1",
            "1",
        ]
        assert [bool(one["metadata"].get("error")) for one in run["actions"]] == [
            False,
            True,
            True,
            False,
            False,
            False,
        ]
        assert [len(one["side_effects"]) for one in run["actions"]] == [1, 0, 0, 0, 1, 1]
        assert {tuple(one["required_secrets"]) for one in run["actions"]} == {("TOKEN",)}
        assert ["never answered" in one.reason for one in left] == [True]

    def test_times_in_milliseconds_and_usage_wherever_it_stands(self) -> None:
        told = {"trace_id": "a", "run_type": "llm", "name": "m", "inputs": {}, "end_time": 1_750_000_001_500}
        usage = {"input_tokens": 7, "output_tokens": 2, "total_tokens": 9, "input_cost": 0.5, "output_cost": 0.25}
        made = [
            {"id": "1", "start_time": 1_750_000_000_000, "extra": {"metadata": {"usage_metadata": usage}}},
            {"id": "2", "start_time": 1_750_000_001_000, "outputs": {"usage_metadata": usage}, "total_cost": "0.125"},
            {"id": "3", "start_time": 1_750_000_001_250.0, "outputs": {"llm_output": {"token_usage": {
                "prompt_tokens": 7, "completion_tokens": 2}}}},
        ]  # fmt: skip
        (run,), _ = split(lines(*(told | one for one in made)))
        costs = [one["cost"] for one in run["actions"]]
        assert [(one["input_tokens"], one["output_tokens"]) for one in costs] == [(7, 2)] * 3
        assert [one.get("total_cost_usd") for one in costs] == [0.75, 0.125, None]
        assert [one["duration_ms"] for one in run["actions"]] == [1500, 500, 250]
        assert run["started_at"] == "2025-06-15T15:06:40.000000Z"
