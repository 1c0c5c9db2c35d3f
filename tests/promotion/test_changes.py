"""Every change of a behaviour is told, in a sentence that says what was and what is."""

from __future__ import annotations

from typing import Any

from core.model.trace import Approval
from core.promotion.changes import behaviour_changes, failing_changes
from core.shadow.compare import shadow_compare
from tests.shadow.making import action, candidate, replay, run

STEP = {"name": "ship", "expected_output": None, "approval": None, "capabilities": ["net"]}


def made(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    whole = {"name": "flow", "package_name": "flow", "parameters": [], "expected_receipts": []}
    return {**whole, "steps": [STEP | step for step in steps], **fields}


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [change.text for change in behaviour_changes(before, after)]


def test_nothing_is_told_where_nothing_changed() -> None:
    assert told(made({}, {}), made({}, {})) == []


def test_steps_that_come_and_go_are_named() -> None:
    assert told(made({}), made({}, {"name": "tell"})) == ["step 2 'tell' is new"]
    assert told(made({}, {"name": "tell"}), made({})) == ["step 2 'tell' is gone"]
    (gone,) = behaviour_changes(made({"name": "a\x1bb"}), made())
    assert (gone.before, gone.after, gone.text) == ("a\x1bb", "", r"step 1 'a\x1bb' is gone")


def test_every_field_of_a_step_is_compared_strictly() -> None:
    before, after = made({}), made({"capabilities": ["disk", "net"], "approval": {"required": True}})
    assert told(before, after) == [
        'step 1 approval was nothing and is now `{"required":true}`',
        'step 1 capabilities was `["net"]` and is now `["disk","net"]`',
    ]
    assert told(made({"constants": {"n": 1}}), made({"constants": {"n": True}})) == [
        'step 1 constants was `{"n":1}` and is now `{"n":true}`'
    ]
    assert told(made({"risk": "x"}), made({})) == ["step 1 risk was `x` and is now nothing"]


def test_what_a_step_expects_is_told_by_value() -> None:
    assert told(made({}), made({"expected_output": 1})) == ["step 1 expects `1` now, where nothing was expected"]
    assert told(made({"expected_output": 1}), made({})) == ["step 1 expects `1` no more"]
    assert told(made({"expected_output": 1}), made({"expected_output": "1"})) == [
        'step 1 expects `1` no more, but `"1"`'
    ]
    long = told(made({"expected_output": "x" * 121}), made({"expected_output": "x" * 120}))
    assert long == [f"step 1 expects `{'x' * 119}…` no more, but `{'x' * 120}`"]


def test_what_is_not_a_step_is_told_too() -> None:
    after = made({}, name="other", package_name="p", parameters=[{"name": "v"}], expected_receipts=[1])
    assert told(made({}), after) == [
        "name was `flow` and is now `other`",
        "package name was `flow` and is now `p`",
        'parameters was `[]` and is now `[{"name":"v"}]`',
        "expected receipts was `[]` and is now `[1]`",
    ]


def test_what_generalised_mining_says_of_a_step_is_told_in_words() -> None:
    bound = {"name": "user", "kind": "output", "step": 1, "place": "out/id"}
    fixed = {"name": "user", "kind": "constant", "values": {"user": "ann"}}
    before = {"bindings": [bound], "loop": False, "conversation": True, "output_shape": None, "effect_names": []}
    after = {
        "bindings": [fixed, {"name": "note", "kind": "free"}],
        "loop": True,
        "conversation": False,
        "output_shape": {"id": "text"},
        "effect_names": ["file"],
    }
    assert told(made({"detail": before}), made({"detail": after})) == [
        "step 1 note came as nothing and is now an input",
        'step 1 user came as step 1\'s output /id and is now the constant `"ann"`',
        "step 1 may repeat now, as runs that came since show",
        "step 1 has no conversation before it now, as runs that came since show",
        "step 1 kind of output came as anything and is now an object of id (text)",
        'step 1 values in what it changes came as none and is now ["file"]',
    ]
    assert told(made({"detail": after}), made({"detail": {**after, "output_shape": "list"}})) == [
        "step 1 kind of output came as an object of id (text) and is now any list"
    ]
    assert told(made({"detail": before}), made({})) == [
        "step 1 user came as step 1's output /id and is now nothing",
        "step 1 has no conversation before it now, as runs that came since show",
    ]


def test_of_what_fails_every_kind_is_told_with_its_runs() -> None:
    first, asks = run("t", action("a", output=1), action("b")), Approval(required=True)
    wrong = (
        run("u1", action("a", output=2), action("b", side_effects=[{"kind": "k"}])),
        run("u2", action("a", output=3), action("b")),
        run("u3", action("a", output=1), action("b").replace(approval=asks)),
        run("u4", action("a", output=1), action("b"), replay_run=replay("r", 1)),
    )
    found = candidate(first)
    found = found.replace(shadow=shadow_compare(found, (first, *wrong)))
    assert [change.text for change in failing_changes(found)] == [
        "step 1 expects `1`: 2 of 5 runs differ",
        "step 2 has other side effects: 1 of 5 runs differs",
        "step 2 has another approval point: 1 of 5 runs differs",
        "the receipts are others: 1 of 5 runs differs",
    ]
    turned = found.replace(shadow=shadow_compare(found, [first.replace(actions=first.actions[::-1])]))
    assert "the steps are others: 1 of 1 run differs" in [change.text for change in failing_changes(turned)]
