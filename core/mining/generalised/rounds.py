"""What the repetitions of a workflow's steps have to do with each other, which a loop for each step does not say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.mining.generalised.fold import Run
from core.mining.generalised.links import Material
from core.mining.generalised.patterns import Alignment


class Rounds(NamedTuple):
    """How some runs repeat a step."""

    in_turns: bool = False
    """Whether some repeat it in turns with the step before it."""
    varying: tuple[str, ...] = ()
    """The arguments that take other values from one repetition to the next."""


ONCE = Rounds()
"""That none repeats it."""


def rounds(found: Sequence[tuple[Material, Alignment]], place: int) -> Rounds:
    """How occurrences repeat one of the steps."""
    in_turns, varying = False, set[str]()
    for material, at in found:
        run = material.run
        actions = run.steps[at[place]].actions
        if len(actions) > 1:
            varying.update(_varying(run, actions))
            in_turns = in_turns or (place > 0 and run.steps[at[place - 1]].actions[-1] > actions[0])
    return Rounds(in_turns, tuple(sorted(varying)))


def _varying(run: Run, actions: Sequence[int]) -> set[str]:
    first, *others = map(run.arguments, actions)
    return {name for name, texts in first.items() if any(other.get(name, texts) != texts for other in others)}
