"""The dialog that writes a crashpack or a bundle as one archive."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from core.model.errors import AssayError, InputError
from core.model.text import plural
from core.review.exporting import Source, kind_of
from core.store.archive import KINDS
from core.store.files import write_file
from core.store.places import check_unread, current_folder
from core.store.trouble import with_home
from tui.actions import bindings
from tui.format import size
from tui.screens.closing import Dialog
from tui.shell import shell
from tui.text import plain


class ExportDialog(Dialog[bool]):
    """Asks where the archive goes; its ending says of which kind it is, and nothing is ever replaced."""

    BINDINGS = bindings("export")
    AUTO_FOCUS = "Input"

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self._busy = False

    def compose(self) -> ComposeResult:
        """What is written, where, and what came of it."""
        with Vertical(id="export") as box:
            box.border_title = "Export"
            yield Static(plain(f"All files of the {self.source.kind} {self.source.name} as one archive"), markup=False)
            yield Input(value=f"{self.source.root}{KINDS[-1]}", id="export-path", compact=True)
            where = below("a path is given")
            told = f"{where} · ending {' or '.join(KINDS)} · Enter writes · Esc cancels"
            yield Static(plain(told, "$text-muted"), id="told")

    @on(Input.Submitted)
    def write(self, event: Input.Submitted) -> None:
        """Write the archive, once."""
        event.stop()
        if not self._busy:
            self._busy = True
            self._write(Path(event.value.strip()))

    @work(thread=True, exit_on_error=False)
    def _write(self, out: Path) -> None:
        try:
            out = with_home(out)
            check_unread(out, shell(self).reviewing.traces)
            files, data = written(self.source, out)
            problems = self.source.problems()
        except (AssayError, OSError, ValueError) as error:
            self.app.call_from_thread(self._failed, str(error))
        else:
            told = f"{plural(files, 'file')}, {size(data)}: {plain(str(out))}"
            self.app.call_from_thread(self._done, told, problems)

    def _failed(self, told: str) -> None:
        self._busy = False
        self.query_one("#told", Static).update(plain(told, "$text-error"))

    def _done(self, told: str, problems: Sequence[str]) -> None:
        self.app.notify(told, title="Exported", markup=False)
        if problems:
            more = f" · {plural(len(problems) - 1, 'more problem')}" if problems[1:] else ""
            self.app.notify(f"{problems[0]}{more}", title="Damaged, and written so", severity="warning", markup=False)
        self.dismiss(True)

    def action_cancel(self) -> None:
        """Close the dialog; nothing is written."""
        if not self._busy:
            self.dismiss(False)


def below(otherwise: str) -> str:
    """Where a name leads that is no whole path, and what says otherwise."""
    here = current_folder()
    return f"below {here} unless {otherwise}" if here else "give a whole path: the folder that you are in was removed"


def written(source: Source, out: Path) -> tuple[int, int]:
    """Write a source as an archive: how many files, and its bytes.

    Raises InputError when the name has no known ending or is taken, WorkspaceError when the disk refuses.
    """
    kind = kind_of(out)
    if kind is None:
        raise InputError(f"the name has to end with {' or '.join(KINDS)}")
    if os.path.lexists(out):
        raise InputError(f"{out} exists already; choose another name")
    data = source.archive(kind)
    write_file(out, data)
    return len(source.files), len(data)
