"""What is pasted into a field is there in full, in one line."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from tests.tui.reviewed import Held, good_world, settled
from tui.pasting import one_line
from tui.screens.decision import DecisionDialog


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a reason", "a reason"),
        (" as it is \n", " as it is "),
        ("all runs read\r\n\n  two differ\nby rule", "all runs read two differ by rule"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_lines_are_joined(text, line):
    assert one_line(text) == line


async def test_no_line_of_what_is_pasted_is_lost(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash")
        app.post_message(events.Paste("risk:high\nstatus:drifted\n"))
        await pilot.pause()
        assert app.screen.query_one(Input).value == "risk:high status:drifted"


async def test_nor_in_a_dialog_nor_of_what_was_copied_here():
    folder, view = good_world()
    app = Held(folder, DecisionDialog(folder, view, "reject"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        field = app.screen.query_one("#reason", Input)
        field.focus()
        await pilot.pause()
        app.post_message(events.Paste("first\nsecond"))
        await pilot.pause()
        assert field.value == "first second"
        app.copy_to_clipboard(", third\nfourth")
        await pilot.press("ctrl+v")
        assert field.value == "first second, third fourth"
