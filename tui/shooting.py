"""Screens without a terminal: open one, press keys, take its picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual.app import App
from textual.keys import Keys

from core.model.errors import InputError
from tui.app import AssayApp
from tui.picture import clean
from tui.screens.candidates import CandidatesScreen

_NAMED = frozenset(str(key.value) for key in Keys)


@dataclass(frozen=True, slots=True)
class Screen:
    """How to come to a screen: from the list of candidates or from one candidate, by keys."""

    keys: tuple[str, ...] = ()
    of_candidate: bool = False
    told: str = ""
    """What it shows, for the help."""


SCREENS: dict[str, Screen] = {
    "home": Screen(told="the list of candidates"),
    "overview": Screen(("1",), True, "a candidate: its steps"),
    "divergences": Screen(("2",), True, "a candidate: which runs differ, and how"),
    "savings": Screen(("3",), True, "a candidate: what it saves"),
    "workflow": Screen(("4",), True, "a candidate: the generated files"),
    "evidence": Screen(("5",), True, "a candidate: the runs behind it"),
    "promotion": Screen(("6",), True, "a candidate: criteria and decisions"),
    "approve": Screen(("a",), True, "the dialog of an approval"),
    "reject": Screen(("r",), True, "the dialog of a rejection"),
    "crashpack": Screen(("c",), True, "the newest crashpack of a candidate"),
    "run": Screen(("5", "enter"), True, "the first run of a candidate"),
    "totals": Screen(("T",), told="what all candidates save together"),
    "problems": Screen(("p",), told="files that are not mined"),
    "journal": Screen(("J",), told="all decisions"),
    "help": Screen(("question_mark",), told="keys and words"),
}
"""Every screen that has a name of its own; others are reached by pressing keys besides."""


async def shot(app: AssayApp, size: tuple[int, int], name: str, lineage: str, keys: Sequence[str]) -> str:
    """The SVG of a screen after some more keys; without a lineage, of the first candidate of the list.

    Raises InputError for a screen of a candidate or crashpack when there is none.
    """
    wanted = SCREENS[name]
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot.pause)
        if wanted.of_candidate:
            home = app.screen_stack[0]
            listed = home.order if isinstance(home, CandidatesScreen) else []
            if not lineage and not listed:
                raise InputError(f"the screen {name!r} is about a candidate, and there is none")
            app.open_candidate(lineage or listed[0])
            await settled(app, pilot.pause)
        before = app.screen
        for key in (*wanted.keys, *keys):
            await pilot.press(key)
            await settled(app, pilot.pause)
        if name == "crashpack" and app.screen is before:
            raise InputError("this candidate has no crashpack yet: only approvals and rejections leave one")
        return clean(app.export_screenshot(title="assay"))


def is_key(name: str) -> bool:
    """Whether there is a key of that name: one character, `enter`, `f1`, `ctrl+s`, `question_mark`."""
    *_, last = name.split("+") if len(name) > 1 else (name,)
    if len(last) == 1 or name in _NAMED or last in _NAMED:
        return True
    try:
        unicodedata.lookup(last.replace("_", " ").upper())
    except KeyError:
        return False
    return True


async def settled(app: App[None], pause: Callable[[], Awaitable[None]]) -> None:
    """Wait until nothing is on its way to the screen."""
    for _ in range(3):
        await pause()
        await app.workers.wait_for_complete()
