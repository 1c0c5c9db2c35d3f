"""What a workflow saves: per run and in all, step by step, and how much of it each example says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.candidate import Savings
from core.model.text import visible
from tui import words
from tui.format import count, duration, percent, plural, short, usd
from tui.views.line import Line, bullet, heading, labelled, text
from tui.widgets.bars import bar_row

PerExample = tuple[str, tuple[Savings, ...]]
"""An example's trace id and what each step of it would have saved."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is known of the examples so far; `missing` are those whose file cannot be read, with the reason."""

    examples: tuple[PerExample, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    total: int = 0

    @property
    def done(self) -> bool:
        """Whether every example has been tried."""
        return len(self.examples) + len(self.missing) >= self.total


def savings_lines(view: CandidateView, ledger: Ledger, width: int) -> list[Line]:
    """The whole tab."""
    lines = [*_table(view, width), *_notice(ledger, width)]
    if ledger.examples:
        lines += [*_steps(view, ledger, width), *_shares(ledger, width)]
    return lines


def _table(view: CandidateView, width: int) -> Iterator[Line]:
    saved, runs = view.candidate.savings, max(len(view.candidate.examples), 1)
    yield from heading("Saved by one run, and by all examples together", plural(len(view.candidate.examples), "run"))
    yield Line(text(f"  {'':18}{'one run':>16}{'all examples':>18}", "$text-muted"))
    rows: tuple[tuple[str, float, Callable[[float], str]], ...] = (
        ("model calls", saved.model_calls_avoided, _number),
        ("tokens in", saved.input_tokens_avoided, _number),
        ("tokens out", saved.output_tokens_avoided, _number),
        ("cost", saved.estimated_cost_usd_avoided, exact_usd),
        ("wall time", saved.wall_ms_avoided, duration),
    )
    for name, amount, tell in rows:
        yield Line(text(f"  {name:18}") + text(f"{tell(amount / runs):>16}", "bold") + text(f"{tell(amount):>18}"))
    left = saved.remaining_model_calls
    yield Line(
        text(f"  {'still needed':18}", "$text-warning" if left else "")
        + text(f"{_number(left / runs):>16}{_number(left):>18}")
        + text("  model calls", "$text-muted")
    )
    if saved.cpu_runtime_cost_usd:
        yield from labelled("  own runtime", text(usd(saved.cpu_runtime_cost_usd)), width, 20)


def exact_usd(amount: float) -> str:
    """US dollars to a hundredth of a cent where two decimals would hide a difference: `$0.0372`, `$3.20`."""
    if abs(amount) >= 10 or round(amount, 2) == round(amount, 4):
        return usd(amount)
    return f"{'-' if amount < 0 else ''}${abs(amount):.4f}"


def _number(amount: float) -> str:
    return count(int(amount)) if amount == int(amount) else f"{amount:,.1f}"


def _notice(ledger: Ledger, width: int) -> Iterator[Line]:
    if not ledger.done:
        read = len(ledger.examples) + len(ledger.missing)
        yield Line(Content())
        yield Line(text(f"  reading examples: {read:,} of {plural(ledger.total, 'run')}", "$text-muted"))
    for trace_id, reason in ledger.missing:
        said = text(f"{visible(trace_id)}: {visible(reason)}", "$text-error")
        yield from bullet(text("  ✗ ", "$text-error"), said, width)


def measure(savings: Sequence[Savings]) -> tuple[str, Callable[[Savings], float]]:
    """What bars are drawn of: dollars where any are known, else tokens, else time, else calls."""
    ways: tuple[tuple[str, Callable[[Savings], float]], ...] = (
        ("cost", lambda s: s.estimated_cost_usd_avoided),
        ("tokens", lambda s: s.input_tokens_avoided + s.output_tokens_avoided),
        ("wall time", lambda s: s.wall_ms_avoided),
    )
    known = (way for way in ways if any(way[1](s) > 0 for s in savings))
    return next(known, ("model calls", lambda s: s.model_calls_avoided))


def totals(ledger: Ledger) -> tuple[Savings, ...]:
    """What each step would have saved over all examples that were read; sums do not depend on their order."""
    steps = max((len(saved) for _, saved in ledger.examples), default=0)
    return tuple(add([saved[step] for _, saved in ledger.examples if step < len(saved)]) for step in range(steps))


def add(parts: Sequence[Savings]) -> Savings:
    """Several savings as one."""
    return Savings(
        model_calls_avoided=sum(s.model_calls_avoided for s in parts),
        input_tokens_avoided=sum(s.input_tokens_avoided for s in parts),
        output_tokens_avoided=sum(s.output_tokens_avoided for s in parts),
        estimated_cost_usd_avoided=math.fsum(s.estimated_cost_usd_avoided for s in parts),
        wall_ms_avoided=sum(s.wall_ms_avoided for s in parts),
        remaining_model_calls=sum(s.remaining_model_calls for s in parts),
    )


def _steps(view: CandidateView, ledger: Ledger, width: int) -> Iterator[Line]:
    by_step = totals(ledger)
    name, value = measure(by_step)
    top, whole = max(map(value, by_step), default=0), math.fsum(map(value, by_step))
    yield from heading("Saved by each step", f"bars: {name}, all examples")
    label_width = min(34, max(width // 3, 14))
    for step, saved in zip(view.candidate.steps, by_step, strict=False):
        sign = words.SEGMENT[step.segment]
        label = Content.assemble(f"  {step.index:>2} ", (sign.glyph, sign.style), f" {visible(step.name)}")
        share = value(saved) / top if top > 0 else 0.0
        part = value(saved) / whole if whole > 0 else 0.0
        yield Line(bar_row(label, share, _beside(saved, part, width), width, label_width=label_width))


def _beside(saved: Savings, part: float, width: int) -> str:
    """The exact numbers of a step; narrow screens drop time first, then tokens."""
    tokens = short(saved.input_tokens_avoided + saved.output_tokens_avoided)
    numbers = f"{exact_usd(saved.estimated_cost_usd_avoided):>9} {percent(part):>5}"
    if width >= 70:
        numbers += f" {tokens:>7} tok"
    if width >= 90:
        numbers += f" {duration(saved.wall_ms_avoided):>13}"
    if saved.remaining_model_calls:
        return numbers + f" {short(saved.remaining_model_calls):>3} left"
    return numbers + " " * 9


def _shares(ledger: Ledger, width: int) -> Iterator[Line]:
    rows = [(trace_id, add(saved)) for trace_id, saved in ledger.examples]
    name, value = measure([saved for _, saved in rows])
    top, whole = max((value(s) for _, s in rows), default=0), math.fsum(value(s) for _, s in rows)
    yield from heading("Share of each example", f"bars: {name}, most first")
    label_width = min(34, max(width // 3, 14))
    for trace_id, saved in sorted(rows, key=lambda row: (-value(row[1]), row[0])):
        share = value(saved) / top if top > 0 else 0.0
        part = value(saved) / whole if whole > 0 else 0.0
        label = Content(f"  {visible(trace_id)}")
        yield Line(bar_row(label, share, _beside(saved, part, width), width, label_width=label_width))
