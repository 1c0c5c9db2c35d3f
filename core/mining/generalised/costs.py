"""What a generalised workflow saves: the glue between its steps, with what is unknown counted apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.mining.generalised.links import Material
from core.mining.generalised.patterns import Alignment
from core.model.sums import total, usd
from core.model.trace import Action

_DAY = 86_400.0


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
    per_day: float | None = None
    """How often a day the workflow occurs, where the runs say when they began."""


def saved(found: Iterable[tuple[Material, Alignment]]) -> Savings:
    """What the given occurrences would have saved, with the rate at which they come."""
    listed = list(found)
    glue = [action for material, at in listed for action in _glue(material, at)]
    talk = [action for material, at in listed for action in _talk(material, at)]
    tools = [action for material, at in listed for action in _tools(material, at)]
    return replace(
        _sum(glue, talk, tools),
        occurrences=len(listed),
        per_day=_per_day([material.run.trace.started_at for material, _ in listed]),
    )


def _sum(glue: Sequence[Action], talk: Sequence[Action], tools: Sequence[Action]) -> Savings:
    return Savings(
        glue_calls=total(_calls(action) for action in glue),
        input_tokens=total(action.cost.input_tokens for action in glue),
        output_tokens=total(action.cost.output_tokens for action in glue),
        cost_usd=usd(action.cost.total_cost_usd for action in glue),
        wall_ms=total(map(_ms, glue)),
        unknown_cost_calls=total(_calls(action) for action in glue if not action.cost.total_cost_usd),
        unknown_token_calls=total(
            _calls(action) for action in glue if not (action.cost.input_tokens or action.cost.output_tokens)
        ),
        unknown_time_calls=total(_calls(action) for action in glue if not _ms(action)),
        remaining_calls=total(map(_calls, talk)),
        tool_ms=total(map(_ms, tools)),
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
        made.append(_sum(glue, talk, [actions[index] for index in steps[end].actions]))
    return tuple(made)


def _calls(action: Action) -> int:
    return max(action.cost.model_calls, 1)


def _ms(action: Action) -> int:
    return action.cost.wall_ms or action.duration_ms or 0


def _span(at: Alignment) -> range:
    """The folded steps from the first to the last of an occurrence."""
    return range(at[0], at[-1] + 1)


def _glue(material: Material, at: Alignment) -> list[Action]:
    actions, steps = material.run.trace.actions, material.run.steps
    return [actions[index] for step in _span(at) for index in steps[step].glue]


def _talk(material: Material, at: Alignment) -> list[Action]:
    """Conversation inside an occurrence; what was said before its first step is not part of it."""
    actions, steps = material.run.trace.actions, material.run.steps
    begun = steps[at[0]].actions[0]
    found = (index for step in _span(at) for index in steps[step].talk)
    return [actions[index] for index in found if index > begun]


def _tools(material: Material, at: Alignment) -> list[Action]:
    actions, steps = material.run.trace.actions, material.run.steps
    return [actions[index] for step in at for index in steps[step].actions]


def _per_day(begins: Sequence[str | None]) -> float | None:
    """Occurrences a day between the first and the last; None unless there are two different times."""
    times = sorted(time for text in begins if text and (time := _time(text)) is not None)
    if len(times) < 2 or times[0] == times[-1]:
        return None
    return (len(times) - 1) * _DAY / (times[-1] - times[0]).total_seconds()


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
