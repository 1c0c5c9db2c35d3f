"""A crashpack: its files and whether they are intact, what each one says, and replaying it now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from core.crashpack.decision_replay import replay_decision
from core.crashpack.events import TraceEvent
from core.crashpack.minimise import Minimised, MinimiseOptions, minimise
from core.live.reviewing import Reviewing
from core.live.snapshot import Activity, Snapshot
from core.model.decision import Decision
from core.model.errors import AssayError
from tui.actions import bindings
from tui.read_only import barred
from tui.screens.crashpack_parts import MINIMISED, OVERVIEW, REPLAY, PackList, head, title
from tui.screens.redaction import RedactionScreen
from tui.shell import shell
from tui.views.pack import Pack, read_pack
from tui.views.pack_files import Page, Shown, event_rows, shown
from tui.views.pack_summary import Replay, overview_lines, replay_lines, unread_lines, unreduced_lines
from tui.widgets.frame import Header, Keys
from tui.widgets.lines import Lines
from tui.widgets.pack_pane import PackPane

SIDE_FROM = 110
"""Cells from which the files stand beside what is read instead of above it."""


class CrashpackScreen(Screen[None]):
    """Shows one folder of evidence; everything that takes long happens in the background."""

    BINDINGS = bindings("crashpack")
    AUTO_FOCUS = "PackList"

    @dataclass
    class Read(Message):
        """The folder was read, or could not be."""

        pack: Pack | None
        trouble: str = ""

    @dataclass
    class Decoded(Message):
        """A file is ready to be shown."""

        key: str
        shown: Shown

    @dataclass
    class Replayed(Message):
        """A replay is over."""

        replay: Replay
        pack: Pack | None
        """The files as they were when they were replayed."""

    @dataclass
    class Reduced(Message):
        """The events were minimised."""

        made: Minimised

    def __init__(self, reviewing: Reviewing, folder: Path) -> None:
        super().__init__()
        self.reviewing, self.folder = reviewing, folder
        self._pack: Pack | None = None
        self._trouble = ""
        self._replay = Replay()
        self._minimised: Minimised | None = None
        self.files = PackList(id="pack-files")
        self.pane = PackPane(id="pack-pane")

    def compose(self) -> ComposeResult:
        """Frame, title, the files, and what the selected one says."""
        yield Header()
        yield Static(id="crashpack-title", markup=False)
        with Container(id="crashpack-panes"):
            yield self.files
            yield self.pane
        yield Keys()

    def on_mount(self) -> None:
        """Read the folder."""
        self._say_title()
        self.files.show_pack(None, self._replay, self._minimised)
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        self.query_one("#crashpack-panes").set_class(event.size.width >= SIDE_FROM, "-wide")
        self._say_title()
        self._say_head()

    def show(self, snapshot: Snapshot) -> None:
        """The journal may name the crashpack now, or record another digest."""
        self._say_title()
        if self.files.selected == OVERVIEW:
            self._follow()

    def show_activity(self, activity: Activity) -> None:
        """The header says what goes on; this screen has nothing to add."""

    @property
    def decision(self) -> Decision | None:
        """The decision in the journal that names this crashpack."""
        decisions = shell(self).standing.snapshot.journal.decisions
        return next((d for d in decisions if d.crashpack and d.crashpack.name == self.folder.name), None)

    @work(thread=True, exclusive=True, group="read")
    def _read(self) -> None:
        try:
            self.post_message(self.Read(read_pack(self.folder)))
        except (AssayError, OSError, ValueError) as error:
            self.post_message(self.Read(None, str(error)))

    @on(Read)
    def _show_files(self, event: Read) -> None:
        first = self._pack is None
        self._pack, self._trouble = event.pack, event.trouble
        self.files.show_pack(event.pack, self._replay, self._minimised)
        self._say_title()
        if first:
            self.files.focus()
        self._follow()

    @on(Lines.Moved, "#pack-files")
    def _follow(self) -> None:
        """Show what the selected line stands for."""
        name, pack = self.files.selected or OVERVIEW, self._pack
        self._say_head()
        if name == REPLAY:
            self._page(Page(partial(replay_lines, self._replay)))
        elif pack is None:
            self._page(Page(partial(unread_lines, self._trouble)))
        elif name == OVERVIEW:
            self._page(Page(partial(overview_lines, pack, self.decision, self._replay)))
        elif name == MINIMISED:
            self._page(event_rows(self._minimised.events) if self._minimised else Page(unreduced_lines))
        else:
            self._decode(pack, name.removeprefix("f:"))

    @work(thread=True, exclusive=True, group="decode")
    def _decode(self, pack: Pack, name: str) -> None:
        self.post_message(self.Decoded(f"f:{name}", shown(pack, name)))

    @on(Decoded)
    def _show_decoded(self, event: Decoded) -> None:
        if event.key == self.files.selected:
            self._page(event.shown)

    def _page(self, made: Shown) -> None:
        self.pane.show(self.files.selected or OVERVIEW, made)

    def _say_title(self) -> None:
        width = max(self.size.width - 2, 20)
        line = title(self.folder, self._pack, self.decision, self._trouble, width)
        self.query_one("#crashpack-title", Static).update(line)

    def _say_head(self) -> None:
        key = self.files.selected or OVERVIEW
        width = max(self.pane.head.content_size.width, 20)
        self.pane.head.update(head(self.files.file, key, self._replay, self._minimised, width))

    def _stand(self) -> None:
        """Draw again what depends on replay and minimiser."""
        self.files.show_pack(self._pack, self._replay, self._minimised)
        self._follow()

    @on(Lines.Opened, "#pack-files")
    def action_open(self) -> None:
        """Begin what the line stands for, or go to what is read; from there, back to the files."""
        key = self.files.selected
        if not self.files.has_focus:
            self.files.focus()
        elif key == REPLAY and self._replay.result is None:
            self.action_replay()
        elif key == MINIMISED and self._minimised is None:
            self.action_minimise()
        else:
            self.pane.front.focus()

    def action_back(self) -> None:
        """Go back to the list of files, else leave."""
        if self.files.has_focus:
            self.app.pop_screen()
        else:
            self.files.focus()

    def action_replay(self) -> None:
        """Replay the files as they are on disk now."""
        if self._replay.running:
            return
        self._replay = Replay(running=True)
        self.files.select(REPLAY)
        self._stand()
        self._run_replay()

    @work(thread=True, exclusive=True, group="replay")
    def _run_replay(self) -> None:
        try:
            pack = read_pack(self.folder)
            replay = Replay(result=replay_decision(pack.files))
        except (AssayError, OSError, ValueError) as error:
            self.post_message(self.Replayed(Replay(trouble=str(error)), None))
        else:
            self.post_message(self.Replayed(replay, pack))

    @on(Replayed)
    def _show_replay(self, event: Replayed) -> None:
        self._replay, self._pack = event.replay, event.pack or self._pack
        self._say_title()
        self._stand()
        said, style = self._replay.said
        self.app.notify(
            f"{self.folder.name}: {said}", severity="error" if "error" in style else "information", markup=False
        )

    def action_minimise(self) -> None:
        """Drop the events that the failure does not need; the files stay as they are."""
        events_ = self._pack.contents.events if self._pack else None
        if events_ is None:
            waiting = self._pack is None and not self._trouble
            told = "The files are still being read." if waiting else "The trace of this crashpack cannot be read."
            self.app.notify(told, severity="warning", markup=False)
            return
        self.files.select(MINIMISED)
        self._run_minimiser(events_)

    @work(thread=True, exclusive=True, group="minimise")
    def _run_minimiser(self, found: list[TraceEvent]) -> None:
        whole = MinimiseOptions(reduction_target=1.0, max_attempts=len(found))
        self.post_message(self.Reduced(minimise(found, whole)))

    @on(Reduced)
    def _show_reduced(self, event: Reduced) -> None:
        self._minimised = event.made
        self._stand()

    def action_export(self) -> None:
        """Show what was taken out, then ask where all files go as one archive."""
        if told := barred(self.reviewing):
            self.app.notify(f"Nothing is written: {told}.", severity="warning", markup=False)
            return
        self.app.push_screen(RedactionScreen.of_crashpack(self.reviewing, self.folder.name))

    def action_copy(self) -> None:
        """Copy the row under the cursor, the value under it, or the file's path and digest."""
        file = self.files.file
        if not self.files.has_focus and self.pane.copied:
            shell(self).copy(self.pane.copied)
        elif file is not None:
            shell(self).copy(f"{self.folder / file.name} sha256:{file.digest}")
        else:
            shell(self).copy(str(self.folder))
