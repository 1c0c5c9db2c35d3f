"""Normalising a run: every id, kind and name set, lists canonical, usage summed (spec/traces.md, Normalising)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.model.effects import canonical_side_effects
from core.model.jsontext import compact, sha256_hex
from core.model.sums import total, usd
from core.model.text import is_blank
from core.model.trace import Action, Trace, Usage

_HASH = re.compile(r"sha256:([0-9a-f]{16})[0-9a-f]*")


def normalise(trace: Trace) -> Trace:
    """The run with nothing left blank that others rely on. Idempotent; the given value is left as it is."""
    source_hash = actions_hash(trace.actions) if trace.source_hash is None else trace.source_hash
    actions = tuple(_action(action, number) for number, action in enumerate(trace.actions, 1))
    return trace.replace(
        version=trace.version or 1,
        id=f"trace_{_short(source_hash)}" if is_blank(trace.id) else trace.id,
        source_hash=source_hash,
        actions=actions,
        usage=_usage(actions) if trace.usage == Usage() else trace.usage,
    )


def actions_hash(actions: Sequence[Action]) -> str:
    """`sha256:…` of the actions' compact JSON, the source hash of a run that comes from no file."""
    return f"sha256:{sha256_hex(compact(actions))}"


def _short(source_hash: str) -> str:
    """The first 16 hex digits of a source hash; one of another form, which a file may claim, is hashed."""
    found = _HASH.fullmatch(source_hash)
    return found[1] if found else sha256_hex(source_hash.encode())[:16]


def _action(action: Action, number: int) -> Action:
    kind = "action" if is_blank(action.kind) else action.kind
    calls = action.cost.model_calls
    return action.replace(
        id=f"action_{number}" if is_blank(action.id) else action.id,
        kind=kind,
        name=kind if is_blank(action.name) else action.name,
        side_effects=canonical_side_effects(action.side_effects),
        capabilities=tuple(sorted(set(action.capabilities))),
        required_secrets=tuple(sorted(set(action.required_secrets))),
        cost=action.cost.replace(model_calls=1) if kind == "model_call" and calls == 0 else action.cost,
    )


def _usage(actions: Sequence[Action]) -> Usage:
    """What all actions cost together."""
    costs = [action.cost for action in actions]
    return Usage(
        model_calls=total(cost.model_calls for cost in costs),
        input_tokens=total(cost.input_tokens for cost in costs),
        output_tokens=total(cost.output_tokens for cost in costs),
        total_cost_usd=usd(cost.total_cost_usd for cost in costs),
        wall_ms=total(action.cost.wall_ms + (action.duration_ms or 0) for action in actions),
    )
