"""The application: it carries snapshots from the live workspace to the screens, and decisions back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from core.live.reviewing import Outcome, Reviewing
from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.decision import DecisionKind
from core.model.errors import AssayError, WorkspaceError
from core.model.text import visible
from core.store.places import plain_name
from tui import crash, settings
from tui.actions import bindings
from tui.palette import Everything
from tui.screens.candidates import CandidatesScreen
from tui.standing import Pace, Standing, waiting
from tui.themes import DEFAULT, MONOCHROME, THEMES
from tui.views.outcome import told
from tui.widgets.frame import Header

STYLES = sorted((Path(__file__).parent / "styles").glob("*.tcss"))
OSC_52_LIMIT = 74_994
"""Bytes of text beyond which common terminals ignore a copy."""


class AssayApp(App[None]):
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

    def __init__(self, reviewing: Reviewing, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.reviewing = reviewing
        self._clock = clock
        self._pace = Pace()
        self._newest = reviewing.snapshot
        self.standing = Standing(
            str(reviewing.traces),
            str(reviewing.workspace),
            reviewing.reviewer,
            reviewing.snapshot,
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

    def on_unmount(self) -> None:
        """Let go of the live workspace."""
        self.reviewing.close()

    @property
    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self.standing.snapshot

    def on_assay_app_arrived(self, message: Arrived) -> None:
        """Show a new snapshot, or keep it while the view is paused."""
        before, self._newest = self._newest, message.snapshot
        self._tell_drift(before, message.snapshot)
        if self.standing.paused:
            self._stand(waiting=waiting(self.snapshot, self._newest))
        else:
            self._show(message.snapshot)

    def on_assay_app_busy(self, message: Busy) -> None:
        """Show what goes on."""
        now = self._clock()
        self._stand(activity=message.activity, rate=self._pace.rate(message.activity, now), now=now)
        for screen in self.screens_ready:
            if show := getattr(screen, "show_activity", None):
                show(message.activity)

    def tick(self) -> None:
        """Let ages grow and marks fade."""
        self._stand(now=self._clock())
        for screen in self.screens_ready[-1:]:
            if tick := getattr(screen, "tick", None):
                tick()

    @property
    def screens_ready(self) -> list[Screen[Any]]:
        """The screens that have their widgets; one that is just being pushed reads the snapshot when it is mounted."""
        return [screen for screen in self.screen_stack if screen.is_mounted]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while something is written."""
        return not (isinstance(self.focused, Input) and action in ("leave", "help"))

    def action_pause(self) -> None:
        """Freeze the view, or show what came in the meantime."""
        paused = not self.standing.paused
        self._stand(paused=paused, waiting=0)
        if not paused:
            self._show(self._newest)

    def action_leave(self) -> None:
        """Go back one screen; on the first one, quit."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.exit()

    def action_interrupt(self) -> None:
        """Quit at once; marked text was copied before this could be reached."""
        self.exit()

    def action_help(self) -> None:
        """Explain the keys of the present screen."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_problems(self) -> None:
        """Open the list of problems."""
        from tui.screens.problems import ProblemsScreen

        self.push_screen(ProblemsScreen())

    def action_journal(self) -> None:
        """Open the list of all decisions."""
        from tui.screens.journal import JournalScreen

        self.push_screen(JournalScreen())

    def open_crashpack(self, name: str) -> None:
        """Open a crashpack of the workspace, or say that its name leads elsewhere."""
        from tui.screens.crashpack import CrashpackScreen

        try:
            folder = self.reviewing.workspace / "crashpacks" / plain_name(name)
        except WorkspaceError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.push_screen(CrashpackScreen(self.reviewing, folder))

    def open_candidate(self, lineage: str) -> None:
        """Open the screen of a candidate, or say that it is gone."""
        if all(view.lineage != lineage for view in self.snapshot.candidates):
            self.notify("This candidate is no longer listed.", severity="warning", markup=False)
            return
        from tui.screens.candidate import CandidateScreen
        from tui.screens.journal import JournalScreen

        # Whoever reads the journal goes back to it; from everywhere else the way back is the list.
        while len(self.screen_stack) > 1 and not isinstance(self.screen, JournalScreen):
            self.pop_screen()
        self.push_screen(CandidateScreen(self.reviewing, lineage, self._order))

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
        after = outcome.view
        if self.standing.paused:
            views = tuple(after if v.lineage == after.lineage else v for v in self.snapshot.candidates)
            self._show(replace(self.snapshot, candidates=views, journal=self.reviewing.snapshot.journal))
        self.notify(told(outcome, self._newest.candidates), title="Recorded", timeout=8, markup=False)

    def copy(self, text: str) -> None:
        """Hand text to the terminal's clipboard and say so; terminals do not confirm, so this does not claim more."""
        if len(text.encode(errors="replace")) > OSC_52_LIMIT:
            self.notify("Too long for the terminal's clipboard; nothing was copied.", severity="warning", markup=False)
            return
        self.copy_to_clipboard(text)
        self.notify(f"Sent to the terminal's clipboard (OSC 52): {visible(text)}", markup=False)

    def choose_theme(self, name: str) -> None:
        """Change the looks and remember it."""
        self.theme = name
        if trouble := settings.remember(theme=name):
            self.notify(f"The choice cannot be remembered: {visible(trouble)}", severity="warning", markup=False)

    def _order(self) -> list[str]:
        """The lineages as the home screen lists them."""
        home = self.screen_stack[0]
        return home.order if isinstance(home, CandidatesScreen) else []

    def _start(self) -> None:
        try:
            self.reviewing.start(self._arrived, self._busy)
        except AssayError as error:
            self.exit(return_code=5, message=Text(f"assay: {visible(str(error), lines=True)}"))

    def _arrived(self, snapshot: Snapshot) -> None:
        """Called from a background thread."""
        self.post_message(self.Arrived(snapshot))

    def _busy(self, activity: Activity) -> None:
        """Called from a background thread."""
        self.post_message(self.Busy(activity))

    def _stand(self, **changes: Any) -> None:
        self.standing = replace(self.standing, **changes)
        for screen in self.screen_stack:
            for header in screen.query(Header):
                header.show(self.standing)

    def _show(self, snapshot: Snapshot) -> None:
        with self.batch_update():
            self._stand(snapshot=snapshot, waiting=0, now=self._clock())
            for screen in self.screens_ready:
                if show := getattr(screen, "show", None):
                    show(snapshot)

    def _tell_drift(self, before: Snapshot, after: Snapshot) -> None:
        """Name candidates that drifted just now; those that had drifted before the review began are only listed."""
        was = {view.lineage: view.status for view in before.candidates}
        for view in after.candidates:
            if view.status == "drifted" and was.get(view.lineage, "drifted") != "drifted":
                why = f": {visible(view.reasons[0])}" if view.reasons else ""
                self.notify(f"{visible(view.label)} drifted{why}", severity="error", timeout=15, markup=False)

    def _fatal_error(self) -> None:
        """A fault of the program: Textual would print local variables, which can hold secrets of traces."""
        error = self._exception or RuntimeError("unknown")
        self.bell()
        self.panic(Text(crash.record(error, settings.folder())))
