"""What a run took as people read it: what its calls say nothing of is unknown and never nothing."""

from __future__ import annotations

from core.model.trace import Usage
from tui.format import duration, usd


def price(usage: Usage) -> str | None:
    """US dollars; None when models were called and no call says what it cost."""
    return usd(usage.total_cost_usd) if usage.total_cost_usd or not usage.model_calls else None


def tokens(usage: Usage) -> int | None:
    """Tokens in and out; None when models were called and no call tells any."""
    used = usage.input_tokens + usage.output_tokens
    return used if used or not usage.model_calls else None


def time(milliseconds: int) -> str | None:
    """How long it took; None when nothing in it tells a time, for no run takes none at all."""
    return duration(milliseconds) if milliseconds else None
