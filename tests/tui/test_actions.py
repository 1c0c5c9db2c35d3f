"""The one list of keys: no clashes, nothing undocumented, and every key of every screen does something sane."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.screen import ModalScreen

from tests.tui.fakes import NOW, FakeReviewing
from tests.tui.reviewed import settled, world
from tests.tui.seen import seen
from tui.actions import ACTS, bindings
from tui.app import AssayApp
from tui.palette import Everything
from tui.screens.help import acts_here, shown_key

STACKED = {
    "candidates": ("everywhere", "list"),
    "problems": ("everywhere", "list"),
    "journal": ("everywhere", "list"),
    "raw": ("everywhere", "list"),
    "trace": ("everywhere", "list"),
    "crashpack": ("everywhere", "list"),
    "candidate": ("everywhere", "list", "divergences", "workflow", "promotion"),
}
"""Which places work at the same time as one."""
KEEPS_ITS_OWN = {
    ("candidates", "q"),
    ("candidate", "escape"),
    ("candidate", "o"),
    ("divergences", "x"),
    ("promotion", "x"),
}
OPENS = {
    "candidates": (),
    "problems": ("p",),
    "journal": ("J",),
    "raw": ("p", "enter"),
    "overview": ("enter", "1"),
    "divergences": ("enter", "2"),
    "savings": ("enter", "3"),
    "workflow": ("enter", "4"),
    "evidence": ("enter", "5"),
    "promotion": ("enter", "6"),
    "trace": ("o",),
    "help": ("question_mark",),
    "approve": ("a",),
    "reject": ("r",),
    "bulk": ("v", "r"),
    "jump": ("f",),
    "export": ("E",),
}
"""How each screen is opened from home."""
TABS = ("overview", "divergences", "savings", "workflow", "evidence", "promotion")
"""They share most keys: those are pressed on the first one only."""
QUITS = {"ctrl+q", "ctrl+c", "q"}


@pytest.fixture
def live(tmp_path) -> FakeReviewing:
    folder, _ = world()
    folder.traces = tmp_path
    folder.workspace = tmp_path / "work"
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "broken.json").write_text('{\n"a": 1,\n  oh\n}')
    return folder


def keys_of(act):
    return act.keys.split(",")


def test_no_two_actions_of_one_place_share_a_key():
    for place in {act.where for act in ACTS}:
        counted = Counter(key for act in ACTS if act.where == place for key in keys_of(act))
        assert [key for key, times in counted.items() if times > 1] == [], place


@pytest.mark.parametrize("place", STACKED)
def test_places_that_work_together_do_not_take_keys_from_each_other(place):
    own = {key: act for act in ACTS if act.where == place for key in keys_of(act)}
    for other in STACKED[place]:
        for act in (act for act in ACTS if act.where == other):
            shared = [key for key in keys_of(act) if key in own and (place, key) not in KEEPS_ITS_OWN]
            assert not shared, f"{place} and {other} share {shared}"


def test_every_action_is_explained():
    for act in ACTS:
        assert act.label, act
        assert act.help.endswith("."), act
        assert act.help[0].isupper() or act.help.startswith("`"), act
        assert bindings(act.where)


async def reset(app, pilot):
    """Home, without marks or filter."""
    for _ in range(12):
        if len(app.screen_stack) == 1:
            break
        app.pop_screen()
        await pilot.pause()
    home = app.screen
    home.table.lines.marked = frozenset()
    home.bar.clear()
    home.table.lines.focus()
    home.table.folded = frozenset()
    home.change(folded=(), sort="", reverse=False)
    home.table.lines.select(next(v.lineage for v in app.snapshot.candidates if v.label == "version_bump"))
    if app.standing.paused:
        app.action_pause()
    await pilot.pause()


async def opened(app, pilot, name):
    await reset(app, pilot)
    for key in OPENS[name]:
        await pilot.press(key)
        await settled(pilot)


async def back(app, pilot, screen):
    """Take away what stands above a screen; whether it was there. To open it anew takes many times as long."""
    if screen not in app.screen_stack:
        return False
    while app.screen is not screen:
        app.pop_screen()
        await pilot.pause()
    return True


@pytest.mark.parametrize("name", OPENS)
async def test_every_key_of_every_screen_is_safe_to_press(live, name):
    app = AssayApp(live, clock=lambda: NOW)
    async with app.run_test(size=(110, 36)) as pilot:
        await settled(pilot)
        await opened(app, pilot, name)
        first = name not in TABS[1:]
        keys = [
            key
            for key, item in app.screen.active_bindings.items()
            if key not in QUITS and (first or key in ("enter", "y", "e") or item.node not in (app, app.screen))
        ]
        assert keys
        here, focused = app.screen, app.focused
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            assert app.is_running, key
            assert seen(app).strip(), key
            if app.screen is not here and not await back(app, pilot, here):
                await opened(app, pilot, name)
                here, focused = app.screen, app.focused
            elif focused is not None and focused.is_attached:
                here.set_focus(focused)  # else keys are letters from the first search on


@pytest.mark.parametrize("name", [name for name in OPENS if name != "jump"])
async def test_the_footer_shows_only_keys_that_work_and_help_lists_them_all(live, name):
    app = AssayApp(live, clock=lambda: NOW)
    async with app.run_test(size=(200, 60)) as pilot:
        await settled(pilot)
        await opened(app, pilot, name)
        active = {(i.binding.action, i.binding.tooltip): i for i in app.screen.active_bindings.values()}
        listed = {(act.action, act.help) for act in acts_here(app.screen)}
        for (action, told), item in active.items():
            if item.binding.show:
                assert (action, told) in listed, action
        for act in acts_here(app.screen):
            assert shown_key(act, app.screen).strip()
        if not isinstance(app.screen, ModalScreen):
            foot = app.screen.query_one("Keys")
            enabled = [i.binding.description for i in active.values() if i.binding.show and i.enabled]
            said = seen(app).splitlines()[foot.region.y]
            assert [label for label in enabled if label not in said] == []


async def test_every_action_of_home_is_in_the_palette(app):
    async with app.run_test(size=(120, 60)):
        wanted = [act.help for act in acts_here(app.screen) if act.action != "command_palette"]
        hits = [hit async for hit in Everything(app.screen).discover()]
        assert [hit.help for hit in hits] == wanted
