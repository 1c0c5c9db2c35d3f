"""What is told of patterns one after the other is what each of them says by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.mining.generalised.holders import Holders
from core.mining.generalised.patterns import MOST_ALIGNED, Pattern, Shape, alignments

steps = st.tuples(st.sampled_from("abw"), st.sampled_from([False, False, False, True]))
shapes = st.lists(steps, max_size=14).map(Shape)
patterns = st.lists(st.lists(st.sampled_from("abw"), min_size=1, max_size=5).map(tuple), max_size=12)


def told(found: list[Shape], asked: list[Pattern]) -> None:
    holders = Holders(found)
    for pattern in asked:
        each = {id(shape): (shape, alignments(shape, pattern)) for shape in found}
        assert holders.of(pattern) == {number: one for number, one in each.items() if one[1]}


@given(st.lists(shapes, max_size=4), patterns)
def test_holders_are_those_in_which_a_pattern_occurs(found: list[Shape], asked: list[Pattern]) -> None:
    told(found, asked)
    told(found, sorted(asked, key=lambda pattern: pattern[::-1]))


def test_where_not_all_occurrences_are_looked_at_they_are_the_same() -> None:
    shape = Shape([("b", False), *[("a", False)] * 40, ("w", False), ("w", True)])
    ends = [("a",), ("a", "a"), ("a", "a", "a"), ("b", "a"), ("b", "a", "a", "a"), ("a", "a", "a", "w")]
    assert len(alignments(shape, ("a", "a", "a"))) == MOST_ALIGNED
    told([shape], ends)
