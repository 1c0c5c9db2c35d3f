"""The dialog that writes the evidence of several candidates, one archive each, into a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from core.live.snapshot import CandidateView
from core.model.errors import AssayError, WorkspaceError
from core.model.text import plural, visible
from core.review.exporting import Source
from core.store.archive import KINDS
from core.store.files import read_folder
from core.store.places import check_unread, plain_name
from core.store.trouble import explained, with_home
from tui.actions import bindings
from tui.screens.closing import Dialog
from tui.screens.decision_parts import Reading
from tui.screens.exporting import below, written
from tui.shell import shell
from tui.text import plain
from tui.views.line import Line, bullet, paragraph, text

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


def evidence_of(workspace: Path, view: CandidateView) -> Path | None:
    """The newest crashpack of a candidate, else its bundle; None as long as nobody decided on it."""
    packs = [decision.crashpack.name for decision in view.decisions if decision.crashpack]
    try:
        folders = [workspace / "crashpacks" / plain_name(name) for name in packs[-1:]]
        folders.append(workspace / "candidates" / plain_name(view.lineage))
    except WorkspaceError:  # a journal that somebody edited; the review says so
        return None
    return next((folder for folder in folders if folder.is_dir()), None)


class BulkExport(Dialog[None]):
    """Lists what is written and what cannot be, and asks for the folder; nothing is ever replaced."""

    BINDINGS = bindings("export")
    AUTO_FOCUS = "Input"

    def __init__(self, workspace: Path, views: Sequence[CandidateView]) -> None:
        super().__init__()
        self._found = [(view.label, evidence_of(workspace, view)) for view in views]
        self._busy = False

    def compose(self) -> ComposeResult:
        """What is written, where, and what came of it."""
        with Vertical(id="export") as box:
            box.border_title = "Export"
            yield Reading(self._lines, id="export-list")
            yield Input(value="assay-export", id="export-path", compact=True)
            hint = f"a folder, {below('it is a whole path')}; one archive {KINDS[-1]} each · Enter writes · Esc cancels"
            yield Static(plain(hint, "$text-muted"), id="told", markup=False)

    def _lines(self, width: int) -> list[Line]:
        lines = list(paragraph(text("The evidence of these candidates, one archive each:"), width))
        for label, folder in self._found:
            what = f"{label}: {folder.name}" if folder else f"{label}: nothing yet, nobody decided on it"
            lines += bullet(text("+ " if folder else "- "), plain(what, "" if folder else "$text-muted"), width)
        return lines

    @on(Input.Submitted)
    def write(self, event: Input.Submitted) -> None:
        """Write the archives, once."""
        event.stop()
        if not any(folder for _, folder in self._found):
            self._failed("There is nothing to write: approvals and rejections leave evidence.")
        elif not self._busy:
            self._busy = True
            self._write(Path(event.value.strip() or "."))

    @work(thread=True, exit_on_error=False)
    def _write(self, out: Path) -> None:
        done, damaged = [], []
        try:
            out = with_home(out)
            check_unread(out, shell(self).reviewing.traces)
            with explained("make", out):
                out.mkdir(parents=True, exist_ok=True)
            for folder in (folder for _, folder in self._found if folder):
                target = out / f"{_ODD.sub('_', folder.name)}{KINDS[-1]}"
                source = Source(folder.name, read_folder(folder))
                written(source, target)
                done.append(target)
                damaged += [folder.name] if source.problems() else []
        except (AssayError, OSError, ValueError) as error:
            told = f"{error}. Written before that: {len(done)}"
            self.app.call_from_thread(self._failed, told)
        else:
            self.app.call_from_thread(self._done, f"{plural(len(done), 'archive')} in {plain(str(out))}", damaged)

    def _failed(self, told: str) -> None:
        self._busy = False
        self.query_one("#told", Static).update(plain(told, "$text-error"))

    def _done(self, told: str, damaged: list[str]) -> None:
        if damaged:
            names = visible(", ".join(damaged))
            self.app.notify(names, title="Damaged, and written so", severity="warning", markup=False)
        self.app.notify(told, title="Exported", markup=False)
        self.dismiss(None)

    def action_cancel(self) -> None:
        """Close the dialog; nothing more is written."""
        if not self._busy:
            self.dismiss(None)
