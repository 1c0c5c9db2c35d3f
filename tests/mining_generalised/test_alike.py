"""What is told of many runs by their shapes is what each run says by itself."""

from __future__ import annotations

from itertools import chain
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.mining.generalised.alike import Alike
from core.mining.generalised.holders import Holders
from core.mining.generalised.jury import Jury
from core.mining.generalised.patterns import Pattern, Shape, aligned, done

steps = st.lists(st.tuples(st.sampled_from("abw"), st.booleans()), max_size=6)
patterns = st.lists(st.sampled_from("abw"), min_size=1, max_size=3).map(tuple)


@st.composite
def runs(draw: st.DrawFn) -> list[Any]:
    """Runs of a few shapes, each of which is one object."""
    shapes = [Shape(tuple(one) for one in draw(steps)) for _ in range(draw(st.integers(1, 4)))]
    which = draw(st.lists(st.sampled_from(range(len(shapes))), max_size=8))
    return [SimpleNamespace(shape=shapes[at], key=str(n)) for n, at in enumerate(which)]


@given(runs(), patterns)
def test_what_is_said_of_a_shape_is_said_of_its_runs(found: list[Any], pattern: Pattern) -> None:
    told = Alike(found).tell(lambda shape: done(shape, pattern))
    assert told.tolist() == [done(run.shape, pattern) for run in found]


@given(runs())
def test_steps_stand_run_by_run(found: list[Any]) -> None:
    def effects(shape: Shape) -> list[int]:
        return [index for index, (_, effect) in enumerate(shape) if effect]

    chosen = {id(run.shape): effects(run.shape) for run in found}
    told, counts = Alike(found).steps({number: steps for number, steps in chosen.items() if steps})
    assert told.tolist() == list(chain.from_iterable(effects(run.shape) for run in found))
    assert counts.tolist() == [len(effects(run.shape)) for run in found]


@given(runs(), patterns, st.data())
def test_at_best_every_run_that_holds_the_steps_is_as_described(
    found: list[Any], pattern: Pattern, data: st.DataObject
) -> None:
    groups = {run.key: data.draw(st.sampled_from("xyz")) for run in found}
    by_group: dict[str, list[bool]] = {}
    for run in found:
        by_group.setdefault(groups[run.key], []).append(bool(aligned(run.shape, pattern)))
    expected = sorted(sum(held) / len(held) for held in by_group.values())
    holding = Holders(run.shape for run in found).of(pattern)
    assert Jury(found, groups).at_best(holding) == tuple(expected)


@given(steps, patterns)
def test_a_job_is_done_where_the_last_step_comes_after_the_first(of: list[tuple[str, bool]], pattern: Pattern) -> None:
    symbols = [symbol for symbol, _ in of]
    expected = any(
        first == pattern[0] and last == pattern[-1] for at, first in enumerate(symbols) for last in symbols[at + 1 :]
    )
    assert done(Shape(tuple(one) for one in of), pattern) == expected
