"""Files whose times lie far off: 64 bits of nanoseconds end in 2262, file systems' years much later."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cluster.ingest import ingest
from core.columns.of_bytes import taken
from core.live.changes import signed
from core.live.feed import read_all
from core.live.scan import scan, stamp_of
from core.session import Session
from core.store.policy import Mode
from tests.cluster.serial import Serial, silent
from tests.live.feeding import MAX, write

FAR_OFF = 13_569_465_600
"""Seconds from 1970 to the year 2400."""


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Three runs, of which one claims to come from the year 2400."""
    folder = tmp_path / "traces"
    paths = [write(folder / f"{name}.json") for name in "abc"]
    os.utime(paths[0], (FAR_OFF, FAR_OFF))
    if paths[0].stat().st_mtime_ns <= 2**63:
        pytest.skip("this file system knows no such times")
    return folder


@given(st.integers(-(2**70), 2**70))
def test_a_number_becomes_what_64_bits_hold_of_it(number: int) -> None:
    made = signed(number)
    assert -(2**63) <= made < 2**63
    assert (made - number) % 2**64 == 0
    assert made == number or not -(2**63) <= number < 2**63


def test_every_look_at_such_a_file_says_the_same(traces: Path) -> None:
    expected = stamp_of((traces / "a.json").stat())
    assert expected.mtime_ns < 0
    assert scan(traces).entries["a.json"] == expected
    assert read_all(traces, MAX).loaded["a.json"].stamp == expected
    folder = os.open(traces, os.O_RDONLY)
    try:
        if taken is not None:
            stamp, _ = taken(folder, "a.json", MAX)
            assert stamp == expected
    finally:
        os.close(folder)


@pytest.mark.parametrize("mode", ["exact", "generalised"])
def test_it_is_a_run_like_any_other_now_and_from_the_cache(traces: Path, mode: Mode) -> None:
    for _ in range(2):
        with Session.open(traces, mode=mode) as session:
            assert session.refresh().loaded == 3


def test_it_can_be_ingested_and_is_not_read_again(traces: Path, tmp_path: Path) -> None:
    read = [ingest(str(traces), str(tmp_path / "dataset"), MAX, Serial, silent).read for _ in range(2)]
    assert read == [3, 0]
