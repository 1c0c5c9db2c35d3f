"""Keys that come faster than they are worked on."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.seen import home
from tui.app import AssayApp
from tui.screens.bulk import BulkDialog
from tui.screens.decision import DecisionDialog
from tui.screens.decision_parts import ReasonInput
from tui.screens.help import HelpScreen
from tui.screens.journal import JournalScreen


async def typed(pilot: Pilot[None], keys: Iterable[str]) -> None:
    """Type without waiting for what a key does, then for all of them."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
    for _ in range(20 * len([*keys])):
        await pilot.pause()


@pytest.mark.parametrize(("before", "dialog"), [((), DecisionDialog), (("v", "v"), BulkDialog)])
async def test_a_reason_typed_behind_the_key_that_asks_for_it_is_whole(
    app: AssayApp, before: tuple[str, ...], dialog: type
) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*before)
        await typed(pilot, [*"rquxtion", "backspace", "backspace", *"rn", "left", *"e"])
        assert isinstance(app.screen, dialog)
        assert app.screen.query_one(ReasonInput).value == "quxtiren"


async def test_a_reason_typed_behind_a_click_is_whole(app: AssayApp) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        home(app).action_decide("reject")
        await typed(pilot, "quest")
        assert app.screen.query_one(ReasonInput).value == "quest"


async def test_a_filter_typed_behind_its_key_is_whole_and_does_nothing_else(app: AssayApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await typed(pilot, ["slash", *"rjq", "backspace", *"a"])
        assert app.screen is home(app)
        assert home(app).query_one(Input).value == "rja"


async def test_keys_act_on_the_screen_that_those_before_them_opened(app: AssayApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await typed(pilot, ["J", "question_mark"])
        assert [type(screen) for screen in app.screen_stack[1:]] == [JournalScreen, HelpScreen]
        await typed(pilot, "qq")
        assert app.screen is home(app)


async def test_what_is_pasted_waits_for_its_turn(app: AssayApp) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        app.post_message(events.Key("r", "r"))
        app.post_message(events.Paste("not what\nwe want"))
        await typed(pilot, "!")
        assert app.screen.query_one(ReasonInput).value == "not what we want!"
