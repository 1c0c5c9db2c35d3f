"""What a reviewer is told of how runs were understood."""

from __future__ import annotations

import random

import pytest

from tests.mining_generalised.noise import action, run, token
from tests.mining_generalised.test_rounds import warned


def asked_about(answer: dict[str, str]) -> list[str]:
    """A job is looked up and done again; of some jobs the answer is another one."""
    draw = random.Random(3)
    made = []
    for n in range(24):
        job = token(draw)
        looked_up = action(
            "find", {"name": token(draw)}, {"job": job, **(answer if n % 3 == 0 else {"status": "open"})}
        )
        made.append(run(f"r{n}", [looked_up, action("do_again", {"job": job}, {"done": True}, f"job:{job}")]))
    return [told for told in warned(made) if "counts as failed" in told]


@pytest.mark.parametrize(
    ("answer", "runs"), [({"status": "failed"}, 8), ({"status": "closed"}, 0), ({"error": "no such job"}, 0)]
)
def test_answers_that_are_taken_for_failures_by_their_status_are_told(answer: dict[str, str], runs: int) -> None:
    told = f"step 1 'find': in {runs} runs that do the job its call counts as failed"
    assert asked_about(answer) == ([f"{told}, because of the status that it gives"] if runs else [])
