"""Which runs differ, and how."""

from __future__ import annotations

from dataclasses import replace

from core.live.snapshot import CandidateView
from core.model.trace import ReplayRun
from tests.tui.reviewed import Folder, Held, base_trace, changed, settled, words, world
from tui.screens.candidate import CandidateScreen
from tui.screens.trace import TraceScreen
from tui.widgets.diff import DiffView
from tui.widgets.lines import Lines

WIDE, NARROW = (160, 45), (80, 24)
TABS = ("overview", "divergences", "savings", "workflow", "evidence", "promotion")


def opened(given: tuple[Folder, CandidateView] | None = None) -> tuple[Held, Folder, CandidateView]:
    folder, view = given or world()
    return Held(folder, CandidateScreen(folder, view.lineage)), folder, view


async def test_divergences_are_grouped_by_where_the_runs_differ() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        said = words(app)
        assert "✗ 2 runs differ: step 2 /log, step 2 /version" in said
        assert "✗ 1 run differs: step 2 side effects /0/target" in said
        assert "✓ 6 runs agree" in said
        rows = [key for key in app.screen.query_one("#runs", Lines).keys if key.startswith("r:")]
        assert rows[:3] == ["r:trace_6", "r:trace_7", "r:trace_8"]


async def test_what_tells_the_sides_apart_stays_in_view_in_a_narrower_terminal() -> None:
    app, _, _ = opened()
    async with app.run_test(size=(200, 45)) as pilot:
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("n")
        await pilot.resize_terminal(120, 23)
        await settled(pilot)
        said = words(app)
        assert "- expected, from trace_0" in said, "two lines now, where one was"
        assert "+ observed, in trace_6" in said


async def test_a_difference_is_shown_with_its_pointer_and_its_sources() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        said = words(app)
        for part in (
            "expected, from trace_0 and 3 other examples",
            "observed, in trace_6",
            "step 2 · file_mutation bump_version · output  2 differences",
            "◆ /log",
            "◆ /version",
            "25 unchanged lines",
        ):
            assert part in said, part
        line = next(line for line in said.splitlines() if '"version": "1.2.0"' in line)
        assert '"version": "1.3.0"' in line, "wide enough for both sides"
        await pilot.press("v")
        await settled(pilot)
        said = words(app)
        assert '"version": "1.3.0"' not in next(line for line in said.splitlines() if '"version": "1.2.0"' in line)


async def test_narrow_screens_show_one_side_below_the_other() -> None:
    app, _, _ = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff = app.screen.query_one(DiffView)
        assert not diff.side_by_side
        lines = diff.text.splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith('-   "version": "1.2.0"'))
        assert lines[at + 1].startswith('+   "version": "1.3.0"')
        await pilot.press("v")
        await settled(pilot)
        assert diff.side_by_side


async def test_next_walks_all_differences_and_then_the_next_run() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff, runs = app.screen.query_one(DiffView), app.screen.query_one("#runs", Lines)
        seen = [(runs.selected, diff.place)]
        for _ in range(4):
            await pilot.press("n")
            await settled(pilot)
            seen.append((runs.selected, diff.place))
        assert seen == [
            ("r:trace_6", "/log"),
            ("r:trace_6", "/version"),
            ("r:trace_7", "/log"),
            ("r:trace_7", "/version"),
            ("r:trace_8", "/0/target"),
        ]
        await pilot.press("n")
        await settled(pilot)
        assert (runs.selected, diff.place) == ("r:trace_8", "/0/target")
        await pilot.press("N")
        await settled(pilot)
        assert (runs.selected, diff.place) == ("r:trace_7", "/version")


async def test_what_the_oracle_reports_first_is_marked() -> None:
    folder, view = world()
    receipts = [{"id": "r1", "version": "1.2.0", "tag": "v1.2.0"}]
    trace = base_trace(6).replace(
        replay_run=ReplayRun(run_id="x", effect_receipts=({"id": "r1", "version": "1.3.0", "tag": "v1.3.0"},))
    )
    folder.held["trace_6"] = trace
    made = view.candidate.replace(expected_receipts=tuple(receipts))
    folder.snapshot = changed(folder, replace(view, candidate=made))
    app, _, _ = opened((folder, view))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff = app.screen.query_one(DiffView)
        marked = [line for line in diff.text.splitlines() if "first one the replay oracle reports" in line]
        assert marked == ["◆ /effect_receipts/0/tag  first one the replay oracle reports"]
        assert diff.place == "/effect_receipts/0/tag", "the reader starts there"
        assert "◆ /effect_receipts/0/version" in diff.text
        assert "◆ /version" in diff.text


async def test_a_fold_opens_with_enter() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff = app.screen.query_one(DiffView)
        diff.focus()
        assert "crate_3" not in diff.text
        assert diff.select(next(key for key in diff.keys if key.startswith("#")))
        await pilot.press("enter")
        await settled(pilot)
        assert "crate_3" in diff.text
        assert isinstance(app.screen, CandidateScreen), "Enter on a fold opens no run"


async def test_a_vanished_run_is_told_and_the_others_still_work() -> None:
    app, folder, _ = opened()
    del folder.held["trace_6"]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        assert "This run cannot be read: runs/trace_6.json: no such file" in words(app)
        app.screen.query_one("#runs", Lines).select("r:trace_7")
        await settled(pilot)
        assert "◆ /version" in words(app)


async def test_a_run_that_agrees_says_so() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        app.screen.query_one("#runs", Lines).select("r:trace_0")
        await settled(pilot)
        assert "Nothing differs: the run did what every step says." in words(app)


async def test_the_raw_run_opens_at_the_action_that_differs() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("o")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, TraceScreen)
        assert screen.trace_id == "trace_6"
        assert screen.window == (1, 4)
        assert screen.table.lines.selected == "a:2"
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)


async def test_the_pointer_under_the_cursor_is_copied() -> None:
    app, _, view = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("y", "2")
        await settled(pilot)
        app.screen.query_one(DiffView).focus()
        await pilot.press("n", "y")
        assert app.copied == [view.lineage, "/version"]


async def test_the_editor_gets_the_run_whose_difference_is_read() -> None:
    app, folder, _ = opened()
    edited: list[str] = []
    app.edit = lambda unit, place="": edited.append(unit)  # type: ignore[method-assign]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        app.screen.query_one("#runs", Lines).select("r:trace_8")
        await settled(pilot)
        app.screen.query_one(DiffView).focus()
        await pilot.press("n", "e")
    assert edited == [folder.snapshot.runs["trace_8"].unit]
