"""Patterns against a reference that tries every choice of steps."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.mining.generalised.patterns import (
    MAX_SKIPPED,
    REACH,
    Index,
    Pattern,
    Shape,
    alignments,
    contains,
    contributed,
)

steps = st.tuples(st.sampled_from("abcw"), st.booleans()).map(lambda s: (s[0], s[0] == "w" or (s[1] and s[0] == "c")))
shapes = st.lists(steps, max_size=9).map(Shape)
failing = st.lists(steps | st.just(("!b", False)), max_size=10).map(Shape)
pools = st.lists(st.tuples(shapes, st.sampled_from("gh")), max_size=6)


def occurrences(shape: Shape, pattern: Pattern) -> set[tuple[int, ...]]:
    """Every ordered choice of steps that skips at most three, none of them with an effect."""
    found = set()
    for chosen in combinations(range(len(shape)), len(pattern)):
        skipped = [shape[i] for i in range(chosen[0], chosen[-1]) if i not in chosen]
        same = tuple(shape[i][0] for i in chosen) == pattern
        if same and len(skipped) <= MAX_SKIPPED and not any(effect for _, effect in skipped):
            found.add(chosen)
    return found


@given(failing)
def test_a_run_with_effects_contributes_what_ends_at_one_of_them(shape: Shape) -> None:
    wanted = set()
    anchors = [index for index, (_, effect) in enumerate(shape) if effect]
    for anchor in anchors:
        for size in range(1, REACH + 1):
            for chosen in combinations(range(max(anchor - REACH, 0), anchor), size):
                pattern = tuple(shape[i][0] for i in (*chosen, anchor))
                if "!b" not in pattern and (*chosen, anchor) in occurrences(shape, pattern):
                    wanted.add(pattern)
    if anchors:
        assert contributed(shape) == wanted
    else:
        assert all(occurrences(shape, pattern) for pattern in contributed(shape))


def test_a_failed_step_is_skipped_and_never_part_of_a_pattern() -> None:
    shape = Shape((("a", False), ("!b", False), ("w", True)))
    assert contributed(shape) == {("a", "w")}


@given(shapes, st.lists(st.sampled_from("abcw"), min_size=2, max_size=4).map(tuple))
def test_alignments_are_all_occurrences(shape: Shape, pattern: Pattern) -> None:
    assert set(alignments(shape, pattern, most=10_000)) == occurrences(shape, pattern)


@given(pools, pools)
@settings(max_examples=60)
def test_runs_that_were_added_and_taken_away_leave_nothing(kept: list, gone: list) -> None:  # type: ignore[type-arg]
    fresh, used = Index(), Index()
    for place, (shape, group) in enumerate(gone):
        used.add(shape, f"gone {place}", group)
    for place, (shape, group) in enumerate(kept):
        fresh.add(shape, f"kept {place}", group)
        used.add(shape, f"kept {place}", group)
    for place in range(len(gone)):
        used.remove(f"gone {place}")
    assert (used.counts, used.runs) == (fresh.counts, fresh.runs)
    assert used.frequent(1, 1) == fresh.frequent(1, 1)


@given(pools)
def test_frequent_patterns_are_the_closed_ones(pool: list) -> None:  # type: ignore[type-arg]
    index = Index()
    for place, (shape, group) in enumerate(pool):
        index.add(shape, str(place), group)
    shown = {p: frozenset(i for i, (shape, _) in enumerate(pool) if p in contributed(shape)) for p in index.counts}
    kept = {p: runs for p, runs in shown.items() if len(runs) >= 2}
    closed = {p for p in kept if not any(q != p and kept[q] == kept[p] and contains(q, p) for q in kept)}
    assert index.frequent(2, 1) == {p: len({pool[i][1] for i in kept[p]}) for p in closed}


def test_adversarial_repeats_stay_cheap() -> None:
    shape = Shape([*((("a", False), ("b", False)) * 200), ("w", True)])
    assert len(contributed(shape)) < 200
    assert len(list(alignments(shape, ("a", "b", "w"), most=32))) <= 32
