"""The footer promises: every key that it shows does, on every screen, what its word says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.events import AppBlur
from textual.widgets import Input
from textual.widgets._footer import FooterKey

from core.live.snapshot import JournalView, Snapshot
from core.model.decision import CrashpackRef
from tests.tui.fakes import NOW, FakeReviewing, decision, snapshot
from tests.tui.reviewed import settled, world
from tests.tui.seen import home, seen, toasts
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.candidates import CandidatesScreen
from tui.screens.crashpack import CrashpackScreen
from tui.screens.decision import DecisionDialog
from tui.screens.help import HelpScreen
from tui.screens.journal import JournalScreen
from tui.screens.problems import ProblemsScreen
from tui.screens.raw import RawScreen
from tui.screens.savings import SavingsScreen
from tui.screens.trace import TraceScreen
from tui.widgets.diff import DiffView
from tui.widgets.frame import Keys

Check = Callable[[Any], bool]
"""Whether the key did what the footer says."""


def shows(kind: type[Any]) -> Check:
    return lambda app: isinstance(app.screen, kind)


def asks(kind: str) -> Check:
    return lambda app: isinstance(app.screen, DecisionDialog) and app.screen.case.kind == kind


def tells(text: str) -> Check:
    return lambda app: any(text in told for told in toasts(app))


def stands(text: str) -> Check:
    return lambda app: text in seen(app)


def writing(app: Any) -> bool:
    return app.focused is not None and app.focused.id in ("filter-field", "raw-search", "trace-search")


def paused(app: Any) -> bool:
    return bool(app.standing.paused)


HELP: dict[str, Check] = {"?": shows(HelpScreen)}
DECIDE: dict[str, Check] = {"a": asks("approve"), "r": asks("reject"), "u": asks("revoke")}
MOVE: dict[str, Check] = {"[": tells("the first candidate"), "]": stands("2/3"), "q": shows(CandidatesScreen), **HELP}
SHARED = {**DECIDE, **MOVE}
TABS = ("divergences", "workflow", "promotion")
"""What they share with the overview is pressed there only."""
SCREENS: dict[str, tuple[tuple[str, ...], dict[str, Check]]] = {
    "home": (
        (),
        {
            **DECIDE,
            **HELP,
            "⏎": shows(CandidateScreen),
            "/": writing,
            "T": shows(SavingsScreen),
            "p": shows(ProblemsScreen),
            "s": lambda app: app.screen.state.sort == "status",
            "J": shows(JournalScreen),
            "Space": paused,
            "q": lambda app: not app.is_running or app._exit,
        },
    ),
    "overview": (("enter",), {**DECIDE, **MOVE}),
    "divergences": (
        ("enter", "2"),
        {
            **DECIDE,
            **MOVE,
            "n": lambda app: "/version" in app.screen.query_one(DiffView).place,
            "v": lambda app: app.screen.query_one(DiffView).side_by_side,
            "o": shows(TraceScreen),
            "x": asks("allow"),
        },
    ),
    "workflow": (("enter", "4"), {**DECIDE, **MOVE, "z": lambda app: app.screen.tab._whole}),
    "promotion": (("enter", "6"), {**DECIDE, **MOVE}),
    "totals": (("T",), {"⏎": shows(CandidateScreen), "y": tells("lineage_"), "q": shows(CandidatesScreen), **HELP}),
    "problems": (
        ("p",),
        {
            **HELP,
            "⏎": shows(RawScreen),
            "e": tells("No editor is set"),
            "t": tells("Looking at 1 file again"),
            "y": tells("runs/broken.json"),
            "/": writing,
            "Space": paused,
            "q": shows(CandidatesScreen),
        },
    ),
    "journal": (
        ("J",),
        {
            **HELP,
            "⏎": shows(CandidateScreen),
            "c": shows(CrashpackScreen),
            "/": writing,
            "s": lambda app: app.screen.state.sort != "",
            "Space": paused,
            "q": shows(CandidatesScreen),
        },
    ),
    "raw": (
        ("p", "enter"),
        {
            **HELP,
            "/": writing,
            "n": tells("search"),
            "e": tells("No editor is set"),
            "y": tells("broken.json"),
            "q": shows(ProblemsScreen),
        },
    ),
    "trace": (
        ("o", "down"),
        {
            **HELP,
            "/": writing,
            "o": shows(RawScreen),
            "e": tells("No editor is set"),
            "w": lambda app: app.screen.table.selected.index == 1,
            "q": shows(CandidatesScreen),
        },
    ),
    "trace, searched": (
        ("o", "slash", *"bump", "enter"),
        {
            "/": writing,
            "o": shows(RawScreen),
            "e": tells("No editor is set"),
            "w": lambda app: app.screen.table.selected.index == 1,
            "q": shows(CandidatesScreen),
            **HELP,
        },
    ),
    "trace, searching": (
        ("o", "slash", *"bump"),
        {
            "⏎": lambda app: app.screen.table.selected.action.name == "bump_version",
            "Esc": lambda app: not app.screen.query_one("#trace-search").display,
        },
    ),
    "filter": (
        ("slash", *"risk:h"),
        {
            "⏎": lambda app: app.focused is home(app).table.lines and app.screen.state.filter == "risk:h",
            "Tab": lambda app: app.focused.value == "risk:high",
            "Esc": lambda app: app.focused is home(app).table.lines and not app.screen.state.filter,
        },
    ),
}
"""How each screen is opened from home, and what each key of its footer does."""


@pytest.fixture
def live(tmp_path: Path) -> FakeReviewing:
    """Three candidates with divergences, a file that does not load, and a decision with a crashpack."""
    folder, view = world()
    folder.traces, folder.workspace = tmp_path, tmp_path / "work"
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "broken.json").write_text('{\n"a": 1,\n  oh\n}')
    for run in folder.snapshot.runs.values():
        (tmp_path / run.unit).write_text("{}")
    pack = CrashpackRef(name="candidate_x-001", digest="sha256:" + "a" * 64)
    made = decision(view, "reject", seq=1, reason="not yet", crashpack=pack)
    folder.snapshot = replace(folder.snapshot, journal=JournalView((made,)))
    return folder


def footer(app: Any) -> dict[str, FooterKey]:
    """The keys in the footer that are not dim, as they are written there."""
    return {
        key.key_display: key for key in app.screen.query_one(Keys).query(FooterKey) if not key.has_class("-disabled")
    }


async def reached(app: AssayApp, pilot: Any, keys: tuple[str, ...]) -> None:
    """Home as it is at first, and from there to another screen."""
    while len(app.screen_stack) > 1:
        app.pop_screen()
        await pilot.pause()
    if app.standing.paused:
        app.action_pause()
    shown = home(app)
    shown.bar.clear()
    shown.change(sort="", reverse=False)
    shown.table.lines.focus()
    shown.select(next(view.lineage for view in app.snapshot.candidates if view.label == "version_bump"))
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


@pytest.mark.parametrize("name", SCREENS)
async def test_every_key_of_the_footer_does_what_it_says(live: FakeReviewing, name: str) -> None:
    keys, does = SCREENS[name]
    pressed = {key: holds for key, holds in does.items() if name not in TABS or key not in SHARED or key == "?"}
    app = AssayApp(live, clock=lambda: NOW)
    async with app.run_test(size=(140, 24)) as pilot:
        await settled(pilot)
        here = None
        # What leaves the screen comes last: on the first one it ends the program.
        for shown, holds in sorted(pressed.items(), key=lambda item: item[0] == "q"):
            while here in app.screen_stack and app.screen is not here:  # to open it anew takes many times as long
                app.pop_screen()
                await settled(pilot)
            left = app.screen is not here or set(footer(app)) != set(does)
            if left or isinstance(app.focused, Input) or app.standing.paused:
                await reached(app, pilot, keys)
                here = app.screen
            app.clear_notifications()
            found = footer(app)
            # A key that is shown and not listed here is a promise that nobody looks after.
            assert set(found) == set(does), name
            await pilot.press(found[shown].key)
            await settled(pilot)
            assert holds(app), f"{name}: {shown}\n{seen(app)}"


async def test_who_looks_elsewhere_while_rows_arrive_finds_a_footer_that_is_true() -> None:
    live = FakeReviewing(Snapshot())
    app = AssayApp(live, clock=lambda: NOW)
    async with app.run_test(size=(140, 24)) as pilot:
        await settled(pilot)
        assert "a" not in footer(app)
        app.post_message(AppBlur())
        await settled(pilot)
        live.push(snapshot())
        await settled(pilot)
        assert "a" in footer(app)


async def test_the_footer_is_whole_again_after_the_size_changed_behind_a_dialog(app: AssayApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        before = seen(app).splitlines()[-1]
        await pilot.press("r")
        for size in ((50, 16), (80, 24)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert seen(app).splitlines()[-1] == before
        assert "? Help" in before
