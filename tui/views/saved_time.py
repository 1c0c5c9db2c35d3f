"""What runs would have saved as time went by, and what they would save from now on at the rate at which they came."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from textual.content import Content

from core.model.shares import percent
from core.model.text import plural
from core.promotion.projection import Projection
from tui.views.amounts import UNKNOWN, Told, told
from tui.views.line import Line, bullet, heading, paragraph, text
from tui.widgets.bars import PROJECTED, bar_row, columns

HOUR, DAY = 3_600.0, 86_400.0
HEIGHT = 8
MOST_PERIODS = 14
"""Rows that the table of periods has at most."""
PERIODS: tuple[tuple[str, float, str], ...] = (
    ("hour", HOUR, "%Y-%m-%d %H:00"),
    ("day", DAY, "%Y-%m-%d"),
    ("week", 7 * DAY, "%Y-%m-%d"),
    ("4 weeks", 28 * DAY, "%Y-%m-%d"),
    ("52 weeks", 364 * DAY, "%Y-%m-%d"),
)
"""Names, seconds and how their beginning is written; the finest that fits is taken."""


@dataclass(frozen=True, slots=True)
class Point:
    """One run that would have saved something."""

    at: float
    """Unix seconds at which it began."""
    saved: float
    known: bool = True
    """Whether anything of it was recorded; what was not is no 0."""
    at_least: bool = False
    """Whether a part of it was not recorded."""


def timeline(
    points: Sequence[Point], untimed: int, made: Projection | None, name: str, tell: Told, width: int
) -> Iterator[Line]:
    """The whole part: the chart with its projection, what it rests on, and the numbers by period."""
    yield from heading("Saved as time went by", f"{name}, added up")
    if not points:
        yield from paragraph(
            text("No run says when it began, so nothing can be shown over time.", "$text-muted"), width, 2
        )
        return
    if not any(point.known for point in points):
        yield from paragraph(text(f"Unknown: no run records it ({name}).", "$text-muted"), width, 2)
        return
    ordered = sorted(points, key=lambda point: point.at)
    if made is None:
        why = "No projection: it takes two runs that began an hour apart or more."
        yield from paragraph(text(why, "$text-muted"), width, 2)
    else:
        yield from _chart(ordered, made, tell, width)
    if untimed:
        said = f"{plural(untimed, 'run')} without a time {'is' if untimed == 1 else 'are'} not in it."
        yield from bullet(text("  ! ", "$text-warning"), text(said, "$text-warning"), width)
    yield from _periods(ordered, name, tell, width)


def _chart(points: Sequence[Point], made: Projection, tell: Told, width: int) -> Iterator[Line]:
    whole = math.fsum(point.saved for point in points)
    first, last = points[0].at, points[-1].at
    span = last - first
    ahead = made.runs_per_day * span / DAY * whole / len(points)
    marks = {0: tell(whole + ahead), HEIGHT // 2: tell((whole + ahead) / 2), HEIGHT - 1: tell(0)}
    edge = max(6, *map(len, marks.values()))
    room = min(max(width - edge - 5, 16), 90)
    seen = room // 2
    values = [*_observed(points, seen), *(whole + ahead * (place + 1) / (room - seen) for place in range(room - seen))]
    drawn = columns(values, HEIGHT, seen)
    for row, line in enumerate(drawn):
        label = text(f"  {marks.get(row, ''):>{edge}} {'┤' if row in marks else '│'}", "$text-muted")
        yield Line(label + text(line[:seen], "$primary") + text(line[seen:], "$text-muted"))
    yield Line(text(f"  {'':>{edge}} └{'─' * (seen - 1)}┴{'─' * (room - seen)}", "$text-muted"))
    dates = f"{date(first):<{max(seen - 5, 11)}}{date(last):<{max(room - seen - 5, 11)}}{date(last + span)}"
    yield Line(text(f"  {'':>{edge}}  {dates}"[: max(width, 1)], "$text-muted"))
    more, in_all = _said(points, ahead, tell), _said(points, whole + ahead, tell)
    facts = (
        ("█", f"observed: {plural(len(points), 'run')}, {_said(points, whole, tell)}", "$primary"),
        (
            PROJECTED,
            f"projected, as far ahead as it was observed: {more} more, {in_all} in all",
            "",
        ),
    )
    for glyph, said, style in facts:
        yield from bullet(text(f"  {glyph} ", style or "$text-muted"), text(said), width)
    least = any(point.at_least for point in points)
    basis = f"Projected {made.basis}{'; a lower bound, as some calls record no amount' if least else ''}."
    yield from paragraph(text(basis, "$text-muted"), width, 4)


def _said(points: Sequence[Point], amount: float, tell: Told) -> str:
    """What runs would have saved together: `unknown` where none of them tells it, `≥` where not all do."""
    is_known = not points or any(point.known for point in points)
    return told(amount if is_known else None, tell, at_least=any(point.at_least for point in points))


def _observed(points: Sequence[Point], room: int) -> list[float]:
    """What was saved until the end of each of `room` equal stretches of time."""
    first, span = points[0].at, points[-1].at - points[0].at
    sums, done, place = [], 0.0, 0
    for column in range(room):
        until = points[-1].at if column == room - 1 else first + span * (column + 1) / room
        while place < len(points) and points[place].at <= until:
            done += points[place].saved
            place += 1
        sums.append(done)
    return sums


def _periods(points: Sequence[Point], name: str, tell: Told, width: int) -> Iterator[Line]:
    first, last = points[0].at, points[-1].at
    label, seconds, pattern = next((p for p in PERIODS if last // p[1] - first // p[1] < MOST_PERIODS), (PERIODS[-1]))
    found: dict[float, list[Point]] = defaultdict(list)
    for point in points:
        found[point.at // seconds].append(point)
    start, end = first // seconds, last // seconds
    whole = end - start < MOST_PERIODS
    keys = [start + step for step in range(int(end - start) + 1)] if whole else sorted(found)[-MOST_PERIODS:]
    sums = {key: math.fsum(point.saved for point in found.get(key, ())) for key in keys}
    top, everything = max(sums.values()), math.fsum(point.saved for point in points)
    note = "" if whole or len(found) <= MOST_PERIODS else f", the last {MOST_PERIODS} with runs"
    yield from heading(f"Saved every {label}", f"bars: {name}, UTC{note}")
    for key in keys:
        share = sums[key] / top if top > 0 else 0.0
        part = sums[key] / everything if everything > 0 else 0.0
        runs = found.get(key, [])
        amount = _said(runs, sums[key], tell)
        of_all = "" if amount == UNKNOWN else percent(part)
        beside = f"{amount:>13} {of_all:>5} {plural(len(runs), 'run'):>10}"
        yield Line(bar_row(Content(f"  {date(key * seconds, pattern)}"), share, beside, width, label_width=20))


def date(seconds: float, pattern: str = "%Y-%m-%d") -> str:
    """A moment in UTC; `later` beyond what a calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(pattern)
    except (OverflowError, ValueError, OSError):
        return "later"
