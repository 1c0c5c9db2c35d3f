"""Which steps of a workflow wait in a run for an approval that is asked before them (core.model.approval_points)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.mining.generalised.fold import Run
from core.mining.generalised.said import Said, Told, said_by, together
from core.model.approval_points import asked_before

_NOBODY: Mapping[int, Said] = {}


def said_at(run: Run, steps: Sequence[tuple[int, ...]]) -> Sequence[Told]:
    """What a run's actions for each step say, those that wait for an approval asked before them as if they asked."""
    tells = run.tells
    told = [tells(step) for step in steps]
    if run.points and (asked := waiting(run, steps)):
        return [_asked(one, step, asked) for one, step in zip(told, steps, strict=True)]
    return told


def _asked(told: Told, step: tuple[int, ...], asked: Mapping[int, Said]) -> Told:
    if asked.keys().isdisjoint(step):
        return told
    said = tuple([asked.get(index) or said for index, said in zip(step, told.said, strict=True)])
    return together(said, told.names)


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
