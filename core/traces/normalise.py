"""Normalising a run: every id, kind and name set, lists canonical, usage summed (spec/traces.md, Normalising)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    return completed(trace.replace(source_hash=source_hash, actions=actions))


def completed(trace: Trace) -> Trace:
    """The same of a run whose actions are normalised, and that has a source hash."""
    return trace.replace(
        version=trace.version or 1,
        id=f"trace_{short_hash(trace.source_hash or '')}" if is_blank(trace.id) else trace.id,
        usage=_usage(trace.actions) if trace.usage == _NOTHING else trace.usage,
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
    changed = changes(action.__dict__, number)
    made = action.replace(**changed) if changed else action
    for record in (made, made.cost, *made.side_effects, *filter(None, [made.approval])):
        record.lighten()
    return made


def changes(fields: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What of the how manyth action of a run has to be different, by all its fields."""
    kind = "action" if is_blank(fields["kind"]) else fields["kind"]
    made: dict[str, Any] = {}
    if kind != fields["kind"]:
        made["kind"] = kind
    if is_blank(fields["id"]):
        made["id"] = f"action_{number}"
    if is_blank(fields["name"]):
        made["name"] = kind
    if effects := fields["side_effects"]:
        made["side_effects"] = canonical_side_effects(effects)
    for field in ("capabilities", "required_secrets"):
        if len(names := fields[field]) > 1 and (canonical := tuple(sorted(set(names)))) != names:
            made[field] = canonical
    if kind == "model_call" and fields["cost"].model_calls == 0:
        made["cost"] = fields["cost"].replace(model_calls=1)
    return made


def _usage(actions: Sequence[Action]) -> Usage:
    """What all actions cost together."""
    costs = [action.cost for action in actions]
    return Usage(
        model_calls=total([cost.model_calls for cost in costs]),
        input_tokens=total([cost.input_tokens for cost in costs]),
        output_tokens=total([cost.output_tokens for cost in costs]),
        total_cost_usd=usd([cost.total_cost_usd for cost in costs]),
        wall_ms=total([action.cost.wall_ms + (action.duration_ms or 0) for action in actions]),
    )
