"""Savings as numbers on the screen; what no call recorded is unknown and never nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from core.model.candidate import Savings
from core.model.shares import digits
from core.model.sums import total, usd
from tui.format import count, duration, short
from tui.format import usd as dollars

UNKNOWN = "unknown"

Value = Callable[[Savings], float]
Told = Callable[[float], str]


def exact_usd(amount: float) -> str:
    """US dollars to a hundredth of a cent where two decimals would hide a difference: `$0.0372`, `$3.20`."""
    if abs(amount) >= 10 or round(amount, 2) == round(amount, 4):
        return dollars(amount)
    return f"{'-' if amount < 0 else ''}${abs(amount):.4f}"


def number(amount: float) -> str:
    """A count, with decimals where it is a small mean: `1,204`, `3.5`, `0.033`; 0 only when it is none."""
    if amount == int(amount) or abs(amount) >= 100:
        return count(round(amount))
    return f"{amount:,.1f}" if abs(amount) >= 0.05 else digits(amount)


def add(parts: Sequence[Savings]) -> Savings:
    """Several savings as one; the order does not matter. What no part counts stays uncounted."""

    def counted(field: str) -> int | None:
        known = [value for part in parts if (value := getattr(part, field)) is not None]
        return total(known) if known else None

    return Savings(
        model_calls_avoided=total(s.model_calls_avoided for s in parts),
        input_tokens_avoided=total(s.input_tokens_avoided for s in parts),
        output_tokens_avoided=total(s.output_tokens_avoided for s in parts),
        estimated_cost_usd_avoided=usd([s.estimated_cost_usd_avoided for s in parts]),
        wall_ms_avoided=total(s.wall_ms_avoided for s in parts),
        cpu_runtime_cost_usd=usd([s.cpu_runtime_cost_usd for s in parts]),
        remaining_model_calls=total(s.remaining_model_calls for s in parts),
        unknown_cost_calls=counted("unknown_cost_calls"),
        unknown_token_calls=counted("unknown_token_calls"),
        unknown_time_calls=counted("unknown_time_calls"),
        tool_ms=counted("tool_ms"),
    )


def cost(saved: Savings) -> float | None:
    """US dollars avoided; None when calls are avoided and none of them records a price."""
    return saved.usd_known


def tokens_in(saved: Savings) -> float | None:
    """Input tokens avoided; None when calls are avoided and none of them records any."""
    return None if saved.tokens_known is None else saved.tokens_known[0]


def tokens_out(saved: Savings) -> float | None:
    """Output tokens avoided; None when calls are avoided and none of them records any."""
    return None if saved.tokens_known is None else saved.tokens_known[1]


def wall_time(saved: Savings) -> float | None:
    """Milliseconds avoided; None when calls are avoided and none of them records a time."""
    return saved.ms_known


def calls(saved: Savings) -> float | None:
    """Model calls avoided; None when no run records those that chose the steps."""
    return None if saved.unrecorded else saved.model_calls_avoided


def _of_tokens(saved: Savings) -> int | None:
    return saved.unknown_token_calls


ROWS: tuple[tuple[str, Callable[[Savings], float | None], Told, Callable[[Savings], int | None]], ...] = (
    ("model calls", calls, number, lambda _: None),
    ("tokens in", tokens_in, number, lambda s: s.unknown_token_calls),
    ("tokens out", tokens_out, number, lambda s: s.unknown_token_calls),
    ("cost", cost, exact_usd, lambda s: s.unknown_cost_calls),
    ("wall time", wall_time, duration, lambda s: s.unknown_time_calls),
)
"""What is saved: its name, the amount or None, how it is told, and how many calls say nothing of it."""


_NAMED = {name: (known, unknown) for name, known, _, unknown in ROWS} | {
    "tokens": (tokens_in, _of_tokens)  # in and out together, as charts are drawn of them
}


def standing(parts: Sequence[Savings], name: str) -> tuple[bool, bool]:
    """Of what several save together: whether any of it is known, and whether that is a lower bound."""
    known, unknown = _NAMED[name]
    each = [known(saved) is not None for saved in parts]
    return any(each) or not parts, not all(each) or any(map(unknown, parts))


def together(parts: Sequence[Savings], name: str, amount: float, tell: Told) -> str:
    """What several save together: `unknown` where none of them tells it, `≥` where not all do."""
    known, at_least = standing(parts, name)
    return told(amount if known else None, tell, at_least=at_least)


def told(amount: float | None, tell: Told, *, at_least: bool = False) -> str:
    """An amount for people: `unknown` where there is none, `≥` where some calls say nothing."""
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    return f"{'≥ ' if at_least else ''}{tell(amount)}"


def measure(savings: Sequence[Savings]) -> tuple[str, Value, Told]:
    """What charts are drawn of: dollars where any are known, else tokens, else time, else calls."""
    ways: tuple[tuple[str, Value, Told], ...] = (
        ("cost", lambda s: s.estimated_cost_usd_avoided, exact_usd),
        ("tokens", lambda s: s.input_tokens_avoided + s.output_tokens_avoided, short),
        ("wall time", lambda s: s.wall_ms_avoided, duration),
    )
    known = (way for way in ways if any(way[1](s) > 0 for s in savings))
    return next(known, ("model calls", lambda s: s.model_calls_avoided, number))
