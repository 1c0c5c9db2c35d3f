"""Whatever comes, changes and goes in whatever portions, the shelf has the runs that there are, in path order."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from core.columns import rows
from core.live import shelf as module
from core.live.changes import LoadedFile, Stamp
from core.live.filed import filed
from core.live.layered import Layered
from core.live.members import Members
from core.live.names import in_order
from core.live.shelf import Shelf, put
from core.model.jsontext import sha256_hex
from core.model.trace import Action, Trace

SMALL, MOST_SMALL, AT_ALL = 4, 2, 3
UNITS = [f"{number}.json" for number in range(9)]

units = st.sets(st.sampled_from(UNITS), max_size=3)
ways = st.sampled_from(["singly", "singly", "singly", "singly", "nothing", "at once"])
changes = st.lists(st.tuples(ways, units, units), min_size=10, max_size=40)


def loaded(unit: str, version: int) -> LoadedFile:
    trace = Trace(id=unit, workflow_id="w", actions=(Action(id="a", kind="k", name=f"step_{version % 3}"),))
    return LoadedFile(unit, Stamp(version, 1, 1, 0), sha256_hex(f"{unit} {version}".encode()), 1, trace)


def at_once(files: dict[str, LoadedFile]) -> Layered[LoadedFile]:
    """Files whose runs stand in one segment already."""
    return Layered(filed(module._encoded({unit: (file, module._facts(file)) for unit, file in files.items()})))


@given(changes, st.sampled_from([1, 64]))
def test_it_has_what_there_is(series: list[tuple[str, set[str], set[str]]], few: int) -> None:
    shelf, there = Shelf(), dict[str, LoadedFile]()
    with patch.multiple(module, SMALL=SMALL, MOST_SMALL=MOST_SMALL, _AT_ALL=AT_ALL, FEW=few):
        for version, (how, came, went) in enumerate(series, 1):
            files = {unit: loaded(unit, version) for unit in sorted(came)} if how != "nothing" else {}
            gone = frozenset(went - files.keys()) if how != "nothing" else frozenset[str]()
            given = at_once(files) if how == "at once" and files else files
            shelf, told = put(shelf, gone, given)
            there = {unit: file for unit, file in there.items() if unit not in gone} | files
            assert list(shelf.units) == in_order(there)
            assert rows.units(shelf.library, shelf.runs) == list(shelf.units)
            assert rows.digests(shelf.library, shelf.runs) == [there[unit].sha256 for unit in shelf.units]
            assert {unit: told[unit].sha256 for unit in told} == {unit: file.sha256 for unit, file in files.items()}
            small = len(shelf.library.volumes) - shelf.big
            assert small <= (MOST_SMALL if how == "nothing" else AT_ALL + 1)


def test_runs_are_the_same_only_where_every_number_means_the_same() -> None:
    first = put(Shelf(), frozenset(), at_once({unit: loaded(unit, 1) for unit in UNITS[:3]}))[0]
    one, other = (
        put(first, frozenset(), at_once({unit: loaded(unit, version) for unit in UNITS[3:6]}))[0] for version in (2, 3)
    )
    assert one.runs.tolist() == other.runs.tolist()
    assert Members(one.library, one.runs) != Members(other.library, other.runs)
    assert Members(one.library, one.runs[:3]) == Members(other.library, other.runs[:3])
