"""A structured difference: unified or side by side, unchanged parts folded, changed words marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual.content import Content, Span

from core.model.text import visible
from tui.text import fitted, shortened
from tui.views.diff import Fold, Heading, Item, Place, Section, Spot, items
from tui.views.folding import fold
from tui.views.json_rows import Row, Side
from tui.views.line import Line
from tui.widgets.document import Document

SIDE_BY_SIDE_FROM = 96
"""Cells from which two columns are shown unless the reader says otherwise."""

_MARKED = {"-": "$error bold underline", "+": "$success bold underline"}
_PLAIN = {"-": "$text-error", "+": "$text-success", " ": ""}

Compared = Sequence[tuple[Section, tuple[Row, ...]]]


class DiffView(Document):
    """Shows compared sections; folds open with Enter or a click, `place` walks the differences."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._compared: Compared = ()
        self._opened: frozenset[str] = frozenset()
        self._names = ("", "")
        self._side_by_side: bool | None = None

    def show_sections(self, compared: Compared, expected_from: str, observed_in: str) -> None:
        """Show what was compared; the two names say where each side comes from. Opened folds stay open."""
        self._compared, self._names = compared, (visible(expected_from), visible(observed_in))
        self.show(self._build)

    def show_note(self, text: str, style: str = "$text-muted") -> None:
        """Show a sentence instead: that something is being read, went wrong, or that nothing differs."""
        self._compared = ()
        note = Content.styled(text, style)
        self.show(lambda width: [Line(part) for part in note.wrap(width)])

    @property
    def side_by_side(self) -> bool:
        """Whether two columns are shown: what the reader chose, else what the width allows."""
        if self._side_by_side is not None:
            return self._side_by_side
        return self.size.width >= SIDE_BY_SIDE_FROM

    def toggle(self) -> None:
        """Change between unified and side by side."""
        self._side_by_side = not self.side_by_side
        if self._compared:
            self.show(self._build)

    @property
    def place(self) -> str:
        """The JSON pointer at the selected line; empty where there is none."""
        return self.selected.partition("\0")[2].partition("\0")[0]

    def step(self, by: int) -> bool:
        """Go to the next (1) or previous (-1) difference; False when there is no further one."""
        keys = self.keys
        here = keys.index(self.selected) if self.selected else -1
        order = range(here + 1, len(keys)) if by > 0 else range(here - 1, -1, -1)
        return any(self.select(keys[index]) for index in order if keys[index].startswith("@"))

    def first(self, *, last: bool = False) -> None:
        """Go to the difference that the oracle reports first, else to the first one, or to the last one."""
        places = [item for item in items(self._compared, self._opened) if isinstance(item, Place)]
        if not places:
            return
        chosen = places[-1] if last else next((place for place in places if place.spot.first), places[0])
        wanted = f"@{visible(chosen.key)}.0\0"
        self.select(next((key for key in self.keys if key.startswith(wanted)), ""))

    @property
    def spot(self) -> tuple[Section, Spot] | None:
        """The difference that holds the selected line, with its section; None on lines that do not differ."""
        _, pointer, at = self.selected.split("\0") if self.selected.count("\0") == 2 else ("", "", "")
        if not (at.isdigit() and int(at) < len(self._compared)):
            return None
        section = self._compared[int(at)][0]
        around = [spot for spot in section.spots if _holds(visible(spot.pointer), pointer)]
        return (section, max(around, key=lambda spot: len(spot.pointer))) if around else None

    def section_at(self, numbers: Sequence[int]) -> int:
        """Of one number per section, that of the section under the cursor; 0 when there is none."""
        if not self._compared or not self.selected:
            return 0
        at = self.selected.rpartition("\0")[2]
        return numbers[int(at)] if at.isdigit() and int(at) < len(numbers) else 0

    def on_document_opened(self, event: Document.Opened) -> None:
        """Open the fold under the cursor; other lines are left to the screen."""
        if event.document is self and event.key.startswith("#"):
            event.stop()
            self._opened |= {event.key[1:].partition("\0")[0]}
            self.show(self._build)

    def _build(self, width: int) -> Sequence[Line]:
        shown = items(self._compared, self._opened)
        return list(paint(shown, width, self._names, side_by_side=self.side_by_side))


def _holds(outer: str, inner: str) -> bool:
    """Whether a place is another one or lies inside it."""
    return outer in ("/", inner) or inner.startswith(outer + "/")


