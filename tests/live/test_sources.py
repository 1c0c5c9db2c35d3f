"""Which actions of its runs a candidate was mined from, and where somebody was asked in them."""

from __future__ import annotations

from core.live.transfer import Facts, judged_state, source_actions, source_points
from core.model.trace import Action, Approval, Trace
from tests.shadow.making import action, candidate, run

ASKS = Approval(required=True, boundary="ship")


def asking(name: str, **more: object) -> Action:
    return action(name).replace(approval=ASKS.replace(**more))


def named(found: list[tuple[Trace, Action]]) -> list[tuple[str, str]]:
    return [(trace.id, one.name) for trace, one in found]  # type: ignore[misc]


FIRST = run("r1", asking("before"), asking("build", approver="ann"), action("ship"), asking("after"))
SECOND = run("r2", asking("before"), action("build"), asking("ship"), asking("after"))
MADE = candidate(FIRST.replace(actions=FIRST.actions[:3]), SECOND, start=1)


def test_only_the_actions_that_stand_for_steps_are_the_source() -> None:
    assert named(list(source_actions(MADE, (SECOND, FIRST)))) == [
        ("r1", "build"),
        ("r1", "ship"),
        ("r2", "build"),
        ("r2", "ship"),
    ]
    assert named(list(source_actions(MADE, (SECOND,)))) == [("r2", "build"), ("r2", "ship")]
    cut = SECOND.replace(actions=SECOND.actions[:2])
    assert named(list(source_actions(MADE, (cut,)))) == [("r2", "build")]


def test_points_beside_the_sequence_are_not_its_own() -> None:
    points = [(trace.id, one.name, answered) for trace, one, answered in source_points(MADE, (FIRST, SECOND))]
    assert points == [("r1", "build", True), ("r2", "ship", False)]


def test_every_kind_of_fault_is_in_the_state_that_is_judged() -> None:
    state = judged_state(MADE, Facts("sha256:a", "sha256:b", 1, 2, 4), 8, 16)
    assert (state.expected_manifest_hash, state.manifest_hash) == ("sha256:a", "sha256:b")
    assert (state.journal_gaps, state.pending_operations, state.leaked_obligations) == (11, 4, 16)
    assert judged_state(MADE, Facts("", ""), 0, 0).journal_gaps == 0
