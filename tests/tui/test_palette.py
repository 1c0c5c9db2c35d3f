"""The command palette where it has nothing to show, or no room to show it, and where somebody types fast."""

from __future__ import annotations

from textual import events
from textual.command import CommandPalette
from textual.pilot import Pilot

from tui.app import AssayApp
from tui.screens.help import HelpScreen
from tui.screens.journal import JournalScreen
from tui.screens.jump import JumpScreen


async def test_paging_through_a_palette_without_room_or_results_is_no_fault(app: AssayApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p", "pageup", "pagedown")
        await pilot.press("c", "pageup", "pagedown", "up", "down")
        await pilot.resize_terminal(80, 2)
        await pilot.press("backspace", "☃", "pageup", "pagedown", "up", "down")
        assert CommandPalette.is_open(app)
        await pilot.press("ctrl+p", "escape")
        assert not CommandPalette.is_open(app)


async def _typed(pilot: Pilot[None], text: str) -> None:
    """Type without waiting for what a key does."""
    for letter in text:
        key = {"\r": "enter", "\b": "backspace"}.get(letter, letter)
        pilot.app.post_message(events.Key(key, letter if letter.isalpha() else None))
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_enter_takes_what_was_typed_before_it(app: AssayApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p")
        await _typed(pilot, "journal\r")
        assert isinstance(app.screen, JournalScreen)


async def test_enter_does_nothing_where_what_was_typed_finds_nothing(app: AssayApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p")
        await _typed(pilot, "zzz\r")
        assert CommandPalette.is_open(app)
        await _typed(pilot, "\b\b\bhelp\r")
        assert isinstance(app.screen, HelpScreen)


async def test_it_has_what_works_everywhere_as_well(app: AssayApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p")
        await _typed(pilot, "jump\r")
        assert isinstance(app.screen, JumpScreen)
        await pilot.press("escape", "ctrl+p")
        await _typed(pilot, "pause\r")
        assert app.standing.paused


async def test_what_is_letters_in_a_filter_is_not_offered_there(app: AssayApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", "ctrl+p")
        await _typed(pilot, "help\r")
        assert CommandPalette.is_open(app)
        await pilot.press("escape", "escape", "ctrl+p")
        await _typed(pilot, "help\r")
        assert isinstance(app.screen, HelpScreen)
