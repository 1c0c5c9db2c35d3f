"""The columns of the home screen say what matters in the room that they have."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.tui import fakes
from tui.views.columns import COLUMNS, Shown, exact


@pytest.mark.parametrize(
    ("passed", "allowed", "failed", "said"),
    [
        (12, 0, 1, "✓12 ✗1"),
        (980, 0, 0, "✓980"),
        (1_740, 0, 80, "✓1.7k ✗80"),
        (1_740, 0, 102, "✓1.7k✗102"),
        (17_400, 0, 1_290, "✓17k✗1k"),
        (12, 3, 0, "✓12≈3"),
        (12, 3, 1, "✓12≈3 ✗1"),
        (1_740, 12, 102, "✓2k≈✗102"),
    ],
)
def test_however_many_runs_agree_how_many_differ_or_agree_by_rule_is_not_cut_off(passed, allowed, failed, said):
    shadow = SimpleNamespace(traces=[1])
    many = SimpleNamespace(candidate=SimpleNamespace(shadow=shadow), passed=passed, allowed=allowed, failed=failed)
    (column,) = (column for column in COLUMNS if column.key == "shadow")
    told = column.cell(SimpleNamespace(view=many), column.least)
    assert told.plain == said


def test_a_lower_bound_is_said_to_be_one():
    view = fakes.view("bump")
    saved = view.candidate.savings.replace(estimated_cost_usd_avoided=0.0041, wall_ms_avoided=0, unknown_cost_calls=1)
    saved = saved.replace(unknown_time_calls=saved.model_calls_avoided)
    view = replace(view, candidate=view.candidate.replace(savings=saved))
    cells = {column.key: column.cell for column in COLUMNS}
    assert [cells[key](Shown(view), 9).plain for key in ("saves", "time")] == ["≥ $0.0041", "unknown"]
    assert cells["saves"](Shown(view), 8).plain == "≥$0.0041", "the sign stays where room is short"
    assert exact(view).startswith("≥ $0.0041, ")
