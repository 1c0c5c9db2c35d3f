"""The command palette where it has nothing to show, or no room to show it."""

from __future__ import annotations

from textual.command import CommandPalette

from tui.app import AssayApp


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
