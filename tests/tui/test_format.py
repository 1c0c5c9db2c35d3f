from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.shares import digits, interval, percent
from core.model.text import plural
from tui import format as say


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"),
        (980, "980"),
        (1_000, "1 k"),
        (12_400, "12.4 k"),
        (99_960, "100 k"),
        (999_960, "1 M"),
        (3_100_000, "3.1 M"),
        (-12_400, "-12.4 k"),
        (2e9, "2 G"),
    ],
)
def test_short_keeps_the_leading_digits(number, said):
    assert say.short(number) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (0, "$0.00"),
        (3.2, "$3.20"),
        (1204, "$1,204.00"),
        (0.0042, "$0.0042"),
        (0.004, "$0.004"),
        (0.00001, "<$0.0001"),
        (-3.2, "-$3.20"),
    ],
)
def test_usd_never_rounds_a_small_amount_to_nothing(amount, said):
    assert say.usd(amount) == said


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0 s"),
        (0.4, "<1 ms"),
        (850, "850 ms"),
        (999.7, "1 s"),
        (1_500, "1.5 s"),
        (12_000, "12 s"),
        (59_999, "1 min"),
        (252_000, "4 min 12 s"),
        (3_599_999, "1 h"),
        (7_500_000, "2 h 5 min"),
        (273_600_000, "3 d 4 h"),
        (86_400_000 + 60_000, "1 d"),
        (-252_000, "-4 min 12 s"),
    ],
)
def test_durations_carry_over_and_show_two_units(milliseconds, said):
    assert say.duration(milliseconds) == said


@given(st.integers(0, 10**12))
def test_a_duration_reads_back_within_one_in_twenty(milliseconds):
    scale = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
    words = say.duration(milliseconds).replace(",", "").split()
    total = sum(float(n) * scale[unit] for n, unit in zip(words[::2], words[1::2], strict=True))
    assert abs(total - milliseconds) <= max(0.05 * milliseconds, 0.5)


@given(st.floats(min_value=-1e12, max_value=1e12))
def test_short_is_short(number):
    assert len(say.short(number).lstrip("-").replace(" ", "")) <= 6


def test_ages_and_moments():
    assert [say.age(s) for s in (0.4, 12, 240, 10_800, 172_800)] == ["now", "12 s", "4 min", "3 h", "2 d"]
    assert say.ago(0) == "just now"
    assert say.moment("2026-09-21T13:33:20Z") == 1_789_997_600.0
    assert say.moment("2026-09-21T13:33:20") == 1_789_997_600.0
    assert say.since("2026-09-21T13:33:20Z", 1_789_997_600.0 + 300) == "5 min ago"
    assert say.since("yesterday", 0) == "yesterday"
    assert say.since("2026-09-21T13:33:20Z", 0) == "2026-09-21T13:33:20Z"


def test_shares_are_exact_at_their_ends():
    assert [percent(x) for x in (0, 0.0001, 0.5, 0.9999, 1)] == ["0 %", "1 %", "50 %", "99 %", "100 %"]
    assert say.bar(0.999, 5) == "▮▮▮▮▯"
    assert say.bar(1, 5) == "▮▮▮▮▮"
    assert say.bar(7, 3) == "▮▮▮"


def test_bounds_are_rounded_outwards():
    assert interval(0.9956, 0.9978) == "0.99 and 1.00"
    assert interval(0.8, 0.9) == "0.80 and 0.90"


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (0.00001234, "0.0000123"), (0.792, "0.792"), (720, "720"), (999.9, "1,000"), (20_454.04, "20,454")],
)
def test_three_digits_never_need_a_power_of_ten(number, said):
    assert digits(number) == said


def test_counts_sizes_and_plurals():
    assert say.count(1204) == "1,204"
    assert plural(1, "run") == "1 run"
    assert plural(1204, "run") == "1,204 runs"
    assert plural(2, "copy", "copies") == "2 copies"
    assert [say.size(n) for n in (812, 12_400, 3_100_000)] == ["812 B", "12.4 kB", "3.1 MB"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-09-01T08:00:00Z", "2026-09-01 08:00:00Z"),
        ("2026-09-01T08:00:00.999Z", "2026-09-01 08:00:00Z"),
        ("2026-09-01T01:30:00+02:00", "2026-08-31 23:30:00Z"),
        ("2026-09-01T08:00:00", "2026-09-01 08:00:00Z"),
        ("1788249600", "2026-09-01 08:00:00Z"),
        ("yesterday", "yesterday"),
        ("1e300", "1e300"),
    ],
)
def test_an_instant_is_told_to_the_second_in_one_zone(text, said):
    assert say.instant(text) == said
