"""Ways from screen to screen, to the editor and to the raw file, shared by all screens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported
from textual.widgets import Input
from textual.widgets.input import Selection

from core.live.names import path_of
from core.live.reviewing import Reviewing
from core.model.errors import WorkspaceError
from core.model.text import visible
from core.store.places import plain_name
from tui import editing
from tui.palette import Palette
from tui.places import spot_of
from tui.standing import Standing

READ_FOR_PLACE = 50_000_000
"""Bytes of a file that are read to find a place in it."""


class Navigation(App[None]):
    """What opens something else."""

    reviewing: Reviewing
    standing: Standing

    def action_leave(self) -> None:
        """Go back one screen; on the first one, quit."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.exit()

    async def action_quit(self) -> None:
        """Quit, but not while a decision is being written, of which nobody would see what came of it."""
        if any(getattr(screen, "is_recording", False) for screen in self.screen_stack):
            self.notify("A decision is being recorded: once more in a moment.", severity="warning", markup=False)
        else:
            self.exit()

    def action_interrupt(self) -> None:
        """Quit at once; where text is marked, copy it instead, once: a field may have marked it by itself."""
        field = self.focused if isinstance(self.focused, Input) else None
        if not (marked := (field.selected_text if field else "") or self.screen.get_selected_text()):
            self.exit()
            return
        self.copy_to_clipboard(marked)
        self.screen.clear_selection()
        if field:
            field.selection = Selection.cursor(field.cursor_position)

    def action_command_palette(self) -> None:
        """Show everything by its name."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_help(self) -> None:
        """Explain the keys of the present screen."""
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_jump(self) -> None:
        """Label everything that can be gone to on the present screen."""
        from tui.screens.jump import JumpScreen, targets

        if found := targets(self.screen):
            self.push_screen(JumpScreen(found))
        else:
            self.notify("There is nothing to jump to here.", markup=False, timeout=2)

    def action_problems(self) -> None:
        """Open the list of problems."""
        from tui.screens.problems import ProblemsScreen

        self.push_screen(ProblemsScreen())

    def action_journal(self) -> None:
        """Open the list of all decisions."""
        from tui.screens.journal import JournalScreen

        self.push_screen(JournalScreen())

    def action_savings(self) -> None:
        """Open what all candidates save together."""
        from tui.screens.savings import SavingsScreen

        self.push_screen(SavingsScreen())

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
        if all(view.lineage != lineage for view in self.standing.snapshot.candidates):
            self.notify("This candidate is no longer listed.", severity="warning", markup=False)
            return
        from tui.screens.candidate import CandidateScreen
        from tui.screens.journal import JournalScreen
        from tui.screens.savings import SavingsScreen

        # Whoever reads the journal or the totals goes back to them; from everywhere else the way back is the list.
        while len(self.screen_stack) > 1 and not isinstance(self.screen, JournalScreen | SavingsScreen):
            self.pop_screen()
        self.push_screen(CandidateScreen(self.reviewing, lineage, self.home_order))

    def home_order(self) -> list[str]:
        """The lineages as the home screen lists them."""
        return list(getattr(self.screen_stack[0], "order", ()))

    def open_raw(self, unit: str, place: str = "") -> None:
        """Show a file of the traces folder as it is, from a place on."""
        from tui.screens.raw import RawScreen

        self.push_screen(RawScreen(unit, self.reviewing.raw, place))

    def edit(self, unit: str, place: str = "") -> None:
        """Open a file of the traces folder in the reviewer's editor at a place, or say why it cannot be."""
        path = self.file_of(unit)
        if not path.is_file():  # an editor would make it
            self.notify(f"{visible(unit)} is no file of this machine.", severity="warning", markup=False)
            return
        try:
            line = editing.command(os.environ, path, _spot(path, place))
            trouble = self.run_outside(line)
        except (editing.NoEditor, OSError) as error:
            trouble = str(error)
        if trouble:
            self.notify(visible(trouble), severity="warning", markup=False)

    def run_outside(self, line: list[str]) -> str:
        """Leave the terminal to another program until it ends; what went wrong, empty when nothing did."""
        try:
            with self.suspend():
                trouble = editing.run(line)
        except SuspendNotSupported:
            return "An editor cannot be opened from here: this is no terminal of its own."
        self.refresh(layout=True)
        return trouble

    def file_of(self, unit: str) -> Path:
        """The file of a unit of the traces folder."""
        path = self.reviewing.traces / path_of(unit)
        whole, number, place = unit.rpartition("#")
        # The unit of one of several runs in a file is `PATH#N`, which is also a possible name.
        return self.reviewing.traces / path_of(whole) if number and place.isdigit() and not path.exists() else path

    def unit_of(self, trace_id: str) -> str:
        """The file of a run, below the traces folder; empty when the run is not loaded any more."""
        run: Any = self.standing.snapshot.runs.get(trace_id)
        return str(run.unit) if run else ""


def _spot(path: Path, place: str) -> editing.Spot:
    """Where in a file a place is. Raises OSError."""
    if not place:
        return editing.Spot()
    with path.open("rb") as file:
        return spot_of(file.read(READ_FOR_PLACE).decode(errors="replace"), place)
