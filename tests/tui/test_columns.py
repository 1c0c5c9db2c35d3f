"""The columns of the home screen say what matters in the room that they have."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tui.views.columns import COLUMNS


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
