"""What stands on the screen."""

from __future__ import annotations

from contextlib import suppress

from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tui.app import AssayApp
from tui.screens.candidates import CandidatesScreen
from tui.widgets.lines import Lines


def seen(app: App) -> str:
    """The text of the screen in front, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def worked(app: App) -> None:
    """Wait until the workers are done; a screen that closes takes along what has just told it to."""
    for worker in list(app.workers):
        with suppress(WorkerCancelled):
            await worker.wait()


async def found(pilot: Pilot) -> None:
    """Wait until the palette, if it is open, has looked everywhere."""
    await pilot.pause()
    await worked(pilot.app)
    await pilot.pause()


def toasts(app: App) -> list[str]:
    """The messages that were told and not taken away yet."""
    return [str(note.message) for note in app._notifications]


def home(app: AssayApp) -> CandidatesScreen:
    """The home screen, wherever it is in the stack."""
    screen = app.screen_stack[0]
    assert isinstance(screen, CandidatesScreen)
    return screen


def label(app: AssayApp) -> str:
    """The label of the candidate that is selected on the home screen."""
    view = home(app).selected
    return view.label if view else ""


def list_of(app: AssayApp) -> Lines:
    """The list of the screen in front."""
    return app.screen.query_one(Lines)
