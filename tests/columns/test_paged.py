"""Segments that stay in a file say what they say in memory, however little of them is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns.paged import PagedFile
from core.columns.segment import DamagedError, Segment, to_bytes
from tests.cluster.test_parquet import segment_of, told
from tests.columns.making import run_fields


def written(path: Path, segments: list[Segment]) -> list[tuple[int, int]]:
    """Segments one after the other in a file: where each begins, and how long it is."""
    places, data = [], b""
    for segment in segments:
        made = to_bytes(segment.header, segment.arrays)
        places.append((len(data), len(made)))
        data += made
    path.write_bytes(data)
    return places


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(run_fields, min_size=1, max_size=4), min_size=1, max_size=3), st.sampled_from([1, 500, 10**6]))
def test_they_say_what_they_say_in_memory(
    tmp_path_factory: pytest.TempPathFactory, fields: list[list[dict[str, Any]]], kept: int
) -> None:
    path = tmp_path_factory.mktemp("paged") / "segments"
    segments = [segment_of(some) for some in fields]
    places = written(path, segments)
    file = PagedFile(path, kept)
    paged = [file.segment(*place) for place in places]
    path.unlink()
    for _ in range(2):
        for one, other in zip(paged, segments, strict=True):
            assert [told(one, row) for row in range(one.runs)] == [told(other, row) for row in range(other.runs)]
            assert one.words.all() == other.words.all()
            assert one.column("run_unit") == other.column("run_unit")


def test_no_more_is_kept_than_is_said(tmp_path: Path) -> None:
    segment = segment_of([{"actions": [{"name": "a"}] * 9}] * 50)
    ((place, size),) = written(tmp_path / "segments", [segment])
    most = 2 * max(array.nbytes for array in segment.arrays.values())
    file = PagedFile(tmp_path / "segments", most)
    paged = file.segment(place, size)
    for name in paged.arrays:
        assert paged.arrays[name].tolist() == segment.arrays[name].tolist()
        assert file.held <= most
    assert paged.run_sha.base is paged.run_sha.base, "what was looked at last is at hand"


@pytest.mark.parametrize("cut", [8, 1000])
def test_damage_is_noticed(tmp_path: Path, cut: int) -> None:
    ((place, size),) = written(tmp_path / "segments", [segment_of([{"actions": [{"name": "a"}]}])])
    data = bytearray((tmp_path / "segments").read_bytes())
    (tmp_path / "segments").write_bytes(data[:-cut])
    with pytest.raises(DamagedError):
        PagedFile(tmp_path / "segments").segment(place, size)
    data[-cut] ^= 1
    (tmp_path / "segments").write_bytes(data)
    with pytest.raises(DamagedError):
        PagedFile(tmp_path / "segments").segment(place, size)
