"""Very many files at once are told, kept and put into columns as the same files one by one are."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns.encode import Encoder
from core.columns.of_bytes import FastFacts
from core.live.changes import BrokenFile, LoadedFile, Stamp
from core.live.filed import filed, newest, together
from core.live.layered import Layered
from core.live.shelf import Shelf, put
from core.live.told import Told
from core.model.jsontext import sha256_hex

UNITS = ("a.json", "b.json", "d/a.json", "d/b.json", "e.json")


def segment(numbers):
    """A segment with a run for each unit; its bytes follow from the number."""
    encoder = Encoder()
    for unit, number in numbers.items():
        data = orjson.dumps({"id": f"run {unit}", "actions": [{"kind": "k", "name": f"n{number}"}]})
        digest = sha256_hex(data)
        encoder.add(unit, (number, len(data), 7, number + 1), digest, len(data), FastFacts().of(data, digest))
    return encoder.finish()


NUMBERED = st.dictionaries(st.sampled_from(UNITS), st.integers(1, 9), min_size=1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("many"), NUMBERED),
        st.tuples(st.sampled_from(["forget", "broken", "settling"]), st.sampled_from(UNITS)),
        st.tuples(st.just("take"), st.none()),
    ),
    max_size=10,
)


@given(STEPS)
def test_what_is_told_of_many_at_once_is_what_is_told_of_each(steps):
    once, singly = Told(), Told()
    for what, given_ in [*steps, ("take", None)]:
        if what == "many":
            files = filed(segment(given_))
            once.load_filed(files)
            for place in range(len(files.units)):
                singly.load(files.at(place))
        elif what == "take":
            one, other = once.take(), singly.take()
            assert dict(one.loaded) == dict(other.loaded)
            assert (one.problems, one.gone, one.touched) == (other.problems, other.gone, other.touched)
            assert {unit: once.known(unit) for unit in UNITS} == {unit: singly.known(unit) for unit in UNITS}
        elif what == "forget":
            once.forget(given_)
            singly.forget(given_)
        else:
            found = BrokenFile(given_, None, "broken", "")
            state = "quarantined" if what == "broken" else "settling"
            once.trouble(found, state, 1.0)
            singly.trouble(found, state, 1.0)


@given(st.lists(st.tuples(NUMBERED, st.frozensets(st.sampled_from(UNITS), max_size=2)), max_size=4))
def test_a_shelf_of_many_at_once_is_that_of_each(changes):
    once, singly = Shelf(), Shelf()
    for numbers, gone in changes:
        files = filed(segment(numbers))
        loaded = Layered(files)
        for unit in gone:
            loaded.pop(unit, None)
        if not loaded:
            continue
        plain = dict(loaded)
        touched = gone.union(loaded)
        once, kept = put(once, touched, loaded)
        singly, _ = put(singly, touched, plain)
        assert dict(kept) == plain
        assert list(once.units) == list(singly.units)
        assert shas(once) == shas(singly)


def shas(shelf):
    return [volume.segment.run_sha[row].tobytes() for volume, row in map(shelf.library.place, shelf.runs.tolist())]


def test_a_file_is_told_from_its_row() -> None:
    held = segment({"b.json": 3, "a.json": 4})
    found = filed(held).at(1)
    assert isinstance(found, LoadedFile)
    assert (found.unit, found.stamp, found.row) == ("a.json", Stamp(4, found.size, 7, 5), (held, 1))
    assert found.sha256 == bytes(held.run_sha[1]).hex()
    assert (filed(held).stamps.at(1), filed(held).digests.at(1)) == (found.stamp, found.sha256)


def test_of_a_unit_in_several_tables_the_last_one_counts() -> None:
    old, new = filed(segment({"a.json": 1, "b.json": 2})), filed(segment({"a.json": 3}))
    made = newest([old, new])
    assert dict(Layered(made)) == {"a.json": new.at(0), "b.json": old.at(1)}
    assert not newest([]).units


def test_tables_together_keep_their_files() -> None:
    one, other = filed(segment({"a.json": 1})), filed(segment({"b.json": 2, "e.json": 3}))
    assert dict(Layered(together([one, other]))) == {**Layered(one), **Layered(other)}


@pytest.mark.parametrize(("time", "expected"), [(1e-9, ["b.json"]), (2e-9, ["b.json"]), (8e-9, [])])
def test_young_files_are_told_by_the_later_of_both_times(time: float, expected: list[str]) -> None:
    files = filed(segment({"a.json": 0, "b.json": 3}))  # whose ctimes are 1 and 4 ns
    assert files.touched_after(time) == expected
