"""What a run does differently, as a list of things to show one below the other (spec/pipeline.md §3 and §4).

A section is one compared value: a step's output, its side effects, the receipts. Its changed places are announced by
their JSON pointer, and long stretches in which both sides agree are folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.model.jsontext import Json
from core.shadow.jsondiff import Missing
from tui.views.json_rows import Row, compare_rows

CONTEXT = 2
"""Unchanged lines that stay visible on each side of a change."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that counts as a difference: its JSON pointer, why it does, and whether the oracle reports it first."""

    pointer: str
    message: str
    first: bool = False
    rule: str = ""
    """The reviewers' rule that expects it; it does not count then."""


@dataclass(frozen=True, slots=True)
class Section:
    """One compared value with everything that differs in it."""

    key: str
    title: str
    expected: Json | Missing
    observed: Json | Missing
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The beginning of a section."""

    key: str
    title: str
    count: int
    """How many places of the section differ."""


@dataclass(frozen=True, slots=True)
class Place:
    """The beginning of a changed place; it may differ where a rule says so, the run's own or a reviewer's."""

    key: str
    spot: Spot
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """Unchanged rows that are not shown until the fold is opened."""

    key: str
    rows: int
    pointer: str


Item = Heading | Place | Row | Fold


def sections_rows(sections: Sequence[Section]) -> tuple[tuple[Section, tuple[Row, ...]], ...]:
    """Each section with its compared lines; the slow part, to be done once and not on the screen's thread."""
    return tuple((section, compare_rows(section.expected, section.observed)) for section in sections)


def items(compared: Sequence[tuple[Section, tuple[Row, ...]]], opened: frozenset[str] = frozenset()) -> list[Item]:
    """All sections as one list; folds whose key is in `opened` are shown in full."""
    shown: list[Item] = []
    for section, rows in compared:
        shown.append(Heading(section.key, section.title, sum(not spot.rule for spot in section.spots)))
        shown.extend(_section(section, rows, opened))
    return shown


def _section(section: Section, rows: tuple[Row, ...], opened: frozenset[str]) -> Iterator[Item]:
    spots = {spot.pointer: spot for spot in section.spots}
    announced: set[str] = set()
    index = 0
    while index < len(rows):
        end = _stretch(rows, index)
        if rows[index].same:
            yield from _unchanged(section.key, rows, index, end, opened)
        else:
            for row in rows[index:end]:
                yield from _announce(section.key, row.pointer, spots, announced)
                yield row
        index = end
    # A difference that has no line of its own (the values look alike but are not) is still named.
    for spot in section.spots:
        if spot.pointer not in announced:
            yield Place(f"{section.key}@{spot.pointer}", spot, allowed=bool(spot.rule))


def _announce(key: str, here: str, spots: dict[str, Spot], announced: set[str]) -> Iterator[Place]:
    """The place that a changed line belongs to, when it has not been named yet."""
    spot = next((spots[above] for above in _above(here) if above in spots), None)
    pointer = spot.pointer if spot else here
    if pointer not in announced:
        announced.add(pointer)
        yield Place(f"{key}@{pointer}", spot or Spot(here, ""), allowed=spot is None or bool(spot.rule))


def _above(pointer: str) -> Iterator[str]:
    """A pointer and those of everything that holds the place, innermost first."""
    while pointer and pointer != "/":
        yield pointer
        pointer = pointer.rpartition("/")[0]
    yield "/"


def _stretch(rows: tuple[Row, ...], start: int) -> int:
    """The end (exclusive) of the rows from `start` on that are all changed or all unchanged."""
    end = start
    while end < len(rows) and rows[end].same is rows[start].same:
        end += 1
    return end


def _unchanged(key: str, rows: tuple[Row, ...], start: int, end: int, opened: frozenset[str]) -> Iterator[Item]:
    head = start + (CONTEXT if start > 0 else 0)
    tail = end - (CONTEXT if end < len(rows) else 0)
    fold = f"{key}#{start}"
    if tail - head <= 1 or fold in opened:
        yield from rows[start:end]
        return
    yield from rows[start:head]
    yield Fold(fold, tail - head, rows[head].pointer)
    yield from rows[tail:end]
