"""What crystallised runs would have saved (spec/pipeline.md §2, Savings)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from core.model.candidate import Savings
from core.model.sums import total, usd
from core.model.trace import Action


def savings(runs: Iterable[Sequence[Action]]) -> Savings:
    """What the given actions of all example runs together would have saved; sums do not depend on the order."""
    return _sum(chain.from_iterable(runs))


def step_savings(runs: Iterable[Sequence[Action]]) -> tuple[Savings, ...]:
    """The same, step by step: the first element is about the first action of every run, and so on."""
    columns = zip_longest(*runs)
    return tuple(_sum(action for action in column if action is not None) for column in columns)


def added(parts: Iterable[Savings]) -> Savings:
    """Several savings as one; calls of unknown cost stay counted apart."""
    listed = tuple(parts)

    def counted(values: Iterable[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return total(known) if known else None

    return Savings(
        model_calls_avoided=total(s.model_calls_avoided for s in listed),
        input_tokens_avoided=total(s.input_tokens_avoided for s in listed),
        output_tokens_avoided=total(s.output_tokens_avoided for s in listed),
        estimated_cost_usd_avoided=usd([s.estimated_cost_usd_avoided for s in listed]),
        wall_ms_avoided=total(s.wall_ms_avoided for s in listed),
        remaining_model_calls=total(s.remaining_model_calls for s in listed),
        unknown_cost_calls=counted(s.unknown_cost_calls for s in listed),
        unknown_token_calls=counted(s.unknown_token_calls for s in listed),
        unknown_time_calls=counted(s.unknown_time_calls for s in listed),
        tool_ms=counted(s.tool_ms for s in listed),
    )


def remains(action: Action) -> bool:
    """Whether an action still needs a model once its workflow is crystallised."""
    return action.kind == "model_call" or action.fuzzy is True


def _sum(actions: Iterable[Action]) -> Savings:
    listed = tuple(actions)
    avoided = [action for action in listed if not remains(action)]
    costs = [action.cost for action in avoided]
    return Savings(
        model_calls_avoided=total(cost.model_calls for cost in costs),
        input_tokens_avoided=total(cost.input_tokens for cost in costs),
        output_tokens_avoided=total(cost.output_tokens for cost in costs),
        estimated_cost_usd_avoided=usd([cost.total_cost_usd for cost in costs]),
        wall_ms_avoided=total(action.cost.wall_ms + (action.duration_ms or 0) for action in avoided),
        remaining_model_calls=total(max(action.cost.model_calls, 1) for action in listed if remains(action)),
    )
