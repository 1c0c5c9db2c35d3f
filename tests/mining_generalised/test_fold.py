"""Folding: what is a step, and what is folded into one."""

from __future__ import annotations

from typing import Any

from core.mining.generalised.fold import Facts, Run, facts, fold, seen
from core.mining.generalised.patterns import Shape, contributed
from core.mining.generalised.signs import failed
from core.model.trace import Action
from tests.mining_generalised.noise import action, run

TALK = {"kind": "model_call", "name": "say", "output": "Which one?", "observed_output": "The red one."}
CHOICE = {"kind": "model_call", "name": "llm", "output": [{"tool.name": "a", "tool.args": "{}"}]}
SILENT_CHOICE = {"kind": "model_call", "name": "llm", "output": "I shall look it up."}
LAST_WORDS = {"kind": "model_call", "name": "llm", "output": "Done."}


def folded(*actions: dict[str, Any]) -> Run:
    trace = run("t", actions)
    return fold(trace, facts([seen(trace)]))


def read(name: str, **more: Any) -> dict[str, Any]:
    return action(name, {"id": f"{name}1"}, {"got": 1}, **more)


def test_model_calls_that_only_choose_a_tool_are_glue_and_talk_is_not() -> None:
    made = folded(CHOICE, read("a"), TALK, SILENT_CHOICE, read("b"), LAST_WORDS)
    assert made.sequence == ("tool_call:a", "tool_call:b")
    assert made.steps[0].glue == (0,)
    assert (made.steps[1].talk, made.steps[1].glue) == ((2,), (3,))
    assert made.tail == (5,)


def test_repeated_steps_and_short_blocks_fold_with_their_counts() -> None:
    made = folded(read("a"), read("a"), read("b"), read("c"), read("b"), read("c"), read("c"), read("d"))
    assert made.sequence == ("tool_call:a", "tool_call:b", "tool_call:c", "tool_call:d")
    assert [step.actions for step in made.steps] == [(0, 1), (2, 4), (3, 5, 6), (7,)]


def test_a_block_with_an_effect_does_not_fold_but_a_repeated_effect_does() -> None:
    write = action("w", {"id": "x1"}, {}, "row:x1")
    assert folded(read("a"), write, read("a"), write).sequence == ("tool_call:a", "tool_call:w") * 2
    assert folded(write, write).steps[0].actions == (0, 1)


def test_a_failed_try_folds_into_the_success_that_follows_and_else_is_another_symbol() -> None:
    bad = action("w", {"id": "x1"}, "Error: no such row")
    good = action("w", {"id": "x2"}, {"ok": True}, "row:x2")
    made = folded(bad, TALK, bad, good)
    assert made.sequence == ("tool_call:w",)
    assert (made.steps[0].tries, made.steps[0].actions, made.steps[0].talk) == ((0, 2), (3,), (1,))
    assert folded(bad, read("b"), good).sequence == ("!tool_call:w", "tool_call:b", "tool_call:w")


def test_a_tool_that_never_does_or_returns_anything_is_idle() -> None:
    idle = action("think", {"thought": "hm"}, "")
    made = folded(idle, read("a"), idle, read("b"))
    assert made.sequence == ("tool_call:a", "tool_call:b")
    assert [step.idle for step in made.steps] == [(0,), (2,)]


def test_no_tool_is_idle_where_outputs_are_not_recorded() -> None:
    assert folded(action("a", {"id": "x1"}, None), action("b", {"id": "x1"}, None)).sequence == (
        "tool_call:a",
        "tool_call:b",
    )


def test_a_model_call_that_changes_something_is_a_step_and_its_effect_is_known() -> None:
    write = action("send", {"id": "x1"}, None, "mail:x1") | {"kind": "model_call"}
    trace = run("t", [read("a"), write])
    assert facts([seen(trace)]).writers == {"model_call:send"}
    assert folded(read("a"), write).sequence == ("tool_call:a", "model_call:send")


def test_the_name_of_a_tool_never_makes_it_a_failed_one() -> None:
    assert folded(read("lock!"), read("lock")).sequence == ("tool_call:lock!", "tool_call:lock")
    assert contributed(Shape((("tool_call:lock!", False), ("tool_call:w", True)))) == {
        ("tool_call:lock!", "tool_call:w")
    }


def test_facts_are_over_all_runs() -> None:
    quiet, loud = run("q", [action("a", {}, "")]), run("l", [action("a", {}, "text"), action("w", {}, "", "row")])
    assert facts([seen(quiet), seen(loud)]) == Facts(frozenset({"tool_call:w"}), frozenset())


def test_runs_of_one_task_share_a_group_and_equal_runs_their_content() -> None:
    first, again = run("1", [read("a"), read("b")]), run("2", [read("a"), read("c")])
    known = facts(map(seen, [first, again]))
    assert fold(first, known).group == fold(again, known).group
    assert fold(first, known).content != fold(again, known).content
    assert fold(first, known).content == fold(first.replace(id="3"), known).content


def test_failure_is_told_in_several_ways_but_an_effect_is_a_success() -> None:
    def told(**fields: Any) -> bool:
        return failed(Action.decode({"kind": "tool_call", "name": "a", **fields}))

    assert told(metadata={"error": True})
    assert told(metadata={"status": "error"})
    assert told(observed_output="Error: not found")
    assert told(observed_output={"error": "not found"})
    assert not told(observed_output={"error": None, "rows": []})
    assert not told(observed_output="no errors")
    assert not told(metadata={"status": "ok"})
    assert not told(metadata={"error": True}, side_effects=[{"kind": "write", "target": "x"}])
