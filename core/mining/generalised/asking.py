"""Which steps of a workflow wait in a run for an approval that is asked before them (core.model.approval_points)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.mining.generalised.fold import Run
from core.mining.generalised.said import Said, said_by
from core.model.approval_points import asked_before

_NOBODY: Mapping[int, Said] = {}


def waiting(run: Run, steps: Collection[Collection[int]]) -> Mapping[int, Said]:
    """What those of a run's actions for each step say that wait for an approval asked before them; few runs ask."""
    if not run.points:
        return _NOBODY
    actions = run.trace.actions
    before = asked_before(actions, run.points, steps)
    # What an action asks itself is nearest to it; then what was asked last.
    asking = ((index, index if index in run.points else points[-1]) for index, points in before.items())
    return {index: said_by(actions[index], actions[point].approval) for index, point in asking}


def only_asks(run: Run, index: int) -> bool:
    """Whether an action is nothing but a question to a person, which is told of the step that waits for it."""
    return index in run.points and run.trace.actions[index].kind != "model_call"
