"""What is typed behind the key that opens a dialog, before the dialog is there."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.seen import home
from tui.app import AssayApp
from tui.screens.bulk import BulkDialog
from tui.screens.decision import DecisionDialog
from tui.screens.decision_parts import ReasonInput


@pytest.mark.parametrize(("before", "dialog"), [((), DecisionDialog), (("v", "v"), BulkDialog)])
async def test_a_reason_that_is_typed_at_once_is_whole(app: AssayApp, before: tuple[str, ...], dialog: type) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*before)
        home(app).action_decide("reject")
        for key in "quest":
            app.post_message(events.Key(key, key))
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, dialog)
        assert app.screen.query_one(ReasonInput).value == "quest"
