"""What a workflow would save from now on, at the rate at which its runs came (design/mining.md; spec part Savings).

A projection says on what it is based, and is none where runs do not say when they began: a rate is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.model.candidate import Savings
from core.model.shares import digits
from core.traces.times import moment

_DAY = 86_400.0
SHORTEST = 3_600.0
"""Seconds that the runs have to span: of a burst of runs no rate can be told."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Savings a day at the observed rate. What is not known of all runs is a lower bound, of none it is None."""

    runs_per_day: float
    runs: int
    """Runs that say when they began, of `of` that the workflow was found in."""
    of: int
    span_days: float
    """Days between the first and the last of them."""
    first: str
    last: str
    """Their times, RFC 3339, as the runs say them."""
    calls_per_day: float | None
    usd_per_day: float | None
    tokens_per_day: float | None
    hours_per_day: float | None
    lower_bound: bool
    """Whether some avoided calls say nothing of what they cost, so that more may be saved."""

    @property
    def basis(self) -> str:
        """What it rests on, as a sentence."""
        some = f"{self.runs:,}" if self.runs == self.of else f"{self.runs:,} of {self.of:,}"
        long, unit = (self.span_days, "day") if self.span_days >= 1 else (self.span_days * 24, "hour")
        span = f"{digits(long)} {unit}"
        return f"at the rate of {some} runs that began within {span}{'s' * (span != f'1 {unit}')}; rates change"


def projection(total: Savings, runs: int, starts: Iterable[str | None]) -> Projection | None:
    """The projection of what `runs` runs together would have saved, from the times at which they began.

    `starts` are RFC 3339 texts of the runs, None where one says nothing; None comes back unless two of them are an
    hour apart. The first run of the span is its beginning and is not counted in the rate.
    """
    times = sorted((time, text) for text in starts if text and (time := moment(text)) is not None)
    if not runs or len(times) < 2 or (span := times[-1][0] - times[0][0]) < SHORTEST:
        return None
    rate = (len(times) - 1) * _DAY / span
    share = rate / runs
    unknown = (total.unknown_cost_calls or 0, total.unknown_token_calls or 0, total.unknown_time_calls or 0)
    nothing = bool(total.unrecorded)

    def a_day(amount: float | None) -> float | None:
        return None if amount is None else amount * share

    hours = a_day(total.ms_known)
    return Projection(
        runs_per_day=rate,
        runs=len(times),
        of=runs,
        span_days=span / _DAY,
        first=times[0][1],
        last=times[-1][1],
        calls_per_day=None if nothing else total.model_calls_avoided * share,
        usd_per_day=a_day(total.usd_known),
        tokens_per_day=a_day(None if total.tokens_known is None else sum(total.tokens_known)),
        hours_per_day=None if hours is None else hours / 3_600_000,
        lower_bound=nothing or any(unknown),
    )
