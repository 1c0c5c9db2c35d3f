"""Lists of 100,000 rows and differences of 10,000 lines: first paint, live refresh, and a frame of scrolling."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from core.live.snapshot import JournalView, Problem
from core.model.jsontext import Json
from core.store.config import VARIABLE
from tests.bench.measure import Benchmark, Clock
from tests.tui.fakes import NOW, FakeReviewing, decision, snapshot, trace, view
from tui.app import AssayApp
from tui.screens.journal import JournalScreen
from tui.screens.problems import ProblemsScreen
from tui.screens.trace import TraceScreen
from tui.views.diff import Section, Spot, sections_rows
from tui.widgets.diff import DiffView
from tui.widgets.lines import Lines

ROWS = 100_000
FRAMES = 50
SIZE = (140, 45)


async def until(holds: Callable[[], bool]) -> None:
    """Let the program go on until something holds."""
    while not holds():
        await asyncio.sleep(0)


def draw(app: App[None]) -> None:
    """One frame, in full."""
    app.screen._compositor.render_strips()


def listed(screen: Screen[None], least: int) -> Callable[[], bool]:
    """Whether a screen has laid out its rows."""
    return lambda: any(len(lines.keys) >= least and lines.size.height for lines in screen.query(Lines))


async def measured(clock: Clock, live: FakeReviewing, made: Callable[[], Screen[None]], rows: int) -> None:
    """Open a screen, show it another state, and scroll through it."""
    app = AssayApp(live, clock=lambda: NOW)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        screen = made()
        with clock("open"):
            app.push_screen(screen)
            await until(listed(screen, rows))
            draw(app)
        await pilot.pause()
        lines = screen.query_one(Lines)
        lines.select(lines.keys[rows // 2])
        chosen, top = lines.selected, lines.scroll_offset.y
        with clock("refresh"):
            screen.show(live.snapshot)
            draw(app)
        assert (lines.selected, lines.scroll_offset.y) == (chosen, top)
        await scrolled(clock, app, lines)


async def scrolled(clock: Clock, app: App[None], lines: Widget) -> None:
    """The mean of some frames, each a page on."""
    frames = Clock(now=clock.now)
    lines.scroll_to(y=0, animate=False, force=True)
    with frames("all"):
        for number in range(FRAMES):
            lines.scroll_to(y=number * 40, animate=False, force=True)
            await asyncio.sleep(0)
            draw(app)
    clock.parts["frame"] = frames.parts["all"] / FRAMES


def _run(work: Callable[[Clock], Awaitable[None]]) -> Callable[[Clock, Path], None]:
    def run(clock: Clock, folder: Path) -> None:
        os.environ[VARIABLE] = str(folder)

        async def all_of_it() -> None:
            await work(clock)

        asyncio.run(all_of_it())

    return run


async def problems(clock: Clock) -> None:
    """100,000 quarantined files, of which one more comes."""
    found = tuple(Problem("quarantined", f"runs/{n:06}.json", "invalid JSON", "bad") for n in range(ROWS))
    await measured(clock, FakeReviewing(snapshot(problems=found)), ProblemsScreen, ROWS)


async def journal(clock: Clock) -> None:
    """100,000 decisions."""
    first = decision(view("version_bump", "ready"))
    made = tuple(first.replace(seq=number) for number in range(1, ROWS + 1))
    await measured(clock, FakeReviewing(snapshot(journal=JournalView(made))), JournalScreen, ROWS)


class LongRun(FakeReviewing):
    """One run of 100,000 actions."""

    def __init__(self) -> None:
        super().__init__()
        first = trace("trace_0")
        many = tuple(first.actions[n % 3].replace(id=f"a{n}") for n in range(ROWS))
        self.long = first.replace(actions=many)

    def trace(self, trace_id: str):
        return self.long


async def actions(clock: Clock) -> None:
    """A run of 100,000 actions, which is read in the background."""
    live = LongRun()
    await measured(clock, live, lambda: TraceScreen(live, "trace_0", (1, 4)), ROWS)


class Differing(App[None]):
    """A difference on a screen of its own."""

    def compose(self):
        yield DiffView(id="diff")


def _value(lines: int, changed: bool) -> Json:
    rows: list[Json] = []
    for number in range(lines // 4):
        odd = changed and number % 7 == 0
        rows.append({"id": number, "text": f"row {number} {'was changed here' if odd else 'is as it was'}"})
    return {"rows": rows, "log": "\n".join(f"line {n}" for n in range(200))}


async def difference(clock: Clock) -> None:
    """A value of 10,000 lines with hundreds of changes."""
    left, right = _value(10_000, False), _value(10_000, True)
    spots = tuple(Spot(f"/rows/{n}/text", "values differ") for n in range(0, 2_500, 7))
    app = Differing()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        view_ = app.query_one(DiffView)
        with clock("open"):
            view_.show_sections(sections_rows((Section("1:output", "output", left, right, spots),)), "a", "b")
            draw(app)
        await pilot.pause()
        await scrolled(clock, app, view_)
        began = Clock(now=clock.now)
        with began("step"):
            for _ in range(20):
                view_.step(1)
                draw(app)
        clock.parts["next"] = began.parts["step"] / 20


FRAME = 0.020
"""Seconds that a frame of scrolling may take; with fewer than 50 a second it is seen to stutter."""


def _screen(name: str, what: str, work: Callable[[Clock], Awaitable[None]], **limits: float) -> Benchmark:
    return Benchmark(f"screen-{name}", what, _run(work), limits={"frame": FRAME, **limits}, processor=True)


BENCHMARKS = (
    _screen("problems", "100,000 problems: open, live refresh, one frame", problems, open=0.2),
    _screen("journal", "100,000 decisions: open, live refresh, one frame", journal, open=0.2),
    _screen("trace", "a run of 100,000 actions: open, one frame", actions, open=0.2),
    _screen("diff", "a difference of 10,000 lines: open, one frame, next one", difference, open=0.3),
)
