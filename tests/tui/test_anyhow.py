"""Keys, clicks and sizes in any order: no screen ever fails (tests let no failure of one pass)."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual.keys import key_to_character

from tests.tui import fakes
from tests.tui.reviewed import settled, world
from tests.tui.test_ways import live_app
from tui.actions import ACTS
from tui.app import AssayApp

SEEDS = (2, 3, 8)
"""Among them two that came upon faults."""
STEPS = 80
SIZES = [(80, 24), (160, 50), (100, 30), (40, 10), (20, 5), (3, 2), (300, 3)]
WRITTEN = ["a", "r", "é", "slash", "full_stop", "greater_than_sign", "quotation_mark", "space", "enter", "backspace"]
KEYS = sorted({key for act in ACTS for key in act.keys.split(",")} - {"ctrl+c", "ctrl+q"} | {"tab", "shift+tab"})
WAYS = [
    ("J", "enter"),
    ("enter", "2", "enter"),
    ("a", "ctrl+s"),
    ("r", "n", "o", "ctrl+s"),
    ("ctrl+p", "pageup"),
    ("E",),
]
"""What few would come upon by single keys."""


def typed_ahead(app: AssayApp, keys: list[str]) -> None:
    """Press keys one after the other, none of which waits for what the one before does."""
    for key in keys:
        if key not in ("q", "escape"):
            app.post_message(events.Key(key, key_to_character(key)))


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_is_pressed_no_screen_fails(seed: int) -> None:
    chance = random.Random(seed)
    folder, view = world()
    app = live_app(folder)
    async with app.run_test(size=SIZES[0]) as pilot:
        await settled(pilot)
        for _ in range(STEPS):
            what = chance.random()
            if what < 0.7:
                keys = [chance.choice(KEYS)]
            elif what < 0.8:
                keys = list(chance.choice(WAYS))
            else:
                keys = chance.choices(WRITTEN, k=3)
            if what > 0.9 and len(app.screen_stack) > 1:
                typed_ahead(app, chance.choices(KEYS, k=6))
                await settled(pilot)
            if len(app.screen_stack) > 1:  # on the first screen these would end it
                await pilot.press(*keys)
            else:
                await pilot.press(*(key for key in keys if key not in ("q", "escape")))
            if what > 0.97:
                await pilot.resize_terminal(*chance.choice(SIZES))
            elif what > 0.94:
                await pilot.click(offset=(chance.randrange(app.size.width), chance.randrange(app.size.height)))
            elif what > 0.9:
                folder.push(fakes.snapshot(*chance.sample([view, fakes.view("triage_issue"), fakes.view("x")], k=2)))
        assert app.is_running
