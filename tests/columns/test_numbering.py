"""Keys and texts are numbered alike by what is compiled and by what is not."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import numbers
from core.columns.texts import CUT, cut

try:
    from core.columns import numbering
except ImportError:
    numbering = None

WAYS = [numbers] if numbering is None else [numbers, numbering]
# Texts that begin alike, hold NULs and what is not ASCII, and end just before, at and after the cut.
PIECES = st.sampled_from(["", "\0", "a", "b", "aaaaaaaa", "é", "😀", "\x7f", "x" * (CUT - 1), "x" * CUT])
TEXTS = st.lists(st.lists(PIECES, max_size=4).map("".join), unique=True, max_size=12)


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(st.lists(st.sampled_from("abcde"))))
def test_each_different_key_has_one_number(way, runs):
    table, column = {}, array("q", [7])
    for keys in runs:
        way.number(table, list(keys), column)
    names = list(table)
    assert list(table.values()) == list(range(len(names)))
    assert [names[number] for number in column[1:]] == [key for keys in runs for key in keys]


@pytest.mark.parametrize("way", WAYS)
def test_numbers_go_on_where_a_table_ends(way):
    table, column = {b"none": 0}, array("q")
    way.number(table, [b"x", b"none", b"y", b"x"], column)
    assert (table, column.tolist()) == ({b"none": 0, b"x": 1, b"y": 2}, [1, 0, 2, 1])


@pytest.mark.parametrize("way", WAYS)
def test_columns_are_extended_as_a_whole_or_not_at_all(way):
    whole, broken = array("q", [1]), array("d", [0.5])
    way.extend(whole, [-(2**63), 2**63 - 1])
    way.extend(broken, [1.5, 2])
    assert (whole.tolist(), broken.tolist()) == ([1, -(2**63), 2**63 - 1], [0.5, 1.5, 2.0])
    with pytest.raises(OverflowError):
        way.extend(whole, [1, 2**63])
    with pytest.raises(TypeError):
        way.extend(broken, [1.0, "x"])
    assert (len(whole), len(broken)) == (3, 3)


@pytest.mark.parametrize("way", WAYS)
@given(TEXTS)
def test_texts_stand_in_ascending_order(way, texts):
    ranks, data, ends = way.ordered(texts, CUT, cut)
    ascending = sorted(texts)
    assert [ascending[rank] for rank in np.frombuffer(ranks, np.uint32)] == texts
    kept = [text.encode() if len(text.encode()) <= CUT else cut(text.encode()) for text in ascending]
    assert data == b"".join(kept)
    assert np.frombuffer(ends, np.uint32).tolist() == [0, *np.cumsum([len(one) for one in kept]).astype(int).tolist()]


@pytest.mark.skipif(numbering is None, reason="nothing is compiled here")
def test_columns_of_another_kind_are_refused():
    for made in (array("I"), array("d")):
        with pytest.raises(TypeError):
            numbering.number({}, ["a"], made)
    with pytest.raises(TypeError):
        numbering.extend(array("I"), [1])
