"""Keys and texts get numbers alike by what is compiled and by what is not."""

from __future__ import annotations

from array import array
from hashlib import blake2b
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import numbers, of_bytes
from core.columns.facts import NONE_DIGEST, Gathering
from core.columns.texts import CUT
from core.traces import bounds

try:
    from core.columns import compiled
except ImportError:
    compiled = None

WAYS = [numbers] if compiled is None else [numbers, compiled]
# Texts that begin alike, hold NULs and what is not ASCII, and end just before, at and after the cut and a hash's block.
PIECES = st.sampled_from(
    ["", "\0", "a", "b", "aaaaaaaa", "é", "😀", "\x7f", "x" * (CUT - 1), "x" * CUT, "y" * 247, "z" * 248]
)
TEXTS = st.lists(st.lists(PIECES, max_size=4).map("".join).map(str.encode), max_size=12)


def ends_of(texts):
    return array("q", accumulate(map(len, texts)))


def shortened(text):
    return text[:CUT] + b"\xff" + blake2b(text, digest_size=12).digest()


def actions_of(keys):
    """Actions of which each has its own form, shape, digests, value, numbers and cost, by a key."""
    made = Gathering()
    for key in keys:
        effects, output = (bytes([ord(key)]) * 16 if key != "a" else NONE_DIGEST for _ in range(2))
        made.add(key.encode(), b"S" + key.encode(), effects, output, [f"é{key}"], (ord(key),) * 5, float(ord(key)))
    return made.actions()


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(st.lists(st.sampled_from("abcde"))))
def test_the_columns_of_actions_say_what_each_of_them_is(way, runs):
    columns, every = way.Columns(), [key for keys in runs for key in keys]
    for keys in runs:
        columns.add(actions_of(keys))
    for table, column, first in ((columns.forms, columns.form, b""), (columns.shapes, columns.shape, b"S")):
        names = list(table)
        assert list(table.values()) == list(range(len(names)))
        assert [names[number] for number in column] == [first + key.encode() for key in every]
    digests = columns.digests.joined()
    wanted = [NONE_DIGEST if key == "a" else key.encode() * 16 for key in every for _ in range(2)]
    assert [digests[16 * number : 16 * number + 16] for number in columns.digest] == wanted
    assert digests.startswith(NONE_DIGEST)
    amounts = array("d", columns.amounts.joined())
    assert [amounts[number] for number in columns.usd] == [ord(key) for key in every]
    assert columns.numbers.tolist() == [number for key in every for number in (1, *(ord(key),) * 5)]
    words = columns.words
    assert [words.of(f"é{key}".encode()) for key in every] == columns.values.tolist()


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(st.none() | st.text(max_size=3)))
def test_texts_that_are_not_there_have_a_number_of_their_own(way, texts):
    table, column = way.Table(), array("q", [7])
    table.add_each(texts, 99, column)
    different = list(dict.fromkeys(text.encode() for text in texts if text is not None))
    assert [99 if text is None else different.index(text.encode()) for text in texts] == column[1:].tolist()
    assert np.frombuffer(table.ends(), np.uint32).tolist() == [0, *accumulate(map(len, different))]


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(TEXTS, max_size=4))
def test_each_different_text_has_one_number(way, runs):
    table, column = way.Table(), array("q", [7])
    for texts in runs:
        table.add(b"".join(texts), ends_of(texts), column)
    every = [text for texts in runs for text in texts]
    different = list(dict.fromkeys(every))
    assert [different[number] for number in column[1:]] == every
    assert (len(table), table.joined()) == (len(different), b"".join(different))
    assert [table.of(text) for text in reversed(different)] == list(reversed(range(len(different))))


@pytest.mark.parametrize("way", WAYS)
def test_very_many_texts_are_told_apart(way):
    table, column = way.Table(), array("q")
    texts = [str(number % 30_000).encode() for number in range(60_000)]
    table.add(b"".join(texts), ends_of(texts), column)
    assert column.tolist() == [number % 30_000 for number in range(60_000)]


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(st.integers(0, 5)))
def test_texts_of_one_length_need_no_ends(way, amounts):
    table, column = way.Table(), array("q")
    table.add_equal(array("d", amounts), 8, column)
    table.add_equal(b"", 8, column)
    made = array("d")
    made.frombytes(table.joined())
    assert [made[number] for number in column] == amounts


@pytest.mark.parametrize("way", WAYS)
@given(TEXTS)
def test_texts_stand_in_ascending_order(way, texts):
    table, column = way.Table(), array("q")
    table.add(b"".join(texts), ends_of(texts), column)
    ranks, data, ends = table.ordered()
    ascending = sorted(set(texts))
    ranked = np.frombuffer(ranks, np.uint32)
    assert [ascending[ranked[number]] for number in column] == texts
    kept = [text if len(text) <= CUT else shortened(text) for text in ascending]
    assert data == b"".join(kept)
    assert np.frombuffer(ends, np.uint32).tolist() == [0, *np.cumsum([len(one) for one in kept]).astype(int).tolist()]


ALIKE = st.lists(st.sampled_from([b"", b"\0", b"a", b"aaaaaaa", b"\0" * 8, b"\xff"]), max_size=6).map(b"".join)


@pytest.mark.parametrize("way", WAYS)
@given(st.sets(ALIKE, min_size=20, max_size=300))
def test_many_texts_that_begin_alike_stand_in_ascending_order(way, texts):
    table, ascending = way.Table(), sorted(texts)
    table.add(b"".join(texts), ends_of([*texts]), array("q"))
    _, data, ends = table.ordered()
    assert data == b"".join(ascending)
    assert np.diff(np.frombuffer(ends, np.uint32)).tolist() == [len(text) for text in ascending]


@pytest.mark.parametrize("way", WAYS)
@given(st.binary(max_size=300) | st.integers(0, 4).map(lambda blocks: b"b" * 128 * blocks), st.integers(1, 64))
def test_digests_are_those_of_blake2b(way, text, length):
    assert way.digest(text, length) == blake2b(text, digest_size=length).digest()


@given(st.binary(max_size=2000))
def test_letters_are_counted_alike(data):
    for text in (data, data.replace(b"\x00", b",") * 3):
        assert all(way(text) == bounds.letters_in(text) for way in (of_bytes.letters_in,))


@pytest.mark.skipif(compiled is None, reason="nothing is compiled here")
def test_what_is_no_column_of_numbers_or_does_not_end_there_is_refused():
    for made in (array("I"), array("d")):
        with pytest.raises(TypeError):
            compiled.Table().add_each(["a"], 0, made)
        with pytest.raises(TypeError):
            compiled.Table().add(b"a", made, array("q"))
        with pytest.raises(TypeError):
            compiled.Table().add_equal(b"a", 1, made)
    for ends in ([2], [-1], [1, 0]):
        with pytest.raises(ValueError, match="do not end there"):
            compiled.Table().add(b"a", array("q", ends), array("q"))
    with pytest.raises(ValueError, match="of one length"):
        compiled.Table().add_equal(b"a", 0, array("q"))
