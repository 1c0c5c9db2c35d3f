"""The recorded samples become the runs that others made of them, up to the differences that are listed here."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.model.jsontext import parse, same
from core.model.trace import Trace
from core.traces.normalise import normalise
from tests.importers.importing import DATA, runs_in

Value = Any

OURS_ONLY = {
    "/source_hash": "of the record; others leave it to whoever loads the file",
    "/metadata/agent": "gen_ai.agent.name, which the span dumps record",
}
THEIRS_ONLY = {
    "/metadata/agent": "the name of the recorded experiment, known from the name of the file only",
    "/metadata/framework": "known from the name of the file only",
    "/metadata/from_pull_request": "about how the dumps were gathered",
    "/metadata/stray_spans": "a count of the other conversion",
}
OTHERWISE = {
    "/id": "others made ids from file names and frameworks; ours come from trace ids and content",
    "/source": "others named their own folders",
}
LLAMA_INDEX = {
    "/metadata/goal": "we read OpenInference's numbered messages as well",
    "/metadata/status": "the root's status; others looked for it in `invoke_agent` spans only",
    "/started_at": "the root span's start; others took the first call's",
    "/finished_at": "the root span's end; others took the start of the last call",
}
USAGE = {"/usage": "SWE-agent's model_stats; others kept them as metadata only, and so do we besides"}
ROUNDED = "others went through a float, which rounds a nanosecond time to the wrong microsecond"


def without_nulls(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: without_nulls(held) for name, held in value.items() if held is not None}
    return [without_nulls(held) for held in value] if isinstance(value, list) else value


def differences(ours: Value, theirs: Value, path: str = "") -> dict[str, tuple[Value, Value]]:
    """Where two values differ, with what stands there."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        made = {}
        for name in sorted(ours.keys() | theirs.keys()):
            made |= differences(ours.get(name), theirs.get(name), f"{path}/{name}")
        return made
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        made = {}
        for number, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            made |= differences(left, right, f"{path}/{number}")
        return made
    return {} if same(ours, theirs) else {path: (ours, theirs)}


def compared(run: dict[str, Any], expected: str) -> dict[str, tuple[Value, Value]]:
    """The differences between a run and another's, but for those that are listed for all; both in full form."""
    theirs = Trace.decode(parse((DATA / "expected" / expected).read_bytes()))
    ours, others = (parse_of(Trace.decode(run)), parse_of(theirs))
    for name in ("source_hash",):
        others[name] = None
    found = differences(without_nulls(ours), without_nulls(others))
    return {place: sides for place, sides in found.items() if not listed(place, sides)}


def parse_of(trace: Trace) -> dict[str, Any]:
    from core.model.jsontext import plain

    made: dict[str, Any] = plain(normalise(trace))
    return made


def listed(place: str, sides: tuple[Value, Value]) -> bool:
    if place in OTHERWISE:
        return True
    return (place in OURS_ONLY and sides[1] is None) or (place in THEIRS_ONLY and sides[0] is None)


def test_retail_chats() -> None:
    runs = runs_in("openai_chat/tau_retail_20_runs.json", "effects_retail.toml", "tau-bench/retail")
    assert len(runs) == 20
    for number, run in enumerate(runs):
        assert compared(run, f"tau-retail-tool-calling-{number:03d}-task{number:03d}.json") == {}


@pytest.mark.parametrize("name", sorted(path.stem for path in (DATA / "otel_spans").iterdir()))
def test_span_dumps(name: str) -> None:
    (run,) = runs_in(f"otel_spans/{name}.json", "effects_one_task.toml", "any-agent/integration-test")
    found = compared(run, f"{name}.json")
    if name.startswith("LLAMA_INDEX"):
        assert found.keys() == LLAMA_INDEX.keys()
        assert found["/metadata/goal"][1] is None
        assert found["/started_at"][0] < found["/started_at"][1]
        assert found["/finished_at"][0] > found["/finished_at"][1]
        return
    for place, (ours, theirs) in found.items():
        assert re.fullmatch(r"/actions/\d+/timestamp", place), (place, ROUNDED)
        assert abs(int(ours[-7:-1]) - int(theirs[-7:-1])) == 1


@pytest.mark.parametrize("name", sorted(path.stem for path in (DATA / "swe_agent").iterdir()))
def test_trajectories(name: str) -> None:
    instance = name.rpartition("__")[0]
    (run,) = runs_in(f"swe_agent/{name}.traj", workflow_id=f"swe-agent/{instance}")
    found = compared(run, f"{name}.json")
    assert {place for place in found if not place.startswith("/usage/")} == set()
    stats = run["metadata"]["model_stats"]
    if found:
        assert found["/usage/model_calls"] == (stats["api_calls"], 0), USAGE
        assert found["/usage/input_tokens"] == (stats["tokens_sent"], 0)


def test_moments_are_rounded_to_the_nearest_microsecond() -> None:
    (run,) = runs_in("otel_spans/LANGCHAIN__32d52ad7.json")
    raw = parse((DATA / "otel_spans" / "LANGCHAIN__32d52ad7.json").read_bytes())
    first = min(span["start_time"] for span in raw["spans"] if span["name"].startswith("call_llm"))
    assert run["actions"][0]["timestamp"][-7:-1] == f"{(first + 500) // 1000 % 1_000_000:06d}"
