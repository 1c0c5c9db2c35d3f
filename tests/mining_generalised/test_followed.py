"""What effects come after is told of many runs by their shapes as each run says it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.mining.generalised.followed import Followed
from core.mining.generalised.patterns import Shape

steps = st.lists(st.tuples(st.sampled_from("abw"), st.booleans()), max_size=6).map(tuple)


@given(st.lists(st.tuples(steps, st.sampled_from("gh")), max_size=8))
def test_groups_are_those_in_which_an_effect_comes_after_a_step(runs: list[tuple[tuple[tuple[str, bool], ...], str]]):
    shapes = {steps: Shape(steps) for steps, _ in runs}
    told = Followed((shapes[steps], group) for steps, group in runs)
    for first in "abw":
        for last in "abw":
            found = {
                group
                for steps, group in runs
                for at, (symbol, effect) in enumerate(steps)
                if symbol == last and effect and first in [earlier for earlier, _ in steps[:at]]
            }
            assert told.groups(first, last) == len(found)
