"""Which steps of a workflow wait in a run for an approval that is asked before them (core.model.approval_points)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.mining.generalised.fold import Run
from core.mining.generalised.said import Said, said_by
from core.model.approval_points import asked_before

_NOBODY: Mapping[int, Said] = {}


def said_at(run: Run, steps: Sequence[tuple[int, ...]]) -> Sequence[tuple[Said, ...]]:
    """What a run's actions for each step say, those that wait for an approval asked before them as if they asked."""
    tells = run.tells
    if not (asked := waiting(run, steps)):
        return [tells(step) for step in steps]
    return [tuple([asked.get(index) or said for index, said in zip(step, tells(step), strict=True)]) for step in steps]


def waiting(run: Run, steps: Collection[Collection[int]]) -> Mapping[int, Said]:
    """What those of a run's actions for each step say that wait for an approval asked before them; few runs ask.

    What is asked before a step that repeats is asked for all that follows of it.
    """
    if not run.points:
        return _NOBODY
    actions, found = run.trace.actions, dict[int, Said]()
    if not (before := asked_before(actions, run.points, steps)):
        return _NOBODY
    for step in steps:
        point = None
        for index in step:
            point = before[index][-1] if index in before else point
            # What an action asks itself is nearest to it.
            if point is not None and index not in run.points:
                found[index] = said_by(actions[index], actions[point].approval)
    return found


def only_asks(run: Run, index: int) -> bool:
    """Whether an action is nothing but a question to a person, which is told of the step that waits for it."""
    return index in run.points and run.trace.actions[index].kind != "model_call"
