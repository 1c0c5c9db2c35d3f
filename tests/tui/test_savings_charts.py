"""Charts and numbers of savings: exact beside the bars, unknown where nobody recorded, projected with its basis."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.model.candidate import Savings
from core.promotion.projection import projection
from tests.tui import fakes
from tui.views.amounts import ROWS, add, cost, exact_usd, number, tokens_in, told, wall_time
from tui.views.saved import Ledger, savings_lines
from tui.views.saved_time import Point, date, timeline
from tui.widgets.bars import cells, columns, divided

DAY = 86_400.0
START = datetime(2026, 9, 1, 8, tzinfo=UTC).timestamp()
amounts = st.floats(0, 1e9)


def said(lines) -> str:
    return "\n".join(line.content.plain for line in lines)


def drawn(days, amount=0.5, width=100):
    points = [Point(START + DAY * day, amount) for day in days]
    whole = Savings(estimated_cost_usd_avoided=amount * len(points), model_calls_avoided=len(points))
    starts = [datetime.fromtimestamp(point.at, UTC).isoformat() for point in points]
    return list(timeline(points, 0, projection(whole, len(points), starts), "cost", exact_usd, width))


class TestColumns:
    @given(st.lists(amounts, min_size=1, max_size=60), st.integers(1, 12), st.integers(0, 60))
    def test_every_row_is_as_wide_as_there_are_values(self, values, height, observed):
        rows = columns(values, height, observed)
        assert [len(row) for row in rows] == [len(values)] * height

    @given(st.lists(amounts, min_size=1, max_size=30))
    def test_higher_values_are_never_drawn_lower(self, values):
        rows = columns(values, 8, len(values))
        heights = [sum(" ▁▂▃▄▅▆▇█".index(row[place]) for row in rows) for place in range(len(values))]
        for a in range(len(values)):
            for b in range(len(values)):
                if values[a] <= values[b]:
                    assert heights[a] <= heights[b]
        if max(values) > 0:
            assert max(heights) == 64
            assert all(height > 0 for height, value in zip(heights, values, strict=True) if value > 0)

    def test_what_is_projected_has_a_texture_of_its_own(self):
        assert columns([1, 2, 3, 4], 1, 2) == ["▂▄░░"]
        assert columns([0, 0], 2, 1) == ["  ", "  "]
        assert columns([math.inf, 1], 1, 2) == ["  "]


class TestDivided:
    @given(st.lists(amounts, min_size=1, max_size=3), st.integers(1, 80))
    def test_parts_fill_what_they_are_of_the_whole(self, parts, width):
        sizes = cells(parts, math.fsum(parts), width)
        assert all(size >= 0 for size in sizes)
        assert sum(sizes) <= width
        if sum(parts) > 0:
            assert sum(sizes) >= width - 1

    def test_parts_are_told_apart_without_colour(self):
        assert divided([1, 1, 1], 4, 8).plain == "██▒▒░░  "
        assert divided([0, 0, 0], 0, 3).plain == "   "


class TestAmounts:
    def test_what_nobody_recorded_is_unknown_and_not_nothing(self):
        bare = Savings(model_calls_avoided=4, input_tokens_avoided=10, wall_ms_avoided=5)
        assert cost(bare) is None
        assert (tokens_in(bare), wall_time(bare)) == (10, 5)
        assert cost(Savings()) == 0.0, "without calls nothing is unknown"
        counted = Savings(model_calls_avoided=4, unknown_cost_calls=4)
        assert cost(counted) is None
        free = Savings(model_calls_avoided=4, unknown_cost_calls=0)
        assert cost(free) == 0.0, "prices that were recorded as nothing are nothing"

    def test_amounts_are_told_exactly(self):
        assert told(None, exact_usd) == "unknown"
        assert told(0.0372, exact_usd) == "$0.0372"
        assert told(3.2, exact_usd, at_least=True) == "≥ $3.20"
        assert told(math.inf, exact_usd) == "unknown"
        assert [number(n) for n in (1204.0, 3.5, 16_675.7, 0.0)] == ["1,204", "3.5", "16,676", "0"]

    @given(st.permutations([Savings(estimated_cost_usd_avoided=x, unknown_cost_calls=1) for x in (0.1, 0.2, 0.3, 1e9)]))
    def test_sums_do_not_depend_on_the_order(self, parts):
        assert add(parts).estimated_cost_usd_avoided == math.fsum([0.1, 0.2, 0.3, 1e9])
        assert add(parts).unknown_cost_calls == 4
        assert add([Savings()]).unknown_cost_calls is None

    def test_sums_stay_in_range(self):
        most = Savings(model_calls_avoided=2**63 - 1, estimated_cost_usd_avoided=1.7e308)
        assert add([most, most]).model_calls_avoided == 2**63 - 1
        assert math.isfinite(add([most, most]).estimated_cost_usd_avoided)


class TestTimeline:
    def test_observed_and_projected_are_told_in_numbers_with_their_basis(self):
        text = said(drawn(range(5)))
        assert "observed: 5 runs, $2.50" in text
        assert "projected, as far ahead as it was observed: $2.00 more, $4.50 in all" in text
        assert "Projected at the rate of 5 runs that began within 4 days; rates change." in text
        assert "2026-09-01" in text
        assert "2026-09-05" in text
        assert "2026-09-09" in text

    def test_periods_are_as_fine_as_fits_and_empty_ones_are_listed(self):
        text = said(drawn([0, 1, 3]))
        assert "Saved every day" in text
        row = next(line for line in text.splitlines() if line.startswith("  2026-09-03"))
        assert row.endswith("0 runs")
        assert "Saved every week" in said(drawn([0, 30]))
        assert "Saved every hour" in said(drawn([0, 0.3]))
        assert "Saved every 52 weeks" in said(drawn([0, 4000]))

    def test_without_a_rate_nothing_is_projected(self):
        assert "No projection: it takes two runs" in said(drawn([0]))
        assert "░" not in said(drawn([0]))
        assert "No projection" in said(drawn([0, 0.01]))

    def test_without_times_it_says_so(self):
        assert "No run says when it began" in said(timeline([], 3, None, "cost", exact_usd, 80))

    def test_runs_without_a_time_are_counted(self):
        points = [Point(START, 1.0)]
        assert "2 runs without a time are not in it." in said(timeline(points, 2, None, "cost", exact_usd, 80))

    def test_a_time_of_which_nothing_is_known_is_not_told_as_nothing(self):
        points = [Point(START, 1.0), Point(START + DAY, 0.0, known=False, at_least=True)]
        made = projection(Savings(), 2, ["2026-09-01T08:00:00Z", "2026-09-02T08:00:00Z"])
        shown = said(timeline(points, 0, made, "cost", exact_usd, 100))
        assert "observed: 2 runs, ≥ $1.00" in shown
        assert "≥ $0.50 more, ≥ $1.50 in all" in shown
        assert "a lower bound, as some calls record no amount" in " ".join(shown.split())
        last = shown.splitlines()[-1]
        assert last.split()[-3:] == ["unknown", "1", "run"]
        assert "%" not in last

    def test_where_nothing_is_known_nothing_is_drawn(self):
        points = [Point(START, 0.0, known=False, at_least=True)]
        assert "Unknown: no run records it" in said(timeline(points, 0, None, "model calls", number, 100))

    @pytest.mark.parametrize("width", [60, 76, 80, 120, 200])
    def test_nothing_is_wider_than_the_screen(self, width):
        for line in drawn([0, 1, 2, 40], width=width):
            assert cell_len(line.content.plain) <= width, line.content.plain

    def test_absurd_times_are_drawn_all_the_same(self):
        far = said(drawn([0, 2_900_000]))
        assert "later" in far
        assert "Saved every 52 weeks" in far
        assert date(1e18) == "later"

    @given(st.lists(st.tuples(st.floats(0, 4e9), st.floats(0, 1e6)), min_size=1, max_size=20))
    def test_any_points_are_drawn_within_the_width(self, found):
        points = [Point(at, saved) for at, saved in found]
        starts = [datetime.fromtimestamp(at, UTC).isoformat() for at, _ in found]
        whole = Savings(estimated_cost_usd_avoided=math.fsum(s for _, s in found), model_calls_avoided=1)
        made = projection(whole, len(found), starts)
        lines = list(timeline(points, 0, made, "cost", exact_usd, 80))
        assert all(cell_len(line.content.plain) <= 80 for line in lines)


class TestTab:
    def view(self, **changes):
        made = fakes.candidate("version_bump", examples=4)
        return fakes.view("version_bump", made=made.replace(savings=made.savings.replace(**changes)))

    def ledger(self):
        return Ledger(starts={f"trace_{n}": f"2026-09-0{n + 1}T08:00:00Z" for n in range(4)})

    def test_columns_are_dropped_not_clipped(self):
        for width in (60, 76, 78, 120):
            lines = savings_lines(self.view(), self.ledger(), width)
            assert all(cell_len(line.content.plain) <= width for line in lines), width
        assert "in 30 days" in said(savings_lines(self.view(), self.ledger(), 76))
        assert "in 30 days\n" not in said(savings_lines(self.view(), self.ledger(), 60))

    def test_unknown_costs_are_unknown(self):
        text = said(savings_lines(self.view(estimated_cost_usd_avoided=0.0), self.ledger(), 100))
        row = next(line for line in text.splitlines() if line.startswith("  cost"))
        assert row.split() == ["cost", "unknown", "unknown", "unknown"]
        assert "Unknown: no avoided call records it" in text

    def test_partly_unknown_is_a_lower_bound(self):
        text = said(savings_lines(self.view(unknown_cost_calls=3), self.ledger(), 100))
        assert "≥ $2.56" in text
        assert "3 avoided calls of 16 record no price" in text

    def test_without_a_rate_there_is_no_third_column(self):
        text = said(savings_lines(self.view(), Ledger(), 100))
        assert "in 30 days" not in text
        assert "Nothing is projected" in text

    def test_every_row_is_there(self):
        text = said(savings_lines(self.view(tool_ms=4_000), self.ledger(), 100))
        for name, _, _, _ in ROWS:
            assert f"\n  {name} " in text
        assert "calls that remain" in text
        assert "the steps' own" in text

    def test_a_mean_a_sum_and_what_the_rate_brings_stand_side_by_side(self):
        text = said(savings_lines(self.view(remaining_model_calls=6), self.ledger(), 74))
        rows = {row[:20].strip(): row[20:].split() for row in text.splitlines()}
        assert rows["model calls"] == ["4", "16", "~", "120"]
        assert rows["cost"] == ["$0.64", "$2.56", "~", "$19.20"]
        assert rows["calls that remain"] == ["1.5", "6", "~", "45"]
        assert "1 run a day, at the rate of 4 runs that began within 3 days" in text
        weekly = Ledger(starts={f"trace_{n}": f"2026-09-{8 * n + 1:02}T08:00:00Z" for n in range(4)})
        assert "0.875 runs a week" in said(savings_lines(self.view(), weekly, 100))

    def part(self, usd, tokens=1_000, left=0):
        return Savings(
            model_calls_avoided=1,
            input_tokens_avoided=tokens,
            estimated_cost_usd_avoided=usd,
            wall_ms_avoided=2_000,
            remaining_model_calls=left,
        )

    def read(self, *missing):
        """Two of four runs are read, of which the second one saves most."""
        first, second = (self.part(1.0), self.part(0.5)), (self.part(2.0), self.part(4.5, left=1_200))
        return Ledger(
            examples=(("trace_0", first), ("trace_1", second)), missing=missing, total=4, starts=self.ledger().starts
        )

    def test_what_is_not_read_yet_or_cannot_be_is_told(self):
        text = said(savings_lines(self.view(), self.read(("trace_2", "it is gone \x1b[2J")), 100))
        assert "  reading examples: 3 of 4 runs\n" in text
        assert r"  ✗ trace_2: it is gone \e[2J" in text
        done = self.read(("trace_2", "gone"), ("trace_3", "gone"))
        assert "reading examples" not in said(savings_lines(self.view(), done, 100))

    @pytest.mark.parametrize(("width", "tokens", "time"), [(69, False, False), (70, True, False), (90, True, True)])
    def test_steps_and_examples_say_what_they_save_and_their_part_of_it(self, width, tokens, time):
        rows = said(savings_lines(self.view(), self.read(), width)).splitlines()
        steps = rows[rows.index("Saved by each step  bars: cost, all examples") + 1 :][:2]
        examples = rows[rows.index("Share of each example  bars: cost, most first") + 1 :]
        numbers = [row.partition("$")[2].split() for row in (*steps, *examples)]
        known = (["2", "k", "tok"] if tokens else [], ["4", "s"] if time else [])
        each = [word for words in known for word in words]
        assert numbers == [
            ["3.00", "38", "%", *each],
            ["5.00", "62", "%", *each, "1.2", "k", "left"],
            ["6.50", "81", "%", *each, "1.2", "k", "left"],
            ["1.50", "19", "%", *each],
        ]
        assert [row.split()[0] for row in examples] == ["trace_1", "trace_0"]
        bars = [row.count("▇") for row in (*steps, *examples)]
        assert bars[0] < bars[1] == bars[2] > bars[3] > 0
