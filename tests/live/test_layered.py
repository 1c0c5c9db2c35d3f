"""Values in layers are what a plain mapping with the same history is."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.changes import Stamp
from core.live.layered import Derived, Layered, layered
from core.live.scan import Scan, difference, updated
from core.live.stamps import Stamps

FOLDER = Path("t")
UNITS = st.sampled_from(["a", "b", "c", "d/a", "d/b"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), UNITS, st.integers(1, 9)),
        st.tuples(st.just("drop"), UNITS, st.none()),
        st.tuples(st.just("updated"), UNITS, st.dictionaries(UNITS, st.integers(1, 9), max_size=3)),
        st.tuples(st.just("clear"), UNITS, st.none()),
    ),
    max_size=12,
)


def test_a_table_that_hardly_says_anything_is_let_go_of():
    with patch("core.live.layered.FEW", 1):
        made = Layered(Numbers(dict.fromkeys("abcd", 1)))
        made["a"], made["z"] = 5, 6
        assert made.table.index
        del made["b"]
        assert (dict(made), made.table.index, made.over) == ({"a": 5, "c": 1, "d": 1, "z": 6}, {}, dict(made))


class Numbers:
    """A table of numbers."""

    def __init__(self, given):
        self.units = list(given)
        self.index = {unit: place for place, unit in enumerate(given)}
        self.at = list(given.values()).__getitem__


@pytest.mark.parametrize("few", [0, 1_000])
@given(st.dictionaries(UNITS, st.integers(1, 9)), st.dictionaries(UNITS, st.integers(1, 9)), STEPS)
def test_it_is_a_mapping_like_any_other(few, table, over, steps):
    with patch("core.live.layered.FEW", few):
        like_any_other(table, over, steps)


def like_any_other(table, over, steps):
    made, plain = Layered(Numbers(table), over), {**table, **over}
    for what, unit, value in steps:
        if what == "put":
            made[unit] = plain[unit] = value
        elif what == "drop":
            assert made.pop(unit, None) == plain.pop(unit, None)
        elif what == "updated":
            before = dict(made)
            later = made.updated([unit], value)
            assert dict(made) == before
            made, plain = later, {key: one for key, one in plain.items() if key != unit} | value
        else:
            made.clear()
            plain.clear()
        assert made == plain
        assert len(made) == len(plain)
        assert dict(made.items()) == plain
        assert sorted(made) == sorted(plain)
        assert all((one in made) == (one in plain) for one in ("a", "b", "c", "d/a", "d/b", "z"))
        assert [made.get(one) for one in plain] == [*plain.values()]


def test_what_is_not_there_is_a_key_error() -> None:
    made = Layered(Numbers({"a": 1, "b": 2}))
    del made["a"]
    for unit in ("a", "z"):
        with pytest.raises(KeyError):
            made[unit]
        with pytest.raises(KeyError):
            del made[unit]


def test_units_of_a_table_come_in_its_order_and_others_after_them() -> None:
    made = Layered(Numbers({"b": 1, "a": 2, "c": 3}), {"z": 4, "a": 5})
    del made["c"]
    assert list(made) == ["b", "a", "z"]


def test_a_table_is_shared_by_what_is_laid_on_nothing() -> None:
    table = Numbers({"a": 1})
    laid: Layered[int] = Layered()
    laid.lay(Layered(table))
    assert laid.table is table
    laid["b"] = 2
    laid.lay(Layered(Numbers({"c": 3})))
    assert (laid.table, dict(laid)) == (table, {"a": 1, "b": 2, "c": 3})


def test_a_derived_table_tells_something_of_the_same_units() -> None:
    table = Numbers({"a": 1, "b": 2})
    made = Layered(Derived(table, lambda place: str(table.at(place))))
    assert dict(made) == {"a": "1", "b": "2"}


def test_a_mapping_in_layers_stays_itself() -> None:
    made = Layered(Numbers({"a": 1}))
    assert layered(made) is made
    assert layered({"a": 1}) == {"a": 1}


STAMPS = st.builds(Stamp, *[st.sampled_from([1, 2]) for _ in range(4)])


@given(*[st.dictionaries(UNITS, STAMPS) for _ in range(3)])
def test_looks_kept_as_numbers_differ_as_their_stamps_do(old, new, newest):
    def seen(entries):
        return Scan(FOLDER, entries=Layered(Stamps(list(entries), numbers(entries))))

    def numbers(entries):
        made = Stamps().numbers
        for stamp in entries.values():
            made.extend(stamp)
        return made

    plain = [Scan(FOLDER, entries=one) for one in (old, new, newest)]
    kept = [seen(one) for one in (old, new, newest)]
    assert difference(kept[0], kept[1]) == difference(plain[0], plain[1])
    scan, changes = updated(kept[0], [kept[1]])
    assert (scan.entries, changes) == (new, difference(plain[0], plain[1]))
    scan, changes = updated(scan, [kept[2]])  # which may lie on the table of the first look
    assert (scan.entries, changes) == (newest, difference(plain[1], plain[2]))
