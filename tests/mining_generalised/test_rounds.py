"""What is told of steps that runs repeat."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from core.mining.generalised.fold import fold
from core.mining.generalised.record import candidate_of
from core.model.options import Options
from core.model.trace import Trace
from tests.mining_generalised.data import candidates
from tests.mining_generalised.noise import action, run, token


def warned(runs: list[Trace]) -> tuple[str, ...]:
    (found,) = candidates(runs)
    return candidate_of(found, {one.id: fold(one, found.facts) for one in runs}, Options()).warnings


def handing_on(rounds: int, *, apart: bool) -> list[Trace]:
    """Each round unlocks what the round before found; or all is unlocked first, and looked at then."""
    draw = random.Random(rounds)

    def steps() -> Iterator[dict[str, object]]:
        order, key = token(draw), token(draw)
        yield action("get_order", {"order": order}, {"key": key})
        locks = []
        for _ in range(rounds):
            locks.append(lock := token(draw))
            found = token(draw)
            yield action("unlock", {"key": key}, {"lock": lock})
            if not apart:
                yield action("look", {"lock": lock}, {"next": found})
                key = found
        if apart:
            yield from (action("look", {"lock": lock}, {"next": token(draw)}) for lock in locks)
        yield action("close", {"order": order}, {"done": True}, f"order:{order}")

    return [run(f"r{n}", list(steps())) for n in range(16)]


TURNS = "steps 2 and 3 repeat in turns, though the workflow states a loop for each"
VARYING = "step 2 'unlock' repeats with other values of key, of which the workflow is given one"


@pytest.mark.parametrize("rounds", [2, 3])
def test_steps_that_repeat_in_turns_are_told(rounds: int) -> None:
    told = warned(handing_on(rounds, apart=False))
    assert TURNS in told
    assert VARYING in told


def test_steps_that_repeat_one_after_the_other_are_as_the_workflow_says() -> None:
    for rounds, apart in ((3, True), (1, False)):
        told = warned(handing_on(rounds, apart=apart))
        assert TURNS not in told
        assert VARYING not in told
