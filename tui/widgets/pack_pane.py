"""What one file of a crashpack says: a page, a JSON value that folds, or rows with the selected one in full."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from tui.text import plain
from tui.views.pack_files import Page, Rows, Shown, Value
from tui.widgets.document import Document
from tui.widgets.json_view import JsonView
from tui.widgets.lines import Lines


class PackPane(Vertical):
    """Shows one subject at a time; another one begins at its top, the same one stays where the reader is."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._subject = ""
        self._shown: Shown | None = None
        self.head = Static(id="pack-head", markup=False)
        self.page = Document(id="pack-page")
        self.value = JsonView(id="pack-value")
        self.rows = Lines(self._paint, id="pack-rows")
        self.row = Static(id="pack-row", markup=False)

    def compose(self) -> ComposeResult:
        """Head, the three kinds of view, and the selected row in full."""
        yield self.head
        with ContentSwitcher(initial="pack-page"):
            yield self.page
            yield self.value
            yield self.rows
        yield self.row

    def show(self, subject: str, made: Shown) -> None:
        """Bring the right kind of view to the front."""
        self._shown = made
        match made:
            case Page(build):
                self.page.show(build)
            case Value(content):
                self.value.show_parts(subject, [(subject.removeprefix("f:"), content)])
            case Rows():
                self.rows.show([f"{subject}:{number}" for number in range(made.count)])
        if self._subject != subject:
            self._subject = subject
            self.front.scroll_home(animate=False)
        self.query_one(ContentSwitcher).current = self.front.id
        self._say_row()

    @property
    def front(self) -> Document | Lines:
        """What is read."""
        match self._shown:
            case Value():
                return self.value
            case Rows():
                return self.rows
        return self.page

    @property
    def copied(self) -> str:
        """The whole row or the JSON pointer under the cursor; empty on pages."""
        match self._shown:
            case Rows() if self.rows.selected:
                return self._shown.copied(_number(self.rows.selected))
            case Value():
                return self.value.place[1]
        return ""

    def _paint(self, key: str, _: int) -> Content:
        return self._shown.paint(_number(key)) if isinstance(self._shown, Rows) else Content()

    @on(Lines.Moved)
    def follow(self, event: Lines.Moved) -> None:
        """Another row is selected."""
        event.stop()
        self._say_row()

    def _say_row(self) -> None:
        """A long row is cut in the list, and told in full below it."""
        self.row.display = isinstance(self._shown, Rows) and bool(self.copied)
        if self.row.display:
            self.row.update(plain(self.copied))


def _number(key: str) -> int:
    return int(key.rpartition(":")[2])
