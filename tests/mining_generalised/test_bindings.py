"""Bindings need evidence beyond coincidence."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from core.mining.generalised.bindings import bind
from core.mining.generalised.evidence import Pool
from core.mining.generalised.mine import materials_of
from core.mining.generalised.records import Binding
from core.mining.generalised.sheet import arguments
from core.model.trace import Trace
from tests.mining_generalised.noise import action, run, token

PATTERN = ("tool_call:look", "tool_call:act")


def bound(made: Callable[[random.Random, int], Trace], count: int = 30) -> dict[str, Binding]:
    """The bindings of the second step over some runs."""
    draw = random.Random(7)
    _, materials = materials_of([made(draw, n) for n in range(count)])
    pool = Pool(materials)
    found = arguments(PATTERN, pool.examples(PATTERN))
    return {one.name: bind(PATTERN, one, pool, explain=True) for one in found if one.step == 1}


def two_steps(n: int, output: Any, parameters: dict[str, Any], key: str | None = None) -> Trace:
    look = action("look", {"key": key or f"key {n}"}, output)
    return run(f"r{n}", [look, action("act", parameters, {"ok": True}, "the log")])


def test_a_value_that_comes_from_an_output_is_bound_to_it() -> None:
    def made(draw: random.Random, n: int) -> Trace:
        ref = token(draw)
        return two_steps(n, {"ref": ref, "more": token(draw)}, {"ref": ref})

    found = bound(made)["ref"]
    assert found.kind == "output"
    assert found.source is not None
    assert (found.source.step, found.source.place) == (0, "out/ref")
    assert found.single


def test_one_of_many_is_a_choice_and_a_parameter_may_be_passed_on() -> None:
    def made(draw: random.Random, n: int) -> Trace:
        rows = [token(draw) for _ in range(3)]
        return two_steps(n, {"rows": rows}, {"row": draw.choice(rows), "again": f"key {n}"})

    found = bound(made)
    assert found["row"].source is not None
    assert found["row"].source.place == "out/rows/*"
    assert not found["row"].single
    assert found["again"].kind == "parameter"


def test_a_value_that_every_run_has_is_coincidence() -> None:
    def made(draw: random.Random, n: int) -> Trace:
        return two_steps(n, {"sizes": list(range(20))}, {"size": draw.randrange(20)})

    found = bound(made)["size"]
    assert found.kind == "free"
    assert {tried.fault for tried in found.failed} == {"other runs hold the values as often"}


def test_few_distinct_values_are_no_evidence() -> None:
    def made(draw: random.Random, n: int) -> Trace:
        return two_steps(n, {"colour": "red" if n % 2 else "blue"}, {"colour": "red" if n % 2 else "blue"})

    found = bound(made)["colour"]
    assert found.kind == "free"
    assert found.failed[0].fault == "too few distinct values to tell it from coincidence"


def test_a_source_that_fails_too_often_is_not_believed_and_says_where() -> None:
    def made(draw: random.Random, n: int) -> Trace:
        ref = token(draw)
        return two_steps(n, {"ref": ref}, {"ref": token(draw) if n % 10 == 0 else ref})

    found = bound(made)["ref"]
    assert found.kind == "free"
    assert found.failed[0].fault == "does not hold in enough runs"
    assert found.failed[0].missed == ("r0", "r10", "r20")


def test_re_runs_of_one_group_have_one_vote() -> None:
    def made(draw: random.Random, n: int) -> Trace:
        ref = token(draw)
        wrong = n < 20
        return two_steps(n, {"ref": ref}, {"ref": "nope" if wrong else ref}, key="same" if wrong else None)

    assert bound(made, 60)["ref"].share == 40 / 41


def test_a_constant_is_a_constant() -> None:
    found = bound(lambda draw, n: two_steps(n, {"x": token(draw)}, {"mode": "fast"}))["mode"]
    assert (found.kind, found.constant, found.share) == ("constant", ('"fast"',), 1.0)
