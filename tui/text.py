"""The border between data and screen: text from traces becomes content that nothing can interpret."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from core.model.text import visible


def plain(text: str, style: str = "") -> Content:
    """One line of untrusted text; control, bidi and invisible characters are spelled out, markup stays text."""
    return Content.styled(visible(text), style)


def fitted(content: Content, width: int, *, right: bool = False) -> Content:
    """Content in exactly `width` cells: padded, or cut with an ellipsis that says so."""
    if content.cell_length > width:
        return content.truncate(width, ellipsis=True)
    blank = " " * (width - content.cell_length)
    return Content.assemble(blank, content) if right else Content.assemble(content, blank)


def shortened(text: str, width: int) -> str:
    """One line of untrusted text in at most `width` cells, its beginning and its end kept around an ellipsis."""
    said = visible(text)
    if cell_len(said) <= width:
        return said
    start, room = len(said), (width - 1) // 2
    # Each character is measured once: a text may hold very many that take no cell.
    while start and (left := room - cell_len(said[start - 1])) >= 0:
        start, room = start - 1, left
    tail = said[start:]
    return set_cell_size(said, max(width - 1 - cell_len(tail), 0)).rstrip() + "…" + tail


def arrowed(label: str, width: int) -> str:
    """A workflow's label (`first → … → last`, untrusted) in at most `width` cells: what it ends in stays whole longest.

    Labels of many workflows begin alike; the last step is what they are for.
    """
    said = visible(label)
    head, arrow, last = said.rpartition(" → ")
    if cell_len(said) <= width or not arrow:
        return shortened(label, width)
    room = width - cell_len(arrow) - cell_len(last)
    if room < 2:
        return "…" + arrow + shortened(last, width - cell_len(arrow) - 1)
    return set_cell_size(head, room - 1).rstrip(" →") + "…" + arrow + last


class _Cells(dict[int, int]):
    """The cells of a character, by its code; each is measured once."""

    def __missing__(self, code: int) -> int:
        self[code] = cells = cell_len(chr(code))
        return cells


_CELLS = _Cells()


def row_starts(said: str, width: int, most: int) -> Sequence[int]:
    """Where the rows begin on which a line of visible text stands; there is always a first one.

    A row has at most `width` cells (2 or more) and `most` characters, some of which may take no cell.
    """
    if said.isascii() or 2 * len(said) <= width:
        return range(0, max(len(said), 1), min(width, most))
    ends = array("I", accumulate(said.translate(_CELLS).encode("latin-1")))
    starts = [0]
    while True:
        before = ends[starts[-1] - 1] if starts[-1] else 0
        end = bisect_right(ends, before + width, starts[-1], min(starts[-1] + most, len(ends)))
        if end == len(ends):
            return starts
        starts.append(end)


def flowed(parts: Iterable[Content], width: int, gap: Content) -> list[Content]:
    """Parts side by side with a gap between them, on as many lines as they need; a part is never divided.

    A part that is wider than a line is cut with an ellipsis.
    """
    lines: list[Content] = []
    for part in parts:
        whole = part.truncate(width, ellipsis=True)
        if lines and lines[-1].cell_length + gap.cell_length + whole.cell_length <= width:
            lines[-1] = Content.assemble(lines[-1], gap, whole)
        else:
            lines.append(whole)
    return lines


def stacked(lines: Iterable[Content]) -> Content:
    """Lines below each other."""
    return Content("\n").join(lines)
