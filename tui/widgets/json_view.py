"""A JSON value that folds: Enter or a click opens and closes, long lines wrap, the pointer is always known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.model.jsontext import Json
from core.model.text import lower, visible
from tui.views.folding import fold
from tui.views.json_tree import Node, tree
from tui.views.line import Line
from tui.widgets.document import Document

Part = tuple[str, Json]
"""A title and the value below it."""


class JsonView(Document):
    """Shows titled JSON values one below the other; folds belong to the `subject` that is shown."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._parts: Sequence[Part] = ()
        self._subject = ""
        self._toggled: dict[str, frozenset[str]] = {}
        self._needle = ""

    def show_parts(self, subject: str, parts: Sequence[Part], needle: str = "") -> None:
        """Show these values; folds of the same subject are as they were left, and `needle` is marked."""
        if subject != self._subject:
            self._toggled.clear()
        self._subject, self._parts, self._needle = subject, parts, lower(needle)
        self.show(self._build)

    @property
    def place(self) -> tuple[str, str]:
        """The title of the part under the cursor and the JSON pointer in it."""
        title, _, rest = self.selected.partition("\0")
        return title, rest.partition("\0")[2]

    def on_document_opened(self, event: Document.Opened) -> None:
        """Open or close the value under the cursor."""
        if event.document is not self:
            return
        title, _, rest = event.key.partition("\0")
        kind, _, pointer = rest.partition("\0")
        if kind == "fold":
            event.stop()
            self._toggled[title] = self._toggled.get(title, frozenset()) ^ {pointer}
            self.show(self._build)

    def _build(self, width: int) -> Sequence[Line]:
        return list(self._lines_of(width))

    def _lines_of(self, width: int) -> Iterator[Line]:
        for title, value in self._parts:
            yield Line(Content.styled(visible(title), "bold"), f"{title}\0title\0/")
            for number, node in enumerate(tree(value, self._toggled.get(title, frozenset()))):
                yield from self._node(title, number, node, width)
            yield Line(Content())

    def _node(self, title: str, number: int, node: Node, width: int) -> Iterator[Line]:
        sign = ("▾ " if node.opened else "▸ ") if node.foldable else "  "
        content = Content.assemble((sign, "$accent"), node.text)
        if self._needle:
            for start in _occurrences(lower(node.text), self._needle):
                begin = start + len(sign)
                content = content.stylize("reverse bold", begin, begin + len(self._needle))
        for part, piece in enumerate(fold(content, width, 4)):
            # The first line of a fold is known by its place, so that it stays selected when the fold changes.
            kind = "fold" if node.foldable and part == 0 else f"{number}.{part}"
            yield Line(piece, f"{title}\0{kind}\0{node.pointer}", node.foldable)


def _occurrences(text: str, needle: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))
