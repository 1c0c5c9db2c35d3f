"""Exact mining against a reference that tries every window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mining.exact import LONGEST, SHORTEST, Found, best_sequence, mine_all

Runs = list[list[str]]
GAP = None

runs = st.lists(st.lists(st.sampled_from(["a", "b", "c", "é", "\U0001f600"]), max_size=16), max_size=6)
repeating_runs = st.lists(
    st.lists(st.sampled_from([["a"], ["b"], ["x", "y", "z"], ["a", "b", "c", "d"]]), max_size=6).map(
        lambda parts: [name for part in parts for name in part]
    ),
    max_size=6,
)


def windows(run: list[str | None]) -> dict[tuple[str, ...], int]:
    """Every window and where it stands first."""
    found: dict[tuple[str, ...], int] = {}
    for start in range(len(run)):
        for length in range(SHORTEST, LONGEST + 1):
            window = tuple(name for name in run[start : start + length] if name is not GAP)
            if len(window) == length:
                found.setdefault(window, start)
    return found


def reference_best(masked: list[list[str | None]], least: int) -> Found | None:
    per_run = [windows(run) for run in masked]
    support: dict[tuple[str, ...], int] = {}
    for found in per_run:
        for window in found:
            support[window] = support.get(window, 0) + 1
    enough = [window for window, count in support.items() if count >= max(least, 1)]
    if not enough:
        return None
    best = max(enough, key=lambda w: (support[w], len(w), [name.encode() for name in w]))
    return Found(best, tuple((index, found[best]) for index, found in enumerate(per_run) if best in found))


def reference_all(given_runs: Runs, least: int, most: int) -> list[Found]:
    masked: list[list[str | None]] = [list(run) for run in given_runs]
    found: list[Found] = []
    while len(found) < most and (best := reference_best(masked, least)):
        found.append(best)
        for run in masked:
            start = 0
            while start < len(run):
                if tuple(run[start : start + len(best.sequence)]) == best.sequence:
                    run[start : start + len(best.sequence)] = [GAP] * len(best.sequence)
                    start += len(best.sequence)
                else:
                    start += 1
    return found


@given(runs | repeating_runs, st.integers(1, 4))
def test_the_best_sequence_is_that_of_the_reference(given_runs: Runs, least: int) -> None:
    assert best_sequence(given_runs, least) == reference_best([list(run) for run in given_runs], least)


@given(runs | repeating_runs, st.integers(1, 4), st.integers(0, 8))
def test_all_sequences_are_those_of_the_reference(given_runs: Runs, least: int, most: int) -> None:
    assert mine_all(given_runs, least, most) == reference_all(given_runs, least, most)


@given(runs | repeating_runs, st.integers(1, 4))
def test_the_first_of_all_is_the_best(given_runs: Runs, least: int) -> None:
    assert next(iter(mine_all(given_runs, least, 20)), None) == best_sequence(given_runs, least)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=12), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_runs_decides_nothing_but_the_order_of_examples(given_runs: Runs, random: object) -> None:
    order = list(range(len(given_runs)))
    random.shuffle(order)  # type: ignore[attr-defined]
    moved = mine_all([given_runs[index] for index in order], 2, 20)
    back = [
        Found(found.sequence, tuple(sorted((order[run], start) for run, start in found.examples))) for found in moved
    ]
    assert back == mine_all(given_runs, 2, 20)


@given(runs, st.integers(2, 4))
def test_found_windows_never_overlap(given_runs: Runs, least: int) -> None:
    taken: set[tuple[int, int]] = set()
    for found in mine_all(given_runs, least, 20):
        assert len(found.examples) >= least
        for run, start in found.examples:
            places = {(run, start + step) for step in range(len(found.sequence))}
            assert tuple(given_runs[run][start : start + len(found.sequence)]) == found.sequence
            assert not places & taken
            taken |= places


@pytest.mark.parametrize("nothing", [[], [[]], [["a", "b"]], [["a"], ["a"]], [["a", "b"], ["b", "a"]]])
def test_nothing_repeats(nothing: Runs) -> None:
    assert best_sequence(nothing, 2) is None
    assert mine_all(nothing, 2, 20) == []


def test_a_repetition_within_one_run_counts_once() -> None:
    assert best_sequence([["a", "b"] * 3, ["c"]], 2) is None
    assert best_sequence([["a", "b"] * 3, ["x", "a", "b"]], 2) == Found(("a", "b"), ((0, 0), (1, 1)))


def test_more_runs_beat_a_longer_sequence() -> None:
    long = list("vwxyz")
    assert best_sequence([["a", "b"], ["a", "b", *long], ["a", "b", "-", *long]], 2) == Found(
        ("a", "b"), ((0, 0), (1, 0), (2, 0))
    )


def test_windows_are_capped_and_the_greatest_by_bytes_wins() -> None:
    rising = [chr(97 + place) for place in range(15)]
    found = best_sequence([rising, rising], 2)
    assert found is not None
    assert found.sequence == tuple(rising[3:])
    assert found.examples == ((0, 3), (1, 3))


def test_signatures_compare_as_bytes_not_as_utf_16() -> None:
    found = best_sequence([["\uffff"] * 2, ["\U00010000"] * 2] * 2, 2)
    assert found == Found(("\U00010000", "\U00010000"), ((1, 0), (3, 0)))


def test_masking_leaves_starts_as_they_were_and_nothing_spans_it() -> None:
    run = ["p", "a", "b", "q", "p", "q"]
    found = mine_all([run, run, ["a", "b"]], 2, 20)
    assert found[0] == Found(("a", "b"), ((0, 1), (1, 1), (2, 0)))
    assert found[1] == Found(("q", "p", "q"), ((0, 3), (1, 3)))
    assert len(found) == 2


def test_overlapping_occurrences_are_masked_left_to_right() -> None:
    found = mine_all([list("aaaaab"), list("aa"), list("aaaaab")], 2, 20)
    assert [item.sequence for item in found] == [("a", "a"), ("a", "b")]
    assert found[1].examples == ((0, 4), (2, 4))


def test_at_most_so_many_are_found() -> None:
    run = [f"{letter}{side}" for letter in "abcdef" for side in "12"]
    shuffled = [name for letter in "fedcba" for name in (f"{letter}1", f"{letter}2")]
    assert len(mine_all([run, shuffled], 2, 3)) == 3
    assert len(mine_all([run, shuffled], 2, 20)) == 6
