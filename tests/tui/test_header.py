"""The lines at the top of every screen: nothing that comes and goes moves what is below them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.live.snapshot import Activity, Snapshot
from tui.standing import Standing
from tui.views.header import header

WATCHING = Activity(phase="watching", watching="events")


def told(width, unranked, traces="some/where/in/a/folder/runs", quarantined=3, reviewer="alexandra", excluded=0):
    shown = replace(Snapshot(), loaded=10_001, quarantined=quarantined, excluded=excluded, unranked=unranked)
    return header(Standing(traces, "w", reviewer, shown, WATCHING), width).plain.splitlines()


@pytest.mark.parametrize("width", range(40, 161))
def test_runs_that_are_not_ranked_take_no_line_of_their_own(width):
    assert len(told(width, 1)) <= len(told(width, 0)) + (width < 60)
    assert any("1 run not ranked" in line or "1 not ranked" in line for line in told(width, 1))


@pytest.mark.parametrize("width", range(70, 161))
def test_a_long_reviewer_is_cut_rather_than_put_on_a_line_of_their_own_for_a_moment(width):
    long = {"traces": "/home/alexandra/agents/traces", "reviewer": f"{'alexandra' * 5}@example.com", "excluded": 1}
    before, after = told(width, 0, **long), told(width, 1, **long)
    assert len(after) <= len(before)
    assert long["reviewer"] in before[-1]
    assert "as alexandra" in after[-1]


def test_where_there_is_room_they_are_told_in_full():
    assert "● live, 1 run not ranked yet" in told(160, 1)[0]
    assert "● live, 1,204 runs not ranked yet" in told(160, 1204)[0]
