"""Times as runs claim them mean the same on every machine, and nothing that runs claim is a fault."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.traces.times import latest, moment, runs_backwards


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def run(*times: str | None) -> Any:
    return SimpleNamespace(actions=[SimpleNamespace(timestamp=text) for text in times])


@pytest.mark.usefixtures("zone")
def test_a_time_without_a_zone_is_utc_wherever_it_is_read() -> None:
    assert moment("2026-03-08T02:30:00") == moment("2026-03-08T02:30:00Z")
    # Where clocks are put forward at two, these go back.
    assert not runs_backwards(run("2026-03-08T02:30:00", "2026-03-08T02:50:00", "2026-03-08T03:10:00"))


@pytest.mark.parametrize("text", ["inf", "-Infinity", "nan", "1e999", "", "soon", "9999-99-99", None])
def test_what_is_no_moment_is_none(text: str | None) -> None:
    assert moment(text) is None


def test_digits_alone_are_seconds_whatever_day_they_look_like() -> None:
    assert moment("20260102") == 20_260_102.0
    assert not runs_backwards(run("1712010099999", "1712010110000"))


@given(st.text())
def test_whatever_is_claimed_is_a_finite_time_or_none(text: str) -> None:
    found = moment(text)
    assert found is None or abs(found) < float("inf")


def test_the_latest_is_told_by_when_it_was_not_by_how_it_is_written() -> None:
    assert latest(["2026-01-01T10:00:00+09:00", "2026-01-01T05:00:00Z", "zzz"]) == "2026-01-01T05:00:00Z"
    assert latest(["zzz", ""]) is None


CLOCKS = st.sampled_from(["", "24", "2026-13-01T00:00:00Z", "soon", "1712010099", "2026-10-01", None])
WRITTEN = st.builds(
    lambda day, minute, part, zone: f"2026-10-{day:02}T00:{minute:02}:00{part}{zone}",
    st.integers(0, 3),
    st.integers(58, 61),
    st.sampled_from(["", ".000", ".999", ".000001"]),
    st.sampled_from(["Z", "+02:00", ""]),
)


@given(st.lists(WRITTEN | CLOCKS, max_size=4) | st.lists(WRITTEN.map(lambda text: text[:19] + ".500Z"), max_size=5))
def test_times_go_back_where_one_is_earlier_than_that_before_it(texts: list[str | None]) -> None:
    times = [found for text in texts if (found := moment(text)) is not None]
    assert runs_backwards(run(*texts)) is (times != sorted(times))