def paint(shown: Sequence[Item], width: int, names: tuple[str, str], *, side_by_side: bool) -> Iterator[Line]:
    """The lines of a difference; keys: `@` or `#` at a place or fold, NUL, pointer, NUL, section."""
    draw: Callable[[Row, int], list[Content]] = _columns if side_by_side else _unified
    yield from _legend(width, names, side_by_side)
    section = -1
    for number, item in enumerate(shown):
        match item:
            case Heading():
                section += 1
                yield Line(Content())
                count = f"{item.count} difference{'' if item.count == 1 else 's'}"
                yield Line(Content.assemble((item.title, "bold"), (f"  {count}", "$text-muted")))
            case Place():
                yield from _place(item, width, section)
            case Fold():
                text = f"    ⋯ {item.rows:,} unchanged lines, Enter shows them"
                yield Line(
                    Content.styled(text, "$text-muted"), f"#{item.key}\0{visible(item.pointer)}\0{section}", True
                )
            case Row():
                for part, content in enumerate(draw(item, width)):
                    yield Line(content, f"={number}.{part}\0{visible(item.pointer)}\0{section}")


def _legend(width: int, names: tuple[str, str], side_by_side: bool) -> Iterator[Line]:
    half = (width - 3) // 2
    room = (half if side_by_side else width) - len("- expected, from ")
    left, right = f"- expected, from {shortened(names[0], room)}", f"+ observed, in {shortened(names[1], room)}"
    if side_by_side:
        yield Line(
            fitted(Content.styled(left, "$text-error"), half)
            + Content.styled(" │ ", "$text-muted")
            + fitted(Content.styled(right, "$text-success"), half)
        )
        return
    for text, style in ((left, "$text-error"), (right, "$text-success")):
        yield Line(fitted(Content.styled(text, style), width))


def _place(item: Place, width: int, section: int) -> Iterator[Line]:
    pointer = visible(item.spot.pointer)
    mark = "≈" if item.allowed else "◆"
    said = Content.assemble((f"{mark} {pointer}", "$text-muted" if item.allowed else "$accent bold"))
    if item.spot.first:
        said += Content.styled("  first one the replay oracle reports", "$warning")
    if item.allowed:
        told = f"  may differ: {item.spot.rule}" if item.spot.rule else "  differs, and a rule allows it"
        said += Content.styled(told, "$text-muted")
    for part, content in enumerate(fold(said, width, 2)):
        prefix = "@" if part == 0 else "=@"
        yield Line(content, f"{prefix}{visible(item.key)}.{part}\0{pointer}\0{section}")
    if item.spot.message and not item.allowed:
        for content in fold(Content.styled("  " + item.spot.message, "$text-muted"), width, 2):
            yield Line(content)


def _unified(row: Row, width: int) -> list[Content]:
    if row.same and row.left:
        return fold(Content("  ") + _text(row.left, " "), width, 4)
    lines: list[Content] = []
    for sign, side in (("-", row.left), ("+", row.right)):
        if side:
            lines += fold(Content.styled(f"{sign} ", _PLAIN[sign]) + _text(side, sign), width, 4)
    return lines


def _columns(row: Row, width: int) -> list[Content]:
    half = max((width - 3) // 2, 4)
    if (line := _short_columns(row, half)) is not None:
        return [line]
    left = _column(row.left, " " if row.same else "-", half)
    right = _column(row.right, " " if row.same else "+", half)
    bar = Content.styled(" │ ", "$text-muted")
    blank = Content(" " * half)
    height = max(len(left), len(right))
    left += [blank] * (height - len(left))
    right += [blank] * (height - len(right))
    return [a + bar + b for a, b in zip(left, right, strict=True)]


def _short_columns(row: Row, half: int) -> Content | None:
    """Both sides in one line, built at once; None when a side needs more, or has characters of another width.

    Nearly all lines are so, and a comparison may have 10,000 of them.
    """
    text, spans = "", []
    for side, sign in ((row.left, " " if row.same else "-"), (row.right, " " if row.same else "+")):
        said = f"{sign} {side.text}" if side else ""
        if len(said) > half or not said.isascii():
            return None
        start = len(text)
        if style := _PLAIN[sign]:
            spans.append(Span(start, start + len(said), style))
        spans += [
            Span(start + 2 + a, start + 2 + b, _MARKED.get(sign, "bold")) for a, b in (side.marks if side else ())
        ]
        text += said.ljust(half)
        if not start:
            spans.append(Span(half, half + 3, "$text-muted"))
            text += " │ "
    return Content(text, spans=spans)


def _column(side: Side | None, sign: str, width: int) -> list[Content]:
    if side is None:
        return []
    return [
        fitted(part, width) for part in fold(Content.styled(f"{sign} ", _PLAIN[sign]) + _text(side, sign), width, 4)
    ]


def _text(side: Side, sign: str) -> Content:
    content = Content.styled(side.text, _PLAIN[sign])
    for start, end in side.marks:
        content = content.stylize(_MARKED.get(sign, "bold"), start, end)
    return content
