"""What sessions of Claude Code must not lose, nor count twice, nor make up."""

from __future__ import annotations

from typing import Any

from tests.importers.importing import lines, split


def line(kind: str, content: list[dict[str, Any]], **message: Any) -> dict[str, Any]:
    return {"type": kind, "sessionId": "s", "message": {"role": kind, "content": content, **message}}


def test_sub_agents_of_claude_code_that_are_not_named_are_told_apart_by_what_their_lines_follow() -> None:
    def follows(number: int, parent: int | None, made: dict[str, Any]) -> dict[str, Any]:
        return made | {
            "uuid": str(number),
            "parentUuid": None if parent is None else str(parent),
            "isSidechain": True,
        }

    def asks(text: str) -> dict[str, Any]:
        return line("user", [{"type": "text", "text": text}])

    def calls(name: str) -> dict[str, Any]:
        return line("assistant", [{"type": "tool_use", "id": name, "name": name, "input": {}}], id=name)

    def answers(name: str) -> dict[str, Any]:
        return line("user", [{"type": "tool_result", "tool_use_id": name, "content": "ok"}])

    session = [
        follows(1, None, asks("left")),
        follows(2, None, asks("right")),
        follows(3, 1, calls("a")),
        follows(4, 2, calls("b")),
        follows(5, 4, answers("b")),
        follows(6, 3, answers("a")),
        follows(7, 6, calls("c")),
        follows(8, 5, calls("d")),
    ]
    runs, _ = split(lines(*session))
    assert [(run["id"], run["metadata"]["goal"]) for run in runs] == [
        ("s-sidechain", "left"),
        ("s-sidechain-2", "right"),
    ]
    assert [[made["name"] for made in run["actions"]] for run in runs] == [["a", "c"], ["b", "d"]]
    plain = [{key: value for key, value in made.items() if key != "parentUuid"} for made in session]
    assert len(split(lines(*plain))[0]) == 1, "nothing tells them apart"


def test_an_answer_of_claude_code_that_calls_in_a_later_line_is_not_silent() -> None:
    def piece(content: dict[str, Any], name: str) -> dict[str, Any]:
        return line("assistant", [content], id=name, usage={"output_tokens": 1})

    thinks = {"type": "thinking", "thinking": "hm"}
    result = line("user", [{"type": "tool_result", "tool_use_id": "z", "content": "ok"}])
    use = {"type": "tool_use", "id": "a", "name": "a", "input": {}}
    _, left = split(lines(piece(thinks, "m1"), result, piece(use, "m1"), piece(thinks, "m2"), piece(thinks, "m2")))
    assert [one.times for one in left if one.reason == "an answer of the model says and calls nothing"] == [1]


def test_what_claude_code_itself_says_is_no_call_of_a_model() -> None:
    told = [{"type": "text", "text": "API Error: 529 Overloaded"}]
    program = line("assistant", told, id="m2", model="<synthetic>", usage={"input_tokens": 0, "output_tokens": 0})
    answer = line("assistant", [{"type": "text", "text": "done"}], id="m1", model="claude-x")
    [run], left = split(lines(answer, program | {"isApiErrorMessage": True}))
    assert [(made["output"], made["cost"]["model"]) for made in run["actions"]] == [("done", "claude-x")]
    assert [one.reason for one in left] == ["a message that the program wrote in the model's name"]


LOOKS = [
    line("user", [{"type": "text", "text": "look"}]),
    line("assistant", [{"type": "text", "text": "I look."}], id="m1", usage={"output_tokens": 1}),
    line(
        "assistant",
        [{"type": "text", "text": "I look."}, {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"q": 1}}],
        id="m1",
        usage={"output_tokens": 20},
    ),
    line("user", [{"type": "tool_result", "tool_use_id": "t1", "content": "x"}]),
    line("assistant", [{"type": "text", "text": "done"}], id="m2", usage={"output_tokens": 2}),
]


def test_a_session_of_claude_code_that_was_written_again_is_told_once() -> None:
    timed = [one | {"timestamp": f"2026-03-01T09:00:{at:02}Z"} for at, one in enumerate(LOOKS)]
    again = [one | {"uuid": f"b{at}"} for at, one in enumerate(timed)]
    last = line("assistant", [{"type": "text", "text": "bye"}], id="m3")
    [run], left = split(lines(*timed, *again, last))
    assert [(one["name"], one["observed_output"]) for one in run["actions"]] == [
        ("Bash", "x"), ("respond", None), ("respond", None)
    ]  # fmt: skip
    assert [one.reason for one in left] == ["a line that repeats an earlier one of the session"]
    assert left[0].times == len(LOOKS)


def test_what_a_growing_answer_of_claude_code_repeats_is_told_once() -> None:
    grown = LOOKS[2] | {"message": LOOKS[2]["message"] | {"content": [*LOOKS[2]["message"]["content"]]}}
    early = line("assistant", [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {}}], id="m1")
    [run], left = split(lines(*LOOKS[:2], early, grown, *LOOKS[3:], *LOOKS[3:]))
    call, said = run["actions"]
    assert (call["inputs"], call["observed_output"], call["cost"]["output_tokens"]) == ({"q": 1}, "x", 20)
    assert call["metadata"]["assistant_text"] == "I look."
    assert (said["output"], said["cost"]["output_tokens"]) == ("done", 2)
    assert not any(one.fault for one in left)


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


def test_what_the_program_writes_in_the_users_name_is_no_goal() -> None:
    """Such as the summary of an earlier session with which a session goes on."""

    def asks(text: str, **more: bool) -> dict[str, Any]:
        return line("user", [{"type": "text", "text": text}]) | more

    answer = line("assistant", [{"type": "text", "text": "done"}], id="m")
    (run,), left = split(lines(asks("caveat", isMeta=True), asks("before", isCompactSummary=True), asks("go"), answer))
    assert run["metadata"]["goal"] == "go"
    assert [(one.reason, one.times) for one in left] == [("a message that the program wrote in the user's name", 2)]
