"""How each file of a crashpack is read: as a page, as a JSON value, or as rows of which only the visible are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from textual.content import Content

from core.crashpack.composite import CompositeEvidence
from core.crashpack.event_text import event_text, project
from core.crashpack.events import TraceEvent
from core.crashpack.reading import COMPOSITE
from core.crashpack.witness import is_witness
from core.model.jsontext import Json, JsonError, parse
from core.model.record import DecodeError
from core.model.text import visible
from tui.views.folding import fold
from tui.views.line import Builder, Line, paragraph, text
from tui.views.pack import Pack
from tui.views.pack_evidence import composite_lines, ledger_lines

LOGS = ("pathlog", "quiclog", "repairlog")
_TRACE, _LEDGER = "transfer.atp-trace", "evidence-ledger.json"


@dataclass(frozen=True, slots=True)
class Page:
    """Lines to read from top to bottom."""

    build: Builder


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value that folds."""

    value: Json


@dataclass(frozen=True, slots=True)
class Rows:
    """Many one-line rows; `paint` makes one when it is to be seen, `copied` is its whole text."""

    count: int
    paint: Callable[[int], Content]
    copied: Callable[[int], str]


Shown = Page | Value | Rows


def shown(pack: Pack, name: str) -> Shown:
    """How to show a file; what cannot be decoded is shown as text, with what is wrong."""
    data = pack.files.get(name)
    if data is None:
        return _note("This file is missing. What it held cannot be told from the others.")
    if name == _TRACE and pack.contents.events is not None:
        return event_rows(pack.contents.events)
    if name == _LEDGER and pack.contents.ledger is not None:
        return Page(partial(ledger_lines, pack.contents.ledger))
    if name == COMPOSITE and (made := _composite(pack)) is not None:
        return Page(partial(composite_lines, made))
    if name in LOGS:
        return _log_rows(data)
    if name.endswith(".json"):
        try:
            return Value(parse(data))
        except JsonError:
            pass
    return _text(data)


def _composite(pack: Pack) -> CompositeEvidence | None:
    try:
        return CompositeEvidence.decode(pack.contents.composite)
    except DecodeError:
        return None


def event_rows(events: Sequence[TraceEvent]) -> Rows:
    """Trace events line by line: a witness of a failure is marked, the classes of an event stand behind it."""

    def paint(index: int) -> Content:
        event = events[index]
        classes = " ".join(name.removesuffix("log") for name, line in project([event]).items() if line)
        mark = text("✗ ", "$text-error bold") if is_witness(event) else text("  ")
        style = "$text-error" if is_witness(event) else ""
        return Content.assemble(
            mark, (visible(event_text(event)), style), (f"  ⟨{classes}⟩" if classes else "", "$text-muted")
        )

    return Rows(len(events), paint, lambda index: visible(event_text(events[index])))


def _log_rows(data: bytes) -> Shown:
    if not data:
        return _note("No event of this crashpack belongs to this class.")
    lines = data.decode(errors="backslashreplace").split("\n")
    return Rows(len(lines), lambda index: Content(visible(lines[index])), lambda index: visible(lines[index]))


def _note(told: str) -> Page:
    return Page(lambda width: list(paragraph(text(told, "$text-muted"), width)))


def _text(data: bytes) -> Page:
    body = data.decode(errors="backslashreplace").removesuffix("\n").split("\n")
    return Page(lambda width: _numbered(body, width))


def _numbered(body: Sequence[str], width: int) -> list[Line]:
    """Lines with their numbers; comments are quieter, what failed stands out."""
    made: list[Line] = []
    for number, line in enumerate(body, 1):
        content = text(f"{number:>4}  ", "$text-disabled") + text(visible(line, lines=True), _style(line))
        made += (Line(part) for part in fold(content, width, 8))
    return made


def _style(line: str) -> str:
    start = line.lstrip()
    if start.startswith("#"):
        return "$text-muted"
    if start.startswith(("passed: false", "- type:", "severity:")):
        return "$text-error"
    return "$text-success" if start.startswith("passed: true") else ""
