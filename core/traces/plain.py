"""Runs that are plainly well-formed, made into records without a second look at each field.

Most are. Their fields are looked at in compiled code, as strictly as the records themselves do (core.model.trace, which
says what they mean); whatever is not plain is left to them, who say what is wrong.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec.structs import asdict

from core.model.jsontext import Json
from core.model.record import DecodeError
from core.model.trace import Action, Approval, Cost, SideEffect, Trace
from core.traces.normalise import changes

Count = Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)]
Object = dict[str, Any]


class Costs(msgspec.Struct, gc=False, frozen=True):
    """What an action cost: calls, tokens, USD and milliseconds."""

    model: str | None = None
    model_calls: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0
    total_cost_usd: float = 0.0
    wall_ms: Count = 0


class _SideEffect(msgspec.Struct, gc=False):
    kind: str = ""
    target: str = ""
    capability: str | None = None
    mutation: str | None = None
    metadata: Object = msgspec.field(default_factory=dict)


class _Approval(msgspec.Struct, gc=False):
    prompt: str | None = None
    approver: str | None = None
    required: bool = False
    boundary: str | None = None


class _Action(msgspec.Struct, gc=False):
    """All fields of an action in their order."""

    id: str = ""
    kind: str = ""
    name: str = ""
    timestamp: str | None = None
    inputs: Any = None
    output: Any = None
    observed_output: Any = None
    parameters: Object = msgspec.field(default_factory=dict)
    side_effects: tuple[_SideEffect, ...] = ()
    capabilities: tuple[str, ...] = ()
    required_secrets: tuple[str, ...] = ()
    approval: _Approval | None = None
    cost: Costs | msgspec.UnsetType = msgspec.UNSET
    duration_ms: Count | None = None
    deterministic: bool | None = None
    fuzzy: bool | None = None
    metadata: Object = msgspec.field(default_factory=dict)


def plain_run(fields: dict[str, Json]) -> Trace | None:
    """A run whose actions are plainly well-formed, these normalised; None for any other."""
    rest = {name: value for name, value in fields.items() if name != "actions"}
    try:
        actions = msgspec.convert(fields["actions"], list[_Action])
        trace = Trace.decode(rest)
    except (msgspec.ValidationError, DecodeError):
        return None
    return trace.replace(actions=tuple([_made(action, number) for number, action in enumerate(actions, 1)]))


def _made(action: _Action, number: int) -> Action:
    """The how manyth action of a run, normalised."""
    fields = asdict(action)
    cost = action.cost
    fields["cost"] = _FREE if cost is msgspec.UNSET else Cost.made_of(asdict(cost))
    if action.side_effects:
        fields["side_effects"] = tuple([SideEffect.made_of(asdict(effect)) for effect in action.side_effects])
    if action.approval is not None:
        fields["approval"] = Approval.made_of(asdict(action.approval))
    fields |= changes(fields, number)
    return Action.made_of(fields)


_FREE = Action().cost
"""That of an action that says nothing of it."""
