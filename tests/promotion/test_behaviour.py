"""The behaviour of a candidate is what all its examples say, whichever of them sorts first."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from core.model.candidate import Candidate
from core.model.trace import Action, Trace
from core.promotion.behaviour import behaviour, behaviour_digest
from tests.shadow.making import action, candidate, replay, run


def example(name: str, *, receipt: int = 1, **fields: Any) -> Trace:
    """A run of two steps whose second one has these fields."""
    done = Action.decode({"id": "b", "kind": "tool_call", "name": "ship", "deterministic": True, **fields})
    return run(name, action("build"), done, replay_run=replay(name, receipt))


PLAIN = example("r1", capabilities=["net"], approval={"required": False, "boundary": "ship"})
WIDE = example("r2", capabilities=["disk", "net"], required_secrets=["key"], deterministic=False, receipt=2)
ASKED = example("r3", approval={"required": True, "boundary": "release"}, receipt=3)


def mined(first: Trace, *others: Trace) -> Candidate:
    """A candidate with the record that its first example gives it."""
    made, last = candidate(first, *others), first.actions[-1]
    constants = {"kind": "tool_call"} | ({"deterministic": True} if last.deterministic else {})
    step = made.steps[1].replace(
        constants=constants, capabilities=last.capabilities, required_secrets=last.required_secrets
    )
    return made.replace(steps=(made.steps[0], step))


def test_it_is_the_same_whichever_example_comes_first() -> None:
    orders = list(permutations((PLAIN, WIDE, ASKED)))
    assert len({behaviour_digest(mined(*order), order) for order in orders}) == 1
    assert len({behaviour_digest(mined(*order), runs) for order in orders for runs in orders}) == 1


def test_it_has_what_any_example_needs() -> None:
    runs = (PLAIN, WIDE, ASKED)
    made = behaviour(mined(*runs), runs)
    step = made["steps"][1]
    assert (made["capabilities"], made["required_secrets"]) == (["disk", "net"], ["key"])
    assert (step["capabilities"], step["required_secrets"]) == (["disk", "net"], ["key"])
    assert step["preconditions"] == [
        "capability 'disk' is available",
        "capability 'net' is available",
        "secret 'key' is configured",
    ]
    assert step["approval"] == {"required": True, "boundary": ["release", "ship"]}
    assert made["steps"][0]["approval"] is None
    assert made["expected_receipts"] == [1]


def test_a_run_that_left_no_receipts_says_nothing_of_them() -> None:
    bare = PLAIN.replace(id="r0", replay_run=replay("r0"))
    runs = (bare, PLAIN)
    assert behaviour(mined(*runs), runs)["expected_receipts"] == [1]


def test_a_step_is_deterministic_only_where_every_example_is() -> None:
    always, sometimes = (PLAIN, ASKED), (PLAIN, WIDE)
    constants = [behaviour(mined(*runs), runs)["steps"][1]["constants"] for runs in (always, sometimes)]
    assert constants == [{"kind": "tool_call", "deterministic": True}, {"kind": "tool_call"}]


def test_actions_beside_the_sequence_say_nothing_of_it() -> None:
    more = PLAIN.replace(actions=(*PLAIN.actions, *WIDE.actions))
    made = mined(PLAIN, ASKED)
    assert behaviour_digest(made, (more, ASKED)) == behaviour_digest(made, (PLAIN, ASKED))
