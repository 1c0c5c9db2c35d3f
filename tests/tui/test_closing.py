"""Keys and clicks that are on their way while a screen is closed."""

from __future__ import annotations

from textual import events

from tui.app import AssayApp
from tui.screens.help import HelpScreen
from tui.screens.jump import JumpScreen


def standing(app: AssayApp) -> list[str]:
    return [type(screen).__name__ for screen in app.screen_stack]


async def test_a_letter_behind_the_one_that_ended_a_jump_leaves_what_is_below_as_it_is(app: AssayApp) -> None:
    async with app.run_test() as pilot:
        await pilot.press("enter")
        before = standing(app)
        app.push_screen(jump := JumpScreen([]))
        await pilot.pause()
        for letter in "xyz":
            jump.post_message(events.Key(letter, letter))
        await pilot.pause()
        assert standing(app) == before
        assert before == ["CandidatesScreen", "CandidateScreen"]


async def test_what_is_closed_takes_along_what_stands_above_it_and_nothing_else(app: AssayApp) -> None:
    said: list[None] = []
    async with app.run_test() as pilot:
        await pilot.press("enter")
        below = HelpScreen(app.screen)
        app.push_screen(below, said.append)
        await pilot.pause()
        await app.push_screen(HelpScreen(below))
        below.dismiss()
        await pilot.pause()
        below.dismiss()
        await pilot.pause()
        assert (standing(app), said) == (["CandidatesScreen", "CandidateScreen"], [None])
