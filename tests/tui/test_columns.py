"""The columns of the home screen say what matters in the room that they have."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tui.views.columns import COLUMNS


@pytest.mark.parametrize(
    ("passed", "failed", "said"),
    [
        (12, 1, "✓12 ✗1"),
        (980, 0, "✓980"),
        (1_740, 80, "✓1.7k ✗80"),
        (1_740, 102, "✓1.7k✗102"),
        (17_400, 1_290, "✓17k✗1k"),
    ],
)
def test_however_many_runs_agree_how_many_differ_is_not_cut_off(passed, failed, said):
    many = SimpleNamespace(candidate=SimpleNamespace(shadow=SimpleNamespace(traces=[1])), passed=passed, failed=failed)
    (column,) = (column for column in COLUMNS if column.key == "shadow")
    told = column.cell(SimpleNamespace(view=many), column.least)
    assert told.plain == said
