"""What a generalised workflow saves: the glue between its steps, with what is unknown counted apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.mining.generalised.links import Material
from core.mining.generalised.patterns import Alignment
from core.mining.generalised.signs import took
from core.model.sums import total, usd
from core.model.trace import Action


@dataclass(frozen=True, slots=True)
class Savings:
    """Sums over all occurrences; divide by `occurrences` for one. Calls, tokens, USD and milliseconds."""

    occurrences: int = 0
    glue_calls: int = 0
    """Model calls that only chose the next step: avoided."""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    wall_ms: int = 0
    """Recorded time of the avoided model calls."""
    unknown_cost_calls: int = 0
    """Avoided calls without a recorded price."""
    unknown_token_calls: int = 0
    """Avoided calls without recorded tokens."""
    unknown_time_calls: int = 0
    """Avoided calls without a recorded time."""
    remaining_calls: int = 0
    """Conversation and content between the steps, which still needs a model or a person."""
    tool_ms: int = 0
    """Recorded time of the steps themselves, which stays."""


def saved(found: Iterable[tuple[Material, Alignment]]) -> Savings:
    """What the given occurrences would have saved."""
    glue: list[Action] = []
    talk: list[Action] = []
    tools: list[int] = []
    occurrences = 0
    for material, at in found:
        actions, steps, times = material.run.trace.actions, material.run.steps, material.run.times
        begun = steps[at[0]].actions[0]
        for step in steps[at[0] : at[-1] + 1]:
            if step.glue:
                glue += [actions[index] for index in step.glue]
            if step.talk:  # what was said before the first step is not part of it
                talk += [actions[index] for index in step.talk if index > begun]
        tools += [times[index] for step in at for index in steps[step].actions]
        occurrences += 1
    return replace(_sum(glue, talk, tools), occurrences=occurrences)


def _sum(glue: Sequence[Action], talk: Sequence[Action], tool_ms: Sequence[int]) -> Savings:
    costs = [action.cost for action in glue]
    calls = [max(cost.model_calls, 1) for cost in costs]
    times = [took(action) for action in glue]
    return Savings(
        glue_calls=total(calls),
        input_tokens=total([cost.input_tokens for cost in costs]),
        output_tokens=total([cost.output_tokens for cost in costs]),
        cost_usd=usd([cost.total_cost_usd for cost in costs]),
        wall_ms=total(times),
        unknown_cost_calls=total([count for cost, count in zip(costs, calls, strict=True) if not cost.total_cost_usd]),
        unknown_token_calls=total(
            [count for cost, count in zip(costs, calls, strict=True) if not (cost.input_tokens or cost.output_tokens)]
        ),
        unknown_time_calls=total([count for ms, count in zip(times, calls, strict=True) if not ms]),
        remaining_calls=total([max(action.cost.model_calls, 1) for action in talk]),
        tool_ms=total(tool_ms),
    )


def saved_by_step(material: Material, at: Alignment) -> tuple[Savings, ...]:
    """The same of one occurrence, step by step: the glue and the talk that stand behind the step before it."""
    actions, steps = material.run.trace.actions, material.run.steps
    begun = steps[at[0]].actions[0]
    made = []
    for place, end in enumerate(at):
        part = range(at[place - 1] + 1 if place else end, end + 1)
        glue = [actions[index] for step in part for index in steps[step].glue]
        talk = [actions[index] for step in part for index in steps[step].talk if index > begun]
        made.append(_sum(glue, talk, [material.run.times[index] for index in steps[end].actions]))
    return tuple(made)
