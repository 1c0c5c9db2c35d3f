"""Runs that came one by one end up in few segments, whatever happens meanwhile, and nothing is shown otherwise."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from core.live.read import read_file
from core.live.regather import Regather
from core.live.shelf import Shelf, put
from core.model.jsontext import canonical, pretty
from core.session import Session
from core.traces.times import EPOCH
from tests.live.feeding import wait_until

MAX = 1_000_000


def run(number, names="ab"):
    actions = [{"kind": "k", "name": name, "inputs": {"text": f"{number}" * 80}} for name in names]
    return {"id": f"run-{number}", "workflow_id": "w", "actions": actions}


def write(folder, numbers, names="ab"):
    for number in numbers:
        spare = folder.parent / "spare"
        spare.write_bytes(pretty(run(number, names)))
        spare.rename(folder / f"{number:03d}.json")


@pytest.fixture
def folder(tmp_path):
    """Twenty runs."""
    made = tmp_path / "runs"
    made.mkdir()
    write(made, range(20))
    return made


def shelved(folder, numbers, size=1):
    """A shelf with a segment for each few runs, and the files."""
    shelf, files = Shelf(), {}
    units = [f"{number:03d}.json" for number in numbers]
    with patch("core.live.shelf.SMALL", 1):
        for at in range(0, len(units), size):
            some = units[at : at + size]
            loaded = {unit: read_file(folder, unit, MAX) for unit in some}
            shelf, filed = put(shelf, frozenset(), loaded)
            files.update(filed)
    return shelf, files


def read_again(made, shelf, files):
    made.consider(shelf, MAX, "")
    if made._thread is None:
        return None
    made._thread.join()
    return made.taken(files, "")


def test_many_middling_segments_are_read_into_one(folder):
    shelf, files = shelved(folder, range(20))
    assert (len(shelf.library.volumes), shelf.big) == (20, 20)
    found = read_again(Regather(folder), shelf, files)
    assert list(found.units) == shelf.units
    again, rows = put(shelf, frozenset(found.units), dict(zip(found.units, map(found.at, range(20)), strict=True)))
    assert (len(again.library.volumes), again.big, again.units) == (1, 1, shelf.units)
    assert {unit: file.sha256 for unit, file in rows.items()} == {unit: file.sha256 for unit, file in files.items()}


def test_segments_of_runs_that_stand_alone_in_other_files_are_read_into_one_and_others_are_not(tmp_path):
    for number in range(40):
        several = [run(number), run(number + 100)] if number >= 20 else [run(number)]
        (tmp_path / f"{number:03d}.ndjson").write_bytes(b"".join(canonical(one) + b"\n" for one in several))
    shelf, files = Shelf(), {}
    with patch("core.live.shelf.SMALL", 1):
        for number in range(40):
            found = read_file(tmp_path, f"{number:03d}.ndjson", MAX)
            shelf, filed = put(shelf, frozenset(), {one.unit: one for one in getattr(found, "files", [found])})
            files.update(filed)
    assert len(shelf.library.volumes) == 40
    with patch.object(Regather, "_read") as read:
        read_again(Regather(tmp_path), shelf, files)
    read.assert_called_once_with([f"{number:03d}.ndjson" for number in range(20)])


def test_few_segments_stay_as_they_are_and_no_segment_is_read_twice(folder):
    made = Regather(folder)
    assert read_again(made, shelved(folder, range(16))[0], {}) is None
    shelf, files = shelved(folder, range(20))
    assert read_again(made, shelf, files)
    assert read_again(made, shelf, files) is None


def test_what_changed_meanwhile_or_was_read_otherwise_is_left_alone(folder):
    shelf, files = shelved(folder, range(20))
    write(folder, [3], "xyz")
    (folder / "005.json").unlink()
    found = read_again(Regather(folder), shelf, {unit: file for unit, file in files.items() if unit != "007.json"})
    assert sorted(files.keys() - set(found.units)) == ["003.json", "005.json", "007.json"]
    made = Regather(folder)
    made.consider(shelf, MAX, "")
    made._thread.join()
    assert made.taken(files, "effects") is None


def test_segments_of_which_hardly_anything_is_left_are_read_again(folder):
    shelf, files = shelved(folder, range(20), size=5)
    gone = frozenset(unit for unit in shelf.units if unit not in ("000.json", "007.json"))
    shelf, _ = put(shelf, gone, {})
    with patch("core.live.regather.LARGE", 5):
        found = read_again(Regather(folder), shelf, {unit: files[unit] for unit in shelf.units})
    assert list(found.units) == ["000.json", "007.json"]


def test_a_session_that_watches_does_so_and_shows_the_same(folder):
    with (
        patch("core.live.shelf.SMALL", 1),
        patch("core.live.regather.MOST", 3),
        Session.open(folder, mode="exact", clock=lambda: EPOCH) as session,
    ):
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 20)
        for number in range(20, 26):
            write(folder, [number])
            wait_until(lambda number=number: session.snapshot.loaded == number + 1)
        wait_until(lambda: len(session._state.shelf.library.volumes) <= 4)
        wait_until(lambda: not session.snapshot.unranked)
        shown = session.snapshot
    with Session.open(folder, mode="exact", clock=lambda: EPOCH) as session:
        cold = session.refresh()
    assert [canonical(view.candidate) for view in shown.candidates] == [
        canonical(view.candidate) for view in cold.candidates
    ]
    assert dict(shown.runs) == dict(cold.runs)


def test_a_session_ends_while_runs_are_read_again(folder):
    shelf, _ = shelved(folder, range(20))
    made = Regather(folder)
    made.consider(shelf, MAX, "")
    made.close()
    assert not made._thread.is_alive()


def test_nothing_is_read_once_a_session_ended(folder):
    shelf, _ = shelved(folder, range(20))
    made = Regather(folder)
    made.close()
    made.consider(shelf, MAX, "")
    assert made._thread is None
