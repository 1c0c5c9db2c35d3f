"""One run: its actions, its payloads, its search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input

from core.model.trace import Action, Cost, Trace
from core.traces.normalise import normalise
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, base_trace, settled, words, world
from tests.tui.seen import toasts
from tui.screens.trace import TraceScreen
from tui.views.trace import COLUMNS, Window, columns, matches, payloads, rows, summary
from tui.widgets.table import fit

WIDE, NARROW = (160, 45), (80, 24)


def opened(trace_id: str = "trace_6", window: tuple[int, int] | None = (1, 4), **more: Any) -> tuple[Held, Folder]:
    folder, _ = world()
    return Held(folder, TraceScreen(folder, trace_id, window, **more)), folder


def screen_of(app: Held) -> TraceScreen:
    assert isinstance(app.screen, TraceScreen)
    return app.screen


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_matched_window_is_marked(size: tuple[int, int]) -> None:
    app, _ = opened()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        lines = words(app).splitlines()
        marked = {line.split()[0].lstrip("▌") or line.split()[1] for line in lines if "┃" in line}
        assert len([line for line in lines if "┃1" in line and "read_manifest" in line]) == 1
        assert len([line for line in lines if "┃3" in line]) == 1
        assert marked
        assert not any("┃" in line and ("plan" in line or "wrap_up" in line) for line in lines)
        assert "┃ version_bump 2-4" in words(app)
        assert screen_of(app).table.lines.selected == "a:1", "the window's beginning is selected"


async def test_the_window_is_found_where_only_the_sequence_is_known() -> None:
    folder, view = world()
    screen = TraceScreen(folder, "trace_8", None, sequence=view.candidate.sequence_signature, step=2)
    app = Held(folder, screen)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert screen.window == (1, 4)
        assert screen.table.lines.selected == "a:3"


async def test_the_selected_actions_payload_is_shown_and_folds() -> None:
    app, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        screen = screen_of(app)
        await pilot.press("down")
        await settled(pilot)
        assert '"version": "1.3.0"' in screen.payload.text
        await pilot.press("enter")
        assert screen.payload.has_focus
        key = next(k for k in screen.payload.keys if k.startswith("inputs\0fold\0/"))
        screen.payload.select(key)
        await pilot.press("enter")
        await settled(pilot)
        assert "{…} 2 keys" in screen.payload.text
        assert screen.payload.selected == key, "the cursor stays on what was folded"
        await pilot.press("enter")
        await settled(pilot)
        assert "{…} 2 keys" not in screen.payload.text


async def test_a_fold_opens_by_mouse() -> None:
    app, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        screen = screen_of(app)
        lines = screen.payload.text.splitlines()
        at = next(n for n, line in enumerate(lines) if "[…] 5 items" in line)
        await pilot.click(screen.payload, offset=(6, at))
        await settled(pilot)
        assert "1.0" in screen.payload.text
        assert "[…] 5 items" not in screen.payload.text


async def test_search_walks_the_actions_that_match() -> None:
    app, _ = opened()
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        screen = screen_of(app)
        await pilot.press("slash", *"READ", "enter")
        await settled(pilot)
        assert screen.table.lines.selected == "a:1"
        found = [screen.table.lines.selected]
        for _ in range(3):
            await pilot.press("n")
            found.append(screen.table.lines.selected)
        assert found == ["a:1", "a:2", "a:1", "a:2"], "README is a match too, and the search goes around"
        await pilot.press("N")
        assert screen.table.lines.selected == "a:1"
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, TraceScreen), "the first escape leaves the search"


async def test_letters_are_text_while_searching() -> None:
    app, _ = opened()
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        await pilot.press("slash", *"qnyw")
        assert screen_of(app).query_one("#trace-search").value == "qnyw"  # type: ignore[attr-defined]


async def test_a_run_that_cannot_be_read_says_why() -> None:
    app, folder = opened("trace_6")
    del folder.held["trace_6"]
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        assert "trace_6 cannot be read: runs/trace_6.json: no such file" in words(app)
        await pilot.press("down", "enter", "y", "n", "w")
        await settled(pilot)
        assert isinstance(app.screen, TraceScreen)


async def test_a_changed_file_is_read_again_and_the_selection_stays() -> None:
    app, folder = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("down", "down")
        new = base_trace(6)
        actions = (*new.actions, new.actions[0].replace(name="appended"))
        folder.held["trace_6"] = new.replace(actions=actions, source_hash="sha256:" + "6" * 64)
        run = replace(folder.snapshot.runs["trace_6"], source_hash="sha256:" + "6" * 64)
        folder.push(replace(folder.snapshot, runs={**folder.snapshot.runs, "trace_6": run}))
        await settled(pilot)
        assert "appended" in words(app)
        assert screen_of(app).table.lines.selected == "a:3"


async def test_an_id_or_the_value_under_the_cursor_is_copied() -> None:
    app, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        screen = screen_of(app)
        await pilot.press("y", "down", "enter")
        screen.payload.select(next(k for k in screen.payload.keys if k.endswith("\0/version")))
        await pilot.press("y")
        assert app.copied == ["a0", '/version "1.2.0"']


async def test_hostile_payloads_are_spelled_out() -> None:
    app, folder = opened()
    evil = fakes.HOSTILE
    trace = base_trace(6)
    action = trace.actions[1].replace(
        id=evil, kind=evil, name=evil, inputs={evil: evil}, observed_output=evil, metadata={"\0": [evil]}
    )
    folder.held["trace_6"] = trace.replace(id=evil, actions=(action, *trace.actions[1:]))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("home")
        await settled(pilot)
        said = words(app) + screen_of(app).payload.text
        await pilot.press("y", "slash", *"red", "enter")
        await settled(pilot)
        said += words(app) + screen_of(app).payload.text
    assert not any(char in said for char in "\x1b\x07\r\x9b\u202e\0")
    assert "[red]x[/red]" in said


async def test_a_thousand_actions_are_drawn_lazily() -> None:
    app, folder = opened(window=None)
    trace = base_trace(6)
    folder.held["trace_6"] = trace.replace(actions=trace.actions * 400)
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        await pilot.press("end")
        await settled(pilot)
        assert screen_of(app).table.lines.selected == "a:1999"
        assert " 2000 " in words(app)


async def test_a_time_that_an_action_tells_twice_is_shown_once() -> None:
    app, folder = opened()
    run = folder.held["trace_6"]
    twice = [a.replace(cost=a.cost.replace(wall_ms=4_000), duration_ms=4_000) for a in run.actions]
    summed = run.usage.replace(wall_ms=sum(8_000 for _ in twice))
    folder.held["trace_6"] = run.replace(actions=tuple(twice), usage=summed)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "  20 s " in next(line for line in words(app).splitlines() if "tokens" in line)
        assert " 4 s " in next(line for line in words(app).splitlines() if "read_manifest" in line)


def test_the_margins_of_all_windows_have_their_room() -> None:
    run = base_trace(6)
    windows = [Window(str(lane), "one", 0, 3, lane) for lane in range(4)]
    row = rows(run, windows)["a:2"]
    for width in range(20, 90):
        column, given = fit(columns(windows), width)[0]
        assert column.cell(row, given).cell_length <= given
        assert column.cell(row, given).plain == "┃3 ║╎┊"


def test_what_nobody_recorded_is_no_amount() -> None:
    bare = Action(kind="model_call", cost=Cost(model_calls=1))
    run = normalise(Trace(id="bare", actions=(bare, Action(duration_ms=0))))
    assert summary(run).plain == "bare  2 actions  tokens unknown  price unknown  time unknown"
    cells = {column.key: column.cell for column in COLUMNS}
    called, told = rows(run).values()
    assert [cells[name](called, 9).plain for name in ("time", "cost")] == ["—", "—"]
    assert cells["time"](told, 9).plain == "0 s", "it says that it took no time"


def test_only_what_is_shown_is_found() -> None:
    bare = Action(id="a1", kind="tool_call", name="read", parameters={"path": "/src"}, deterministic=True)
    timed = bare.replace(id="a2", cost=Cost(wall_ms=7))
    run = Trace(id="run", actions=(bare, timed))
    found = {
        needle: matches(run, needle) for needle in ("wall", "total_cost", "approval", "null", "action", "metadata")
    }
    assert found == {"wall": (1,), "total_cost": (), "approval": (), "null": (), "action": (), "metadata": ()}
    assert matches(run, "PATH") == matches(run, "tool_") == matches(run, "deterministic") == (0, 1)
    assert dict(payloads(timed))["cost"] == {"wall_ms": 7}
    assert "cost" not in dict(payloads(bare))


def test_an_output_is_left_out_only_where_the_observed_one_is_the_very_same() -> None:
    step = Action(kind="tool_call", name="check", output={"done": 1})
    both = [
        (observed, [title for title, _ in payloads(step.replace(observed_output=observed)) if title != "action"])
        for observed in ({"done": 1}, {"done": True}, {"done": 1.0}, None)
    ]
    assert [titles for _, titles in both] == [
        ["observed_output"],
        ["observed_output", "output"],
        ["observed_output", "output"],
        ["output"],
    ]


async def test_a_run_that_went_away_says_so_until_it_is_back() -> None:
    app, folder = opened()
    whole = folder.snapshot
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        folder.push(replace(whole, runs={key: run for key, run in whole.runs.items() if key != "trace_6"}))
        await settled(pilot)
        assert "trace_6 is shown as it was read: its file is gone" in words(app)
        assert "bump_version" in words(app)
        folder.push(whole)
        await settled(pilot)
        assert "its file is gone" not in words(app)
        assert "trace_6  5 actions" in words(app)


async def test_a_run_that_could_not_be_read_is_read_when_it_is_back() -> None:
    app, folder = opened()
    held = folder.held.pop("trace_6")
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "trace_6 cannot be read" in words(app)
        folder.held["trace_6"] = held
        folder.push(replace(folder.snapshot, loaded=10))
        await settled(pilot)
        assert "cannot be read" not in words(app)
        assert "trace_6  5 actions" in words(app)


async def test_who_writes_goes_on_writing_when_the_run_cannot_be_read_again() -> None:
    app, folder = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("slash", *"pl")
        del folder.held["trace_6"]
        run = replace(folder.snapshot.runs["trace_6"], source_hash="sha256:" + "9" * 64)
        folder.push(replace(folder.snapshot, runs={**folder.snapshot.runs, "trace_6": run}))
        await settled(pilot)
        assert "trace_6 is shown as it was read" in words(app)
        await pilot.press(*"an")
        assert screen_of(app).query_one("#trace-search", Input).value == "plan"


async def test_a_search_holds_for_the_file_as_it_is_now() -> None:
    app, folder = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("slash", *"plan", "enter")
        await settled(pilot)
        assert screen_of(app).table.lines.selected == "a:0"
        before = folder.held["trace_6"]
        moved = before.replace(actions=(*before.actions[1:], before.actions[0]), source_hash="sha256:" + "9" * 64)
        folder.held["trace_6"] = moved
        run = replace(folder.snapshot.runs["trace_6"], source_hash=moved.source_hash)
        folder.push(replace(folder.snapshot, runs={**folder.snapshot.runs, "trace_6": run}))
        await settled(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert screen_of(app).table.lines.selected == "a:4"
        await pilot.press("slash", *"x" * 9, "enter")
        await settled(pilot)
        await pilot.press("n")
        assert "No action matches" in toasts(app)[-1]
