from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.model.jsontext import compact, pretty
from core.traces.errors import TraceError
from core.traces.normalise import actions_hash
from core.traces.turns import SegmentOptions, Turn, load_turns, segment_trace, segments, similarity


def turn(iteration: int, *calls: str, success: bool = True, status: str = "completed", **fields: Any) -> Turn:
    made = [{"tool_name": name, "status": status, "raw_input": {"path": "."}} for name in calls]
    return Turn.decode({"iteration": iteration, "success": success, "tool_calls": made, **fields})


def cut(turns: list[Turn], **options: Any) -> list[list[int]]:
    return [[turn.iteration for turn in segment] for segment in segments(turns, SegmentOptions(**options))]


def test_a_failed_turn_or_call_ends_a_segment() -> None:
    turns = [turn(0, "a"), turn(1, "a"), turn(2, "a", success=False), turn(3, "a"), turn(4, "a", status="failed")]
    assert cut([*turns, turn(5, "a"), turn(6, "a", status="COMPLETED")]) == [[0, 1], [5, 6]]


def test_a_session_without_success_has_no_segments() -> None:
    assert cut([turn(0, "a", success=False)]) == []
    assert cut([]) == []


def test_unlike_turns_part_segments() -> None:
    assert cut([turn(0, "a"), turn(1, "a"), turn(2, "b"), turn(3, "b")]) == [[0, 1], [2, 3]]


def test_a_segment_that_is_too_short_is_dropped_and_the_next_starts_after_it() -> None:
    turns = [turn(0, "a"), turn(1, "b"), turn(2, "b")]
    assert cut(turns) == [[1, 2]]
    assert cut(turns, shortest=1) == [[0], [1, 2]]


def test_a_segment_has_at_most_so_many_turns() -> None:
    turns = [turn(number, "a") for number in range(13)]
    assert cut(turns) == [list(range(12))]
    assert cut(turns, longest=4) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((), (), 1.0), (("a",), (), 0.0), (("a", "b"), ("a",), 0.5), (("a", "a"), ("a", "a"), 2.0), (("a",), ("a",), 1.0)],
)
def test_similarity_counts_the_multiset_over_the_set(one: tuple[str], other: tuple[str], expected: float) -> None:
    assert similarity(turn(0, *one), turn(1, *other)) == expected


def test_calls_are_alike_by_name_and_keys_wherever_the_keys_stand() -> None:
    given = turn(0, tool_calls=[{"tool_name": "t", "status": "completed", "parameters": {"b": 1, "a": 2}}])
    raw = turn(1, tool_calls=[{"tool_name": "t", "status": "completed", "raw_input": {"a": 3, "b": 4}}])
    fewer = turn(2, tool_calls=[{"tool_name": "t", "status": "completed", "raw_input": ["a", "b"]}])
    assert similarity(given, raw) == 1.0
    assert similarity(given, fewer) == 0.0


def test_the_threshold_itself_is_alike_enough() -> None:
    turns = [turn(0, "a", "b"), turn(1, "a")]
    assert cut(turns, similarity=0.5) == [[0, 1]]
    assert cut(turns, similarity=0.51) == []


def test_a_segment_as_a_trace() -> None:
    made = segment_trace(
        [
            turn(
                3, "ls", model="m", provider="p", input_tokens=5, assistant_text="hi", metadata={"source": "x", "a": 1}
            ),
            turn(4, finished_at="end"),
        ],
        "s",
        "w",
    )
    assert (made.id, made.workflow_id, made.finished_at) == ("s_trajectory_3_4", "w", "end")
    assert made.source_hash == actions_hash(made.actions)
    assert made.metadata["iteration_span"] == [3, 4]
    assert [(a.id, a.kind, a.name) for a in made.actions] == [
        ("turn_3", "model_call", "m"),
        ("turn_3_ls", "tool_call", "ls"),
        ("turn_4", "model_call", "agent_turn"),
    ]
    model, tool, _ = made.actions
    assert (model.output, model.cost.model_calls, model.cost.input_tokens, model.fuzzy) == ("hi", 1, 5, True)
    assert compact(model.metadata) == (
        b'{"a":1,"iteration":3,"provider":"p","session_id":"","source":"agent_loop_trajectory"}'
    )
    assert (tool.inputs, tool.parameters, tool.deterministic) == ({"path": "."}, {"path": "."}, True)


def test_parameters_win_over_raw_input() -> None:
    call = {"tool_name": "t", "parameters": {"b": "given"}, "raw_input": {"b": "raw", "a": "raw"}}
    (_, tool) = segment_trace([turn(0, tool_calls=[call])], "s").actions
    assert compact(tool.parameters) == b'{"a":"raw","b":"given"}'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{}", "failed to decode agent turns {}: expected a list of turn records"),
        (
            b'[{},{"iteration":-1}]',
            "failed to decode agent turns {}: turns[1]: iteration: expected an integer in",
        ),
        (b"[", "failed to parse agent turns {}: "),
        (b"\xff", "failed to read agent turns {}: "),
    ],
)
def test_faults_name_the_file_and_the_turn(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "turns.json"
    path.write_bytes(data)
    with pytest.raises(TraceError) as caught:
        load_turns(str(path))
    assert str(caught.value).startswith(message.format(path))


def test_turns_are_read_with_sorted_maps(tmp_path: Path) -> None:
    path = tmp_path / "turns.json"
    path.write_bytes(pretty([{"iteration": 1, "metadata": {"b": 1, "a": 2}}]))
    (read,) = load_turns(str(path))
    assert (read.iteration, list(read.metadata)) == (1, ["a", "b"])
