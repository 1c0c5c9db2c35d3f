from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.changes import BrokenFile, LoadedFile, SameFile, Stamp
from core.live.settle import LOOKS, SETTLED, Settling, hinted, is_young, judged, settled_before
from core.model.trace import Trace

WALL = 1_000_000.0
"""Unix time when the monotonic clock shows 0."""


def stamp(changed: float, size: int = 10) -> Stamp:
    """The stamp of a file changed at some time of the monotonic clock."""
    return Stamp(round((WALL + changed) * 1e9), size, 1, 0)


def bad(changed: float, size: int = 10) -> BrokenFile:
    return BrokenFile("a.json", stamp(changed, size), "unfinished JSON", "it ends", size=size, unfinished=True)


def look(state: object, reading: BrokenFile, now: float, before: Stamp | None = None) -> Settling | None:
    """The state after a look; None when the file is quarantined."""
    assert state is None or isinstance(state, Settling)
    outcome = judged(state, reading, now, WALL + now, before)
    if isinstance(outcome, Settling):
        return outcome
    assert outcome == reading
    return None


@pytest.mark.parametrize(
    ("changed", "inode", "touched", "young"),
    [
        (7, 1, 7, False),
        (8, 1, 7, True),
        (7, 1, 8, True),
        (7, 0, 0, False),
        (0, 1, 0, False),
        (0, 0, 0, True),
    ],
)
def test_a_stamp_tells_bytes_unless_it_is_of_the_last_two_seconds_or_tells_nothing(
    changed: int, inode: int, touched: int, young: bool
) -> None:
    seconds = 10**9
    assert is_young(Stamp(changed * seconds, 10, inode, touched * seconds), settled_before(10.0)) is young


class TestYoung:
    def test_young_bad_file_settles_and_is_looked_at_on_the_ladder(self) -> None:
        state, looks = look(None, bad(0), 0), []
        while state:
            looks.append(state.due)
            state = look(state, bad(0), state.due)
        assert looks == [0.2, 0.5, 1.0, 2.0]

    def test_old_bad_file_is_quarantined_at_once(self) -> None:
        assert look(None, bad(-2.0), 0) is None
        assert look(None, bad(-1.9), 0) is not None

    def test_half_old_file_skips_the_looks_that_are_past(self) -> None:
        state = look(None, bad(-0.7), 0)
        assert state is not None
        assert round(state.due, 6) == 0.3

    def test_file_from_the_future_settles_no_longer_than_others(self) -> None:
        state = look(None, bad(3600), 0)
        assert state is not None
        assert look(state, bad(3600), 1.9) is not None
        assert look(state, bad(3600), 2.0) is None


class TestMoved:
    def test_each_change_begins_anew(self) -> None:
        state = look(None, bad(0), 0)
        state = look(state, bad(1.7, size=20), 2.0)
        assert state is not None
        assert (round(state.changed_at, 6), round(state.due, 6)) == (1.7, 2.2)
        assert look(state, bad(1.7, size=20), 3.75) is None

    def test_change_of_size_with_an_old_time_counts(self) -> None:
        state = look(look(None, bad(0), 0), bad(-100, size=20), 1.0)
        assert state is not None
        assert state.changed_at == 0.0

    def test_old_file_that_differs_from_the_last_look_settles(self) -> None:
        assert look(None, bad(-50), 0, before=stamp(-100)) is not None
        assert look(None, bad(-50), 0, before=stamp(-50)) is None

    def test_growing_for_ever_settles_for_ever(self) -> None:
        state = look(None, bad(0), 0)
        for second in range(1, 100):
            state = look(state, bad(second, size=second), float(second))
            assert state is not None


class TestGood:
    def test_good_reading_wins_at_any_time(self) -> None:
        state = look(None, bad(0), 0)
        loaded = LoadedFile("a.json", stamp(0.1), "00", 10, Trace())
        assert judged(state, loaded, 0.1, WALL) is loaded
        assert judged(None, loaded, 0.1, WALL) is loaded
        same = SameFile("a.json", stamp(0.1), "00", 10)
        assert judged(state, same, 0.1, WALL) is same


class TestWithoutStamp:
    def test_what_cannot_be_looked_at_settles_two_seconds(self) -> None:
        reading = BrokenFile("a.json", None, "unreadable file", "")
        state = look(None, reading, 5)
        assert state is not None
        assert look(state, reading, 6.9) is not None
        assert look(state, reading, 7.0) is None


class TestPace:
    def test_hint_brings_the_next_look_forward_but_not_to_now(self) -> None:
        state = look(look(None, bad(0), 0), bad(0), 1.0)
        assert state is not None
        assert state.due == 2.0
        assert round(hinted(state, 1.1).due, 6) == round(1.1 + LOOKS[0], 6)
        assert hinted(state, 1.9) == state

    def test_a_hint_about_a_big_file_leaves_it_alone_for_longer(self) -> None:
        def due(size: int | None) -> float:
            state = Settling(replace(bad(0), size=size), 0, 0, 9)
            return round(hinted(state, 1).due, 6)

        assert due(None) == due(0) == 1 + LOOKS[0]
        assert due(64 * 1024 * 1024) == 2 + LOOKS[0]
        assert due(2**40) == 2.5 + LOOKS[0]

    def test_big_files_are_left_alone_longer(self) -> None:
        small, big = (look(None, bad(0, size), 0) for size in (10, 64 * 1024 * 1024))
        assert small is not None
        assert big is not None
        assert (small.due, big.due) == (0.2, 1.0)


@given(
    st.lists(st.tuples(st.floats(0.001, 3), st.integers(0, 10**10)), max_size=20),
    st.floats(-10, 10),
    st.lists(st.floats(0.01, 5), max_size=5),
)
def test_a_bad_file_is_quarantined_between_two_and_four_seconds_after_its_last_change(
    writes: list[tuple[float, int]], skew: float, hints: list[float]
) -> None:
    """Looks happen when due; every write makes another stamp. A skewed clock may settle early, never late."""
    times = [0.0]
    for gap, _ in writes:
        times.append(times[-1] + gap)
    sizes = [10, *(size for _, size in writes)]

    def reading(now: float) -> BrokenFile:
        last = max(i for i, at in enumerate(times) if at <= now)
        return bad(times[last] + skew, sizes[last])

    now, state = 0.0, look(None, reading(0.0), 0.0)
    while state is not None:
        assert now < state.due
        ahead = [h for h in hints if now < h < state.due]
        if ahead:
            state = hinted(state, min(ahead))
            hints = [h for h in hints if h != min(ahead)]
        now = state.due
        state = look(state, reading(now), now)
    last = max(at for at in times if at <= now)
    assert now < last + 4
    if skew >= 0:
        assert now >= last + SETTLED - 1e-6
