"""Whatever happened to a folder between two looks, a cache changes nothing but how much is read."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns.again import Reader, VanishedError
from core.columns.encode import Encoder
from core.live import earlier_places, intake, remembered
from core.live.changes import BrokenFile, LoadedFile
from core.live.earlier_places import EarlierPlaces
from core.live.engine import Change, State, step
from core.live.feed import read_all
from core.live.filed import filed
from core.live.layered import Layered
from core.live.pool import Pool
from core.live.read import read_file
from core.live.remembered import Remembered
from core.live.rows import RowReader
from core.store.cache import Cache
from core.store.policy import Policy
from tests.live.test_ranking import told

FILES = ("a.json", "b.json", "d/a.json", "d/b.json", "d/deep/c.json", "e/a.json")
FOLDERS = ("d", "e", "d/deep")
MOST = 10**6
POLICY = Policy(mode="exact", cohort="workflow_id", shadow_paths=("e/*",))
ALL = ((intake, "MANY"), (remembered, "WORTH_IT"), (remembered, "SMALL"), (earlier_places, "WORTH_KEEPING"))
"""What is done for very many runs, and here for one."""


def content(number):
    """A run; those of even and odd numbers are as long as each other."""
    names = ("fetch", "check", "store")[: 2 + number // 4 % 2]
    actions = [{"id": f"a{i}", "kind": "k", "name": name, "parameters": {"n": number}} for i, name in enumerate(names)]
    return orjson.dumps({"id": f"run {number}", "workflow_id": "w", "actions": actions})


class Here(Pool):
    """Reads in this process, and trusts every stamp: the test sees to it that no two are equal by chance."""

    def __init__(self):
        super().__init__(1)
        self.read_files = 0

    def read(self, folder, units, max_size, stopped, progress):
        encoder, reader, rest = Encoder(), RowReader(self.effects), {}
        for unit in units:
            found = reader(folder, unit, max_size)
            if isinstance(found, LoadedFile) and found.facts is not None:
                encoder.add(unit, found.stamp, found.sha256, found.size, found.facts, sure=True)
            elif isinstance(found, BrokenFile):
                rest[unit] = found
        self.read_files += encoder.size
        return Layered(filed(encoder.finish()) if encoder.size else None, rest)


class Looking:
    """A process that reviews the folder now and then."""

    def __init__(self, folder, workspace):
        self._folder, self._workspace = folder, workspace
        self.recalled = 0
        self.restart()

    def restart(self):
        self.pool = Here()
        self._many = Remembered(self._workspace, self.pool)
        self._places = EarlierPlaces(Cache(self._workspace))

    def look(self):
        found = read_all(self._folder, MOST, read=RowReader(), many=self._many)
        state = step(State(policy=POLICY, read=Reader(payloads(self._folder)), recall=self.recall), Change(files=found))
        self._places.save(state.mined)
        self._many.rest()
        if state.shelf is not None:
            self._many.save(state.shelf)
        self._many.close(timeout=30)
        return shown(state)

    def recall(self, cast):
        found = self._places.of(cast)
        self.recalled += found is not None
        return found


def plainly(folder):
    """What the simple way says: every file decoded, no columns kept, no cache."""
    state = State(policy=POLICY, read=Reader(payloads(folder)))
    return shown(step(state, Change(files=read_all(folder, MOST))))


def shown(state):
    """All that a snapshot tells, but for times of first sight."""
    problems = tuple(replace(problem, first_seen=None) for problem in state.snapshot.problems)
    return told(replace(state.snapshot, problems=problems))


def payloads(folder):
    """Reads runs again, as the engine asks for it."""

    def read(unit, sha256):
        found = read_file(folder, unit, MOST)
        if not isinstance(found, LoadedFile) or found.sha256 != sha256:
            raise VanishedError(unit)
        return found.trace

    return read


def tick(folder):
    """Wait until the file system's clock goes on, so that what comes next has another time of change."""
    scratch = folder.parent / "scratch"
    scratch.write_bytes(b"")
    before = scratch.stat().st_ctime_ns
    while scratch.stat().st_ctime_ns == before:
        scratch.write_bytes(b"")


def happen(folder, event):
    """Do something to the folder; the times of files say nothing about it."""
    what, name, other, number = event
    place, away = folder / name, folder.parent / "away"
    tick(folder)
    if what == "write":
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content(number))
        os.utime(place, ns=(10**18, 10**18))
    elif what == "swap" and place.is_file():
        spare = folder.parent / "spare"
        spare.write_bytes(content(number))
        os.utime(spare, ns=(10**18, 10**18))
        spare.replace(place)
    elif what == "truncate" and place.is_file():
        os.truncate(place, place.stat().st_size // 2)
        os.utime(place, ns=(10**18, 10**18))
    elif what == "delete":
        place.unlink(missing_ok=True)
    elif what == "rename" and place.is_file():
        (folder / other).parent.mkdir(parents=True, exist_ok=True)
        place.replace(folder / other)
    elif what == "out" and (folder / FOLDERS[number % 3]).is_dir():
        shutil.rmtree(away, ignore_errors=True)
        (folder / FOLDERS[number % 3]).rename(away)
    elif what == "in" and away.is_dir() and not (folder / FOLDERS[number % 2]).exists():
        away.rename(folder / FOLDERS[number % 2])


EVENT = st.tuples(
    st.sampled_from(
        ["write", "write", "write", "swap", "truncate", "delete", "rename", "out", "in", "look", "restart"]
    ),
    st.sampled_from(FILES),
    st.sampled_from(FILES),
    st.integers(0, 7),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(EVENT, min_size=3, max_size=20))
def test_a_look_with_a_cache_says_what_one_without_says(events):
    with TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
        folder = Path(made) / "runs"
        folder.mkdir()
        (Path(made) / "w").mkdir()
        for module, name in ALL:
            patch.setattr(module, name, 1)
        two = [Looking(folder, Path(made) / "w") for _ in range(2)]
        for event in events:
            looking = two[event[3] % 2]
            if event[0] == "restart":
                looking.restart()
            elif event[0] == "look":
                assert looking.look() == plainly(folder)
            else:
                happen(folder, event)
        for looking in two:
            assert looking.look() == plainly(folder)
            looking.restart()
            assert looking.look() == plainly(folder)


def test_what_is_remembered_is_not_read_again(tmp_path, monkeypatch):
    for module, name in ALL:
        monkeypatch.setattr(module, name, 1)
    folder = tmp_path / "runs"
    (tmp_path / "w").mkdir()
    for number, name in enumerate(FILES):
        happen(folder, ("write", name, "", number))
    first = Looking(folder, tmp_path / "w")
    first.look()
    assert first.pool.read_files == len(FILES)
    happen(folder, ("write", "a.json", "", 6))
    second = Looking(folder, tmp_path / "w")
    assert second.look() == plainly(folder)
    assert second.pool.read_files == 1
    assert not second.recalled, "the cohort has another run"
    second.restart()
    assert second.look() == plainly(folder)
    assert second.recalled == 1
