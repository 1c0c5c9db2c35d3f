"""The dialog that writes a crashpack as one archive."""

from __future__ import annotations

from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.crashpack.pack import MODES
from core.model.errors import AssayError, InputError
from core.store.archive import KINDS, Kind, pack
from core.store.files import read_folder, write_file
from tui.actions import bindings
from tui.format import plural, size
from tui.text import plain


class ExportDialog(ModalScreen[None]):
    """Asks where the archive goes; its ending says of which kind it is, and nothing is ever replaced."""

    BINDINGS = bindings("export")
    AUTO_FOCUS = "Input"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._busy = False

    def compose(self) -> ComposeResult:
        """What is written, where, and what came of it."""
        with Vertical(id="export") as box:
            box.border_title = "Export"
            yield Static(plain(f"All files of {self.folder.name} as one archive"), markup=False)
            yield Input(value=f"{self.folder.name}{KINDS[-1]}", id="export-path", compact=True)
            yield Static(plain(f"ending {' or '.join(KINDS)} · Enter writes · Esc cancels", "$text-muted"), id="told")

    @on(Input.Submitted)
    def write(self, event: Input.Submitted) -> None:
        """Write the archive, once."""
        event.stop()
        if not self._busy:
            self._busy = True
            self._write(Path(event.value.strip()).expanduser())

    @work(thread=True, exit_on_error=False)
    def _write(self, out: Path) -> None:
        try:
            files, data = exported(self.folder, out)
        except (AssayError, OSError, ValueError) as error:
            self.app.call_from_thread(self._failed, str(error))
        else:
            self.app.call_from_thread(self._done, f"{plural(files, 'file')}, {size(data)}: {plain(str(out))}")

    def _failed(self, told: str) -> None:
        self._busy = False
        self.query_one("#told", Static).update(plain(told, "$text-error"))

    def _done(self, told: str) -> None:
        self.app.notify(told, title="Exported", markup=False)
        self.dismiss(None)

    def action_cancel(self) -> None:
        """Close the dialog; nothing is written."""
        if not self._busy:
            self.dismiss(None)


def exported(folder: Path, out: Path) -> tuple[int, int]:
    """Write a crashpack's files, as they are on disk now, as an archive: how many files, and its bytes.

    Raises InputError when the name has no known ending or is taken, WorkspaceError when the disk refuses.
    """
    kind: Kind | None = next((kind for kind in KINDS if out.name.endswith(kind) and out.name != kind), None)
    if kind is None:
        raise InputError(f"the name has to end with {' or '.join(KINDS)}")
    if out.exists() or out.is_symlink():
        raise InputError(f"{out} exists already; choose another name")
    files = read_folder(folder)
    data = pack(files, kind, folder.name, modes=MODES)
    write_file(out, data)
    return len(files), len(data)
