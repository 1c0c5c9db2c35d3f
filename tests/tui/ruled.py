"""Dialogs about names and rules, and a world that is compared under rules."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from core.live.snapshot import CandidateView
from core.shadow.compare import Pool, shadow_compare
from core.shadow.waivers import Waiver
from tests.tui.reviewed import Folder, Held, changed, words, world
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog

RULES = (
    Waiver(seq=3, step=2, pointer="/version", reason="versions move on"),
    Waiver(seq=4, step=2, pointer="/log", reason="timings"),
)
"""Together they expect all that runs 6 and 7 do differently."""


def field(app: AssayApp) -> Input:
    """The field for a name or a pointer."""
    return app.screen.query_one("#particular", Input)


def dialog(app: AssayApp) -> str:
    """What the dialog says, on one line."""
    assert isinstance(app.screen, DecisionDialog)
    return " ".join(words(app).replace("│", " ").split())  # type: ignore[arg-type]


def on_candidate(given: tuple[Folder, CandidateView] | None = None) -> tuple[Held, Folder, CandidateView]:
    """The app with the candidate open."""
    folder, view = given or world()
    return Held(folder, CandidateScreen(folder, view.lineage)), folder, view


def with_rules(*rules: Waiver) -> tuple[Folder, CandidateView]:
    """The world of runs that differ, compared under some rules."""
    folder, view = world()
    shadow = shadow_compare(view.candidate, Pool(tuple(folder.held.values())), rules)
    view = replace(view, candidate=view.candidate.replace(shadow=shadow), rules=rules)
    folder.snapshot = changed(folder, view)
    return folder, view
