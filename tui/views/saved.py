"""What a workflow saves: per run and in all, step by step, and how much of it each example says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.candidate import Savings
from core.model.shares import digits, percent
from core.model.text import plural, visible
from core.promotion.projection import Projection, projection
from core.traces.times import moment
from tui import words
from tui.format import duration, short
from tui.text import shortened
from tui.views.amounts import ROWS, Told, add, cost, exact_usd, measure, number, standing, tokens_in, told, wall_time
from tui.views.line import Line, bullet, heading, paragraph, text
from tui.views.saved_time import Point, timeline
from tui.widgets.bars import bar_row

DAYS = 30
"""Days ahead that the table looks."""

PerExample = tuple[str, tuple[Savings, ...]]
"""An example's trace id and what each step of it would have saved."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of the examples so far; `missing` are those whose file cannot be read, with the reason."""

    examples: tuple[PerExample, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    total: int = 0
    starts: Mapping[str, str | None] = field(default_factory=dict)
    """When the runs began, as they say it, by trace id."""

    @property
    def done(self) -> bool:
        """Whether every example has been tried."""
        return len(self.examples) + len(self.missing) >= self.total


def savings_lines(view: CandidateView, ledger: Ledger, width: int) -> list[Line]:
    """The whole tab."""
    made = projection(
        view.candidate.savings,
        len(view.candidate.examples),
        [ledger.starts.get(e.trace_id) for e in view.candidate.examples],
    )
    lines = [*_table(view, made, width), *_notice(ledger, width)]
    if ledger.examples:
        lines += [*_steps(view, ledger, width), *_time(view, ledger, made, width), *_shares(view, ledger, width)]
    return lines


def _table(view: CandidateView, made: Projection | None, width: int) -> Iterator[Line]:
    saved, runs = view.candidate.savings, len(view.candidate.examples)
    each, month = 1 / max(runs, 1), made.runs_per_day * DAYS / max(runs, 1) if made else None
    yield from heading("Saved by one run, and by all observed runs together", plural(runs, "run"))
    titles = (
        f"{'one run':>16}",
        f"{'all observed':>18}",
        f"{f'in {DAYS} days':>18}" if month is not None and width >= 74 else "",
    )
    yield Line(text(f"  {'':18}{''.join(titles)}", "$text-muted"))
    for name, amount, tell, unknown in ROWS:
        known, some = amount(saved), bool(unknown(saved))
        yield Line(_row(name, known, tell, each, month if width >= 74 else None, some=some))
    left = saved.remaining_model_calls
    row = _row("calls that remain", left, number, each, month if width >= 74 else None)
    yield Line(row.stylize("$text-warning" if left else "$text-muted"))
    if saved.tool_ms:
        yield Line(_row("the steps' own", saved.tool_ms, duration, each, month if width >= 74 else None))
    yield from _basis(saved, made, width)


def _row(
    name: str, amount: float | None, tell: Told, each: float, month: float | None, *, some: bool = False
) -> Content:
    """One kind of saving: the mean of a run, the sum, and what 30 days bring at the observed rate."""

    def at(factor: float) -> str:
        return told(None if amount is None else amount * factor, tell, at_least=some)

    more = f"{f'~ {at(month)}' if amount is not None else at(month):>18}" if month is not None else ""
    return text(f"  {name:18}") + text(f"{at(each):>16}", "bold") + text(f"{at(1):>18}") + text(more)


def _basis(saved: Savings, made: Projection | None, width: int) -> Iterator[Line]:
    if made is None:
        why = "Nothing is projected: it takes two runs that began an hour apart or more."
        yield from paragraph(text(why, "$text-muted"), width, 2)
    else:
        rate, often = (made.runs_per_day, "a day") if made.runs_per_day >= 1 else (made.runs_per_day * 7, "a week")
        often = f"{digits(rate)} run{'' if digits(rate) == '1' else 's'} {often}"
        yield from paragraph(text(f"In {DAYS} days: {often}, {made.basis}.", "$text-muted"), width, 2)
    if any(amount(saved) is None for _, amount, _, _ in ROWS):
        said = "Unknown: no avoided call records it; what is unknown is in no sum."
        yield from bullet(text("  ! ", "$text-warning"), text(said, "$text-warning"), width)
    for noun, calls in (
        ("price", saved.unknown_cost_calls),
        ("tokens", saved.unknown_token_calls),
        ("time", saved.unknown_time_calls),
    ):
        if calls:
            record = "records" if calls == 1 else "record"
            said = f"{plural(calls, 'avoided call')} of {number(saved.model_calls_avoided)} {record} no {noun}"
            yield from bullet(text("  ! ", "$text-warning"), text(said), width)


def _time(view: CandidateView, ledger: Ledger, made: Projection | None, width: int) -> Iterator[Line]:
    unrecorded = view.candidate.savings.unrecorded
    sums = [(trace_id, add(saved).replace(unrecorded=unrecorded)) for trace_id, saved in ledger.examples]
    name, value, tell = measure([saved for _, saved in sums])
    times = [(moment(ledger.starts.get(trace_id) or ""), saved) for trace_id, saved in sums]
    points = [Point(at, value(saved), *standing([saved], name)) for at, saved in times if at is not None]
    return timeline(points, len(times) - len(points), made, name, tell, width)


def _notice(ledger: Ledger, width: int) -> Iterator[Line]:
    if not ledger.done:
        read = len(ledger.examples) + len(ledger.missing)
        yield Line(Content())
        yield Line(text(f"  reading examples: {read:,} of {plural(ledger.total, 'run')}", "$text-muted"))
    for trace_id, reason in ledger.missing:
        said = text(f"{visible(trace_id)}: {visible(reason)}", "$text-error")
        yield from bullet(text("  ✗ ", "$text-error"), said, width)


def totals(ledger: Ledger) -> tuple[Savings, ...]:
    """What each step would have saved over all examples that were read; sums do not depend on their order."""
    steps = max((len(saved) for _, saved in ledger.examples), default=0)
    return tuple(add([saved[step] for _, saved in ledger.examples if step < len(saved)]) for step in range(steps))


def _steps(view: CandidateView, ledger: Ledger, width: int) -> Iterator[Line]:
    by_step = totals(ledger)
    name, value, _ = measure(by_step)
    top, whole = max(map(value, by_step), default=0), math.fsum(map(value, by_step))
    yield from heading("Saved by each step", _charted(view, f"bars: {name}, all examples"))
    label_width = min(34, max(width // 3, 14))
    for step, known in zip(view.candidate.steps, by_step, strict=False):
        saved = known.replace(unrecorded=view.candidate.savings.unrecorded)
        sign = words.SEGMENT[step.segment]
        label = Content.assemble(f"  {step.index:>2} ", (sign.glyph, sign.style), f" {visible(step.name)}")
        share = value(saved) / top if top > 0 else 0.0
        part = value(saved) / whole if whole > 0 else 0.0
        yield Line(bar_row(label, share, _beside(saved, part, width), width, label_width=label_width))


def _charted(view: CandidateView, note: str) -> str:
    return "unknown: no run records the calls that chose the steps" if view.candidate.savings.unrecorded else note


def _beside(saved: Savings, part: float, width: int) -> str:
    """The exact numbers of a step; narrow screens drop time first, then tokens."""
    amount = saved.input_tokens_avoided + saved.output_tokens_avoided
    tokens = short(amount) if tokens_in(saved) is not None else "?"
    price = told(cost(saved), exact_usd, at_least=bool(saved.unknown_cost_calls))
    numbers = f"{price:>9} {'' if saved.unrecorded else percent(part):>5}"
    if width >= 70:
        numbers += f" {tokens:>7} tok"
    if width >= 90:
        numbers += f" {told(wall_time(saved), duration):>13}"
    if saved.remaining_model_calls:
        return numbers + f" {short(saved.remaining_model_calls):>3} left"
    return numbers + " " * 9


def _shares(view: CandidateView, ledger: Ledger, width: int) -> Iterator[Line]:
    unrecorded = view.candidate.savings.unrecorded
    rows = [(trace_id, add(saved).replace(unrecorded=unrecorded)) for trace_id, saved in ledger.examples]
    name, value, _ = measure([saved for _, saved in rows])
    top, whole = max((value(s) for _, s in rows), default=0), math.fsum(value(s) for _, s in rows)
    yield from heading("Share of each example", _charted(view, f"bars: {name}, most first"))
    label_width = min(34, max(width // 3, 14))
    for trace_id, saved in sorted(rows, key=lambda row: (-value(row[1]), row[0])):
        share = value(saved) / top if top > 0 else 0.0
        part = value(saved) / whole if whole > 0 else 0.0
        label = Content("  " + shortened(trace_id, label_width - 2))
        yield Line(bar_row(label, share, _beside(saved, part, width), width, label_width=label_width))
