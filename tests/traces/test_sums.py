"""Sums of what runs claim: exact, the same in any order, and never more than can be written down."""

from __future__ import annotations

import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.sums import total, usd

MOST = sys.float_info.max
amounts = st.lists(st.sampled_from([MOST, -MOST, MOST / 3, 5e-324, 0.1, 0.2, -0.3]) | st.floats(0, 1e308), max_size=6)


@given(amounts, st.randoms(use_true_random=False))
def test_amounts_have_one_sum_in_any_order(given_, chance):
    mixed = list(given_)
    chance.shuffle(mixed)
    assert usd(mixed) == usd(given_)
    whole = sum(map(Fraction, given_))
    assert usd(given_) == (float(whole) if abs(whole) <= MOST else MOST if whole > 0 else -MOST)


@pytest.mark.parametrize(
    ("given_", "sum_"), [([MOST] * 3, MOST), ([-MOST] * 2, -MOST), ([MOST, MOST, -MOST, -MOST, 5e-324], 5e-324)]
)
def test_what_is_too_much_on_the_way_need_not_be_too_much(given_, sum_):
    assert usd(given_) == sum_


def test_counts_stay_within_64_bits():
    assert (total([2**63 - 1, 1]), total([-(2**63), -1]), total([1, 2])) == (2**63 - 1, -(2**63), 3)
