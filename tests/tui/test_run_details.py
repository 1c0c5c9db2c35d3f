"""What the evidence tab tells of the selected run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from core.model.candidate import Divergence, OracleReport, RunCounts
from core.model.trace import Usage
from tests.tui import fakes
from tests.tui.reviewed import Held, settled, words, world
from tui.screens.candidate import CandidateScreen
from tui.views.run_details import run_lines
from tui.views.runs import COLUMNS, Evidence, evidence


def rows(view, snapshot):
    return {key: row for section in evidence(view, snapshot) for key, row in section.rows.items()}


def said(view, row, width=90):
    return " ".join(" ".join(line.content.plain.split()) for line in run_lines(view, row, width))


def test_an_example_tells_where_it_matches_and_what_it_cost():
    view, shown = fakes.view(), fakes.snapshot()
    text = said(view, rows(view, shown)["r:trace_0"])
    assert "example: mined, and compared; actions 1 to 3 of 3 match" in text
    assert "✓ agrees" in text
    assert f"sha256:{0:064x}" in text
    assert "runs/t000.json" in text
    assert "2026-09-01T08:00:00Z" in text
    assert "$0.80, 5 model calls, 3,000 tokens in, 400 out, 1 min" in text


def test_a_run_that_differs_tells_why():
    view, shown = fakes.view("bump", "blocked"), fakes.snapshot()
    row = next(row for row in rows(view, shown).values() if row.result and not row.result.passed)
    text = said(view, row)
    assert "✗ differs" in text
    assert all(" ".join(detail.split()) in text for detail in row.result.details)


def test_the_replay_oracle_is_told_with_its_first_difference():
    view, shown = fakes.view("bump", "blocked"), fakes.snapshot()
    row = rows(view, shown)["r:trace_0"]
    report = OracleReport(
        name="receipts",
        passed=False,
        first_run_counts=RunCounts(effect_receipts=2, llm_interactions=1),
        second_run_counts=RunCounts(effect_receipts=2),
        divergence=Divergence(path="/effect_receipts/0/id", left={"a": 1}, right={"a": 2}, message="differs"),
    )
    text = said(view, replace(row, result=row.result.replace(replay_oracle=report)))
    assert "receipts: expects a match, not as expected" in text
    assert "1 / 0 llm interactions, 2 effect receipts" in text or "2 effect receipts" in text
    assert '/effect_receipts/0/id differs - {"a":1} + {"a":2}' in text


def test_a_run_that_is_gone_or_not_compared_is_told():
    view, shown = fakes.view(), fakes.snapshot()
    row = rows(view, shown)["r:trace_0"]
    text = said(view, replace(row, run=None, result=None))
    assert "not among the runs that are compared now" in text
    assert "gone: it was removed" in text
    assert "Select a run" in said(view, None)


def test_rules_by_which_it_agrees_are_told():
    view, shown = fakes.view(), fakes.snapshot()
    row = rows(view, shown)["r:trace_0"]
    text = said(view, replace(row, result=row.result.replace(allowed=("#3 step 2 /version",))))
    assert "≈ by rule" in text
    assert "#3 step 2 /version" in text


def test_a_price_that_no_call_records_is_unknown():
    view, shown = fakes.view(), fakes.snapshot()
    row = rows(view, shown)["r:trace_0"]
    row = replace(row, run=replace(row.run, usage=Usage(model_calls=3)))
    assert "price unknown, 3 model calls" in said(view, row)
    cost = next(column for column in COLUMNS if column.key == "cost")
    assert cost.cell(row, 10).plain == "unknown"
    assert cost.cell(replace(row, run=replace(row.run, usage=Usage())), 10).plain == "$0.00"


@pytest.mark.parametrize("width", [40, 77, 120])
def test_hostile_text_fits_and_is_spelled_out(width):
    view, shown = fakes.view(), fakes.snapshot()
    row = rows(view, shown)["r:trace_0"]
    row = replace(
        row,
        trace_id=fakes.HOSTILE,
        result=row.result.replace(passed=False, details=(fakes.HOSTILE * 5,)),
        run=replace(row.run, unit=fakes.HOSTILE, started_at=fakes.HOSTILE),
    )
    for line in run_lines(view, row, width):
        assert cell_len(line.content.plain) <= width
        assert not any(char in line.content.plain for char in "\x1b\x07\r\x9b\u202e")


@pytest.mark.parametrize("size", [(170, 40), (80, 24)])
async def test_the_details_follow_the_selection(size):
    folder, view = world()
    app = Held(folder, CandidateScreen(folder, view.lineage))
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await settled(pilot)
        tab = app.screen.query_one("#evidence")
        assert tab.details.text.startswith("trace_0")
        await pilot.press("down")
        await settled(pilot)
        assert tab.details.text.startswith("trace_1")
        assert "role" in words(app)


def test_runs_are_in_the_order_in_which_they_began_whatever_zone_they_tell():
    column = next(column for column in COLUMNS if column.key == "started")
    row = rows(fakes.view(), fakes.snapshot())["r:trace_0"]
    told = ["2026-09-01T08:00:00Z", "2026-09-01T09:30:00+02:00", None, "2026-09-01T08:00:00.5Z"]
    found = [replace(row, run=replace(row.run, started_at=time)) for time in told]
    assert [one.run.started_at for one in sorted(found, key=column.order)] == [told[2], told[1], told[0], told[3]]
    assert column.cell(found[1], column.least).plain == "2026-09-01 07:30:00Z"


def test_runs_are_sorted_by_what_stands_in_the_column():
    run = next(iter(fakes.snapshot().runs.values()))
    said = (("a", "2", "2026-01-02T00:30:00+02:00"), ("b", "1", "2026-01-01T23:00:00Z"), ("c", "3", None))
    rows = [Evidence(one, f"sha256:{sha}", None, replace(run, started_at=began)) for one, sha, began in said]
    order = {column.key: column.order for column in COLUMNS}
    assert [row.trace_id for row in sorted(rows, key=order["hash"])] == ["b", "a", "c"]
    assert [row.trace_id for row in sorted(rows, key=order["started"])] == ["c", "a", "b"]
