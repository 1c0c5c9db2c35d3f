"""The application: it carries snapshots from the live workspace to the screens, and decisions back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from core.live.reviewing import Outcome, Reviewing
from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.decision import DecisionKind
from core.model.errors import AssayError
from core.model.text import visible
from tui import clipboard, settings
from tui.actions import bindings
from tui.clipboard import Copied
from tui.faults import FaultBarrier
from tui.in_order import InOrder
from tui.navigation import Navigation
from tui.palette import Everything, Palette
from tui.pasting import Pasting
from tui.reading import Reading
from tui.screens.candidates import CandidatesScreen
from tui.settings import Memory
from tui.standing import Pace, Standing, looked, so_far, waiting
from tui.themes import DEFAULT, MONOCHROME, THEMES
from tui.views.outcome import told, unfinished
from tui.widgets.frame import Header

STYLES = sorted((Path(__file__).parent / "styles").glob("*.tcss"))
PROGRESS = 0.1
"""Seconds from one report of progress to the next."""
WELCOME = (
    "↑ ↓ choose a candidate, Enter reads it, a approves and r rejects: nothing happens before a dialog has asked. "
    "? explains every key and word of a screen, Ctrl+P finds everything by name. This is said once."
)


class AssayApp(FaultBarrier, InOrder, Pasting, Navigation):
    """Holds what is shown, the newest snapshot behind it while paused, and which screens are open."""

    TITLE = "assay"
    CSS_PATH = [str(path) for path in STYLES]
    BINDINGS: ClassVar[list[BindingType]] = bindings("everywhere")
    COMMANDS = {Everything}

    class Arrived(Message):
        """A snapshot came from the background; a newer one takes its place when the screens are busy."""

        def __init__(self, snapshot: Snapshot) -> None:
            super().__init__()
            self.snapshot = snapshot

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, AssayApp.Arrived)

    class Busy(Message):
        """The live workspace does something else."""

        def __init__(self, activity: Activity) -> None:
            super().__init__()
            self.activity = activity

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, AssayApp.Busy)

    class Leave(Message):
        """The program is asked to end, or nobody can see it any more."""

        def __init__(self, code: int) -> None:
            super().__init__()
            self.code = code

    def __init__(self, reviewing: Reviewing, *, clock: Callable[[], float] = time.time, greeting: bool = False) -> None:
        """`greeting` shows newcomers a hint, once for each person."""
        super().__init__()
        self.reviewing = reviewing
        self.reading = Reading()
        self.memory = Memory(reviewing.traces)
        self._greeting = greeting and not settings.load().greeted
        self._clock = clock
        self._pace = Pace()
        self._said = ("", 0.0)
        """The phase that was told last, and when."""
        self._looked = looked(reviewing.activity)
        self._newest = self._told(reviewing.snapshot)
        self.standing = Standing(
            str(reviewing.traces),
            str(reviewing.workspace),
            reviewing.reviewer,
            self._newest,
            reviewing.activity,
            now=clock(),
        )
        for theme in THEMES:
            self.register_theme(theme)
        chosen = settings.load().theme
        usual = MONOCHROME.name if self.no_color else DEFAULT
        self.theme = chosen if chosen in self.available_themes and not self.no_color else usual

    def get_default_screen(self) -> Screen[Any]:
        """The home screen."""
        return CandidatesScreen()

    def on_mount(self) -> None:
        """Draw first, then begin to watch."""
        self.set_interval(1.0, self.tick)
        self.call_after_refresh(self._start)
        if self._greeting:
            self.notify(WELCOME, title="Welcome to Assay", timeout=12, markup=False)
            settings.remember(greeted=True)

    def on_unmount(self) -> None:
        """Let go of the live workspace, and note how the lists were left."""
        self.memory.flush()
        self.reviewing.close()

    @property
    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self.standing.snapshot

    def on_assay_app_arrived(self, message: Arrived) -> None:
        """Show a new snapshot, or keep it while the view is paused."""
        before, self._newest = self._newest, self._told(message.snapshot)
        self._tell_drift(before, self._newest)
        if self.standing.paused:
            self._stand(waiting=waiting(self.snapshot, self._newest))
        else:
            self._show(self._newest)

    def _told(self, snapshot: Snapshot) -> Snapshot:
        """What may be told of a snapshot by now."""
        return snapshot if self._looked else so_far(snapshot)

    def on_assay_app_busy(self, message: Busy) -> None:
        """Show what goes on."""
        now = self._clock()
        self._stand(activity=message.activity, rate=self._pace.rate(message.activity, now), now=now)
        self._tell_screens("show_activity", message.activity)
        if not self._looked and looked(message.activity):
            self._looked = True
            self.on_assay_app_arrived(self.Arrived(self.reviewing.snapshot))

    def leave(self, code: int) -> None:
        """End with an exit code, as if it had been quit; for any thread."""
        self.post_message(self.Leave(code))

    def on_assay_app_leave(self, message: Leave) -> None:
        """Quit, whatever is open."""
        self.exit(return_code=message.code)

    def tick(self) -> None:
        """Let ages grow and marks fade."""
        self._stand(now=self._clock())
        self._tell_screens("tick", screens=self.screens_ready[-1:])
        if self.memory.dirty:
            self.run_worker(self.memory.flush, thread=True, exit_on_error=False, group="memory")

    @property
    def screens_ready(self) -> list[Screen[Any]]:
        """The screens that have their widgets; one that is just being pushed reads the snapshot when it is mounted."""
        if not self.is_running:  # they are being taken down, part by part
            return []
        return [screen for screen in self.screen_stack if screen.is_mounted and getattr(screen, "ready", True)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while something is written; in the palette that is about the screen below it."""
        here = [screen.focused for screen in self.screen_stack if not isinstance(screen, Palette)]
        is_writing = bool(here) and isinstance(here[-1], Input)
        return not (is_writing and action in ("leave", "help", "jump", "pause"))

    def action_pause(self) -> None:
        """Freeze the view, or show what came in the meantime."""
        paused = not self.standing.paused
        self._stand(paused=paused)
        if not paused:
            self._show(self._newest)

    def decide(
        self,
        view: CandidateView,
        kind: DecisionKind,
        detail: Mapping[str, object] | None = None,
        about: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Ask for a decision on a candidate as it is shown; `detail` is what is known of it already."""
        from tui.screens.decision import DecisionDialog

        self.push_screen(DecisionDialog(self.reviewing, view, kind, detail, about), self.decided)

    def decided(self, outcome: Outcome | None) -> None:
        """Tell about a recorded decision, and show it even while the view is paused."""
        if outcome is None:
            return
        self.recorded(outcome)
        said = told(outcome, self._newest.candidates)
        if outcome.trouble:
            self.notify(said, title="Recorded, but not finished", severity="warning", timeout=20, markup=False)
        else:
            self.notify(said, title="Recorded", timeout=8, markup=False)

    def recorded(self, outcome: Outcome) -> None:
        """Show a recorded decision even while the view is paused, and what it left unfinished until the review ends."""
        after = outcome.view
        if self.standing.paused:
            views = tuple(after if v.lineage == after.lineage else v for v in self.snapshot.candidates)
            self._show(replace(self.snapshot, candidates=views, journal=self.reviewing.snapshot.journal))
        if outcome.trouble:
            self._stand(troubles=(*self.standing.troubles, unfinished(outcome)))

    def copy(self, text: str) -> None:
        """Copy a text, and say where it went and whether that is certain."""
        # In a browser the clipboard is the reader's, not that of this machine.
        if not self.is_web and clipboard.programs(os.environ):
            self.run_worker(partial(self._copy, text), thread=True, exit_on_error=False, group="copy")
        else:
            self._copied(clipboard.copy(text, self.copy_to_clipboard, settings.folder()))

    def _copy(self, text: str) -> None:
        """Copy where a program may take its time."""

        def to_terminal(said: str) -> None:
            self.call_from_thread(self.copy_to_clipboard, said)

        self.call_from_thread(self._copied, clipboard.copy(text, to_terminal, settings.folder()))

    def _copied(self, copied: Copied) -> None:
        self.notify(copied.told, severity="warning" if copied.way == "nowhere" else "information", markup=False)

    def choose_theme(self, name: str) -> None:
        """Change the looks and remember it."""
        self.theme = name
        if trouble := settings.remember(theme=name):
            self.notify(f"The choice cannot be remembered: {visible(trouble)}", severity="warning", markup=False)

    def _start(self) -> None:
        try:
            self.reviewing.start(self._arrived, self._busy)
        except AssayError as error:
            self.exit(return_code=5, message=Text(f"assay: {visible(str(error))}"))

    def _arrived(self, snapshot: Snapshot) -> None:
        """Called from a background thread."""
        self.post_message(self.Arrived(snapshot))

    def _busy(self, activity: Activity) -> None:
        """Called from a background thread, while much is read more often than anybody can see."""
        now = self._clock()
        is_more = activity.phase == "reading" == self._said[0] and activity.done < activity.total
        if not is_more or abs(now - self._said[1]) >= PROGRESS:
            self._said = (activity.phase, now)
            self.post_message(self.Busy(activity))

    def _stand(self, **changes: Any) -> None:
        self.standing = replace(self.standing, **changes)
        self.each_screen(self.screen_stack, self._show_header)

    def _show_header(self, screen: Screen[Any]) -> None:
        for header in screen.query(Header):
            header.show(self.standing)

    def _tell_screens(self, name: str, *told: object, screens: list[Screen[Any]] | None = None) -> None:
        """Call a method of the screens that have it."""
        has = [screen for screen in (self.screens_ready if screens is None else screens) if hasattr(screen, name)]
        self.each_screen(has, lambda screen: getattr(screen, name)(*told))

    def _show(self, snapshot: Snapshot) -> None:
        with self.batch_update():
            self._stand(snapshot=snapshot, waiting=waiting(snapshot, self._newest), now=self._clock())
            self._tell_screens("show", snapshot)

    def _tell_drift(self, before: Snapshot, after: Snapshot) -> None:
        """Name candidates that drifted just now; those that had drifted before the review began are only listed."""
        was = {view.lineage: view.status for view in before.candidates}
        for view in after.candidates:
            if view.status == "drifted" and was.get(view.lineage, "drifted") != "drifted":
                why = f": {visible(view.reasons[0])}" if view.reasons else ""
                self.notify(f"{visible(view.label)} drifted{why}", severity="error", timeout=15, markup=False)
