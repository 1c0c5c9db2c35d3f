"""Files are opened alike, the plain way and the quick one."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns.of_bytes import taken
from core.live.changes import BrokenFile
from core.live.read import FileBytes, Opening
from core.live.scan import stamp_of

WAYS = [None] if taken is None else [None, taken]


def opened() -> int:
    """How many descriptors this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def both(folder: Path, unit: str, max_size: int = 1000) -> FileBytes | BrokenFile:
    """What a unit's file holds, by every way."""
    found = []
    for way in WAYS:
        with Opening(folder, way) as opening:
            found.append(opening.bytes_of(unit, max_size))
    assert all(one == found[0] for one in found)
    return found[0]


@pytest.mark.parametrize("data", [b"", b"{}", b"\0" * 999, b"x" * 1000])
def test_a_file_is_taken_with_the_stamp_that_it_has(tmp_path, data):
    place = tmp_path / "runs" / "deeper" / "run.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    found = both(tmp_path, "runs/deeper/run.json")
    assert found == FileBytes(stamp_of(place.stat()), data, hashlib.sha256(data).hexdigest())


def test_files_of_several_folders_are_told_apart(tmp_path):
    units = ["a/run.json", "run.json", "a/b/run.json", "a/run.json"]
    for unit in units:
        (tmp_path / unit).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / unit).write_text(unit)
    for way in WAYS:
        with Opening(tmp_path, way) as opening:
            assert [opening.bytes_of(unit, 100).data for unit in units] == [unit.encode() for unit in units]


def test_a_name_that_is_not_utf_8_is_opened(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"r\xfcn.json")).write_bytes(b"{}")
    except OSError:
        pytest.skip("this file system has no such names")
    assert both(tmp_path, "r\\xfcn.json").data == b"{}"


def test_more_than_is_read_is_told_as_too_large(tmp_path):
    (tmp_path / "run.json").write_bytes(b"x" * 1001)
    found = both(tmp_path, "run.json")
    assert (found.rule, found.size) == ("too large", 1001)


def test_nothing_but_regular_files_below_the_folder_is_opened(tmp_path):
    inside = tmp_path / "runs"
    inside.mkdir()
    (tmp_path / "outside.json").write_bytes(b"{}")
    (inside / "link.json").symlink_to(tmp_path / "outside.json")
    (inside / "folder.json").mkdir()
    os.mkfifo(inside / "fifo.json")
    found = {one.name: both(inside, one.name) for one in inside.iterdir()}
    assert len(found) == 3
    assert all(isinstance(one, BrokenFile) for one in found.values())


@pytest.mark.parametrize("unit", ["gone.json", "gone/run.json", "a\0b.json", "run.json/x.json"])
def test_what_is_not_there_is_missing(tmp_path, unit):
    (tmp_path / "run.json").write_bytes(b"{}")
    assert both(tmp_path, unit).rule == "missing file"


@pytest.mark.skipif(taken is None or not Path("/proc/self/fd").exists(), reason="not compiled, or no such system")
def test_a_file_that_does_not_have_its_size_is_left_to_the_plain_way(tmp_path):
    folder = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    try:
        assert taken(folder, "status", 1 << 20) is None  # regular, and of no size as far as the system tells
        with Opening(Path("/proc/self"), taken) as opening:
            assert opening.bytes_of("status", 1 << 20).data
    finally:
        os.close(folder)


@pytest.mark.skipif(taken is None or not Path("/proc/self/fd").exists(), reason="not compiled, or no such system")
@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=5))
def test_no_descriptor_stays_open(tmp_path_factory, contents):
    place = tmp_path_factory.mktemp("runs")
    with Opening(place, taken) as opening:
        for data in contents:
            (place / "run.json").write_bytes(data)
            before = opened()
            for limit in (0, len(data), 10_000):
                opening.bytes_of("run.json", limit)
                opening.bytes_of("none.json", limit)
            assert opened() in (before, before + 1)  # its folder
