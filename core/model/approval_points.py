"""Where a run asks somebody first, told by the steps of a workflow that wait for the answer.

An agent asks within the call that needs it, or before it: in an action of its own, as a question to a person, which is
no step of the workflow. Such a point belongs to the next step, which must not be done without it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from core.model.outlined import Acts

_BETWEEN_TOOLS = ("model_call", "human_approval")
"""Kinds of actions in front of a workflow's first step that belong to it; a tool there is another job's."""


def points_of(actions: Sequence[Acts]) -> tuple[int, ...]:
    """The actions at which somebody has to be asked."""
    return tuple(index for index, action in enumerate(actions) if action.approval and action.approval.required)


def asked_before(
    actions: Sequence[Acts], points: Sequence[int], steps: Collection[Collection[int]]
) -> Mapping[int, Sequence[int]]:
    """By action the `points` in front of it, where actions stand for the steps of a workflow and the points do not.

    Points in ascending order.
    """
    own = {index for step in steps for index in step}
    if not own or own.issuperset(points):  # most ask in the call that needs it
        return _NOBODY
    begun, last = min(own), max(own)
    first = bisect_left(points, begun)
    while first and begun and actions[begun - 1].kind in _BETWEEN_TOOLS:
        begun -= 1
    here = points[bisect_left(points, begun, 0, first) : bisect_left(points, last, first)]
    if own.issuperset(here):
        return _NOBODY
    standing = sorted(own)
    found: dict[int, list[int]] = {}
    for point in here:
        if point not in own:
            found.setdefault(standing[bisect_left(standing, point)], []).append(point)
    return found


_NOBODY: Mapping[int, Sequence[int]] = {}
