"""Mining over codes finds exactly what the plain way finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mining.exact import Found, mine_all
from core.mining.lines import apart, mine, occurring

RUNS = st.lists(st.lists(st.sampled_from("abcd"), max_size=30), max_size=8)


def found_by_codes(runs, min_examples, most):
    names = sorted({item for run in runs for item in run})
    codes = np.array([names.index(item) for run in runs for item in run], np.int64)
    begin = np.cumsum([0, *map(len, runs)])
    return [
        Found(tuple(names[code] for code in one.codes), tuple(zip(one.runs.tolist(), one.starts.tolist(), strict=True)))
        for one in mine(codes, begin, names, min_examples, most)
    ]


@settings(max_examples=400)
@given(RUNS, st.integers(0, 4), st.integers(0, 6))
def test_codes_find_what_names_find(runs, min_examples, most):
    assert found_by_codes(runs, min_examples, most) == mine_all(runs, min_examples, most)


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=10, max_size=40), min_size=1, max_size=5))
def test_long_repetitions_are_masked_alike(runs):
    runs = [*runs, runs[0]]
    assert found_by_codes(runs, 2, 20) == mine_all(runs, 2, 20)


def test_windows_that_overlap_are_left_out():
    assert apart(np.array([0, 1, 3, 4, 9]), 3).tolist() == [0, 3, 9]


@given(RUNS, st.integers(0, 4))
def test_known_sequences_are_found_again(runs, min_examples):
    names = sorted({item for run in runs for item in run})
    codes = np.array([names.index(item) for run in runs for item in run], np.int64)
    begin = np.cumsum([0, *map(len, runs)])
    found = mine(codes, begin, names, min_examples, 20)
    again = occurring(codes, begin, names, [one.codes for one in found], min_examples)
    assert [(one.codes, one.runs.tolist(), one.starts.tolist()) for one in again] == [
        (one.codes, one.runs.tolist(), one.starts.tolist()) for one in found
    ]
