"""Normalising a run: every id, kind and name set, lists canonical, usage summed (spec/traces.md, Normalising)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from core.model.effects import canonical_side_effects
from core.model.jsontext import compact, sha256_hex
from core.model.sums import total, usd
from core.model.text import is_blank
from core.model.trace import Action, Trace, Usage

_NOTHING = Usage()
_HASH = re.compile(r"sha256:([0-9a-f]{16})[0-9a-f]*")


def normalise(trace: Trace) -> Trace:
    """The run with nothing left blank that others rely on. Idempotent; the given value is left as it is."""
    source_hash = actions_hash(trace.actions) if trace.source_hash is None else trace.source_hash
    actions = tuple(normalised_action(action, number) for number, action in enumerate(trace.actions, 1))
    return trace.replace(
        version=trace.version or 1,
        id=f"trace_{short_hash(source_hash)}" if is_blank(trace.id) else trace.id,
        source_hash=source_hash,
        actions=actions,
        usage=_usage(actions) if trace.usage == _NOTHING else trace.usage,
    )


def actions_hash(actions: Sequence[Action]) -> str:
    """`sha256:…` of the actions' compact JSON, the source hash of a run that comes from no file."""
    return f"sha256:{sha256_hex(compact(actions))}"


def short_hash(source_hash: str) -> str:
    """The first 16 hex digits of a source hash; one of another form, which a file may claim, is hashed."""
    found = _HASH.fullmatch(source_hash)
    return found[1] if found else sha256_hex(source_hash.encode())[:16]


def normalised_action(action: Action, number: int) -> Action:
    """The how manyth action of a run with nothing left blank, and nothing kept besides its fields."""
    # Most actions need no change, and a copy costs more than looking.
    kind = "action" if is_blank(action.kind) else action.kind
    changes: dict[str, Any] = {}
    if kind != action.kind:
        changes["kind"] = kind
    if is_blank(action.id):
        changes["id"] = f"action_{number}"
    if is_blank(action.name):
        changes["name"] = kind
    if action.side_effects:
        changes["side_effects"] = canonical_side_effects(action.side_effects)
    for field, names in (("capabilities", action.capabilities), ("required_secrets", action.required_secrets)):
        if len(names) > 1 and (canonical := tuple(sorted(set(names)))) != names:
            changes[field] = canonical
    if kind == "model_call" and action.cost.model_calls == 0:
        changes["cost"] = action.cost.replace(model_calls=1)
    made = action.replace(**changes) if changes else action
    for record in (made, made.cost, *made.side_effects, *filter(None, [made.approval])):
        record.lighten()
    return made


def _usage(actions: Sequence[Action]) -> Usage:
    """What all actions cost together."""
    costs = [action.cost for action in actions]
    return Usage(
        model_calls=total(cost.model_calls for cost in costs),
        input_tokens=total(cost.input_tokens for cost in costs),
        output_tokens=total(cost.output_tokens for cost in costs),
        total_cost_usd=usd([cost.total_cost_usd for cost in costs]),
        wall_ms=total(action.cost.wall_ms + (action.duration_ms or 0) for action in actions),
    )
