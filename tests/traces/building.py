"""Traces for tests: short to write, and any that hypothesis can think of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from core.model.trace import Action, Cost, SideEffect, Trace, Usage

BLANKS = ["", " ", "\t\n", "\u0085", "\u3000"]
texts = st.one_of(st.sampled_from([*BLANKS, "a", "b", "model_call", "\u001c", "\u200b", "é"]), st.text(max_size=5))
counts = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3)
money = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | money | texts
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
json_maps = st.dictionaries(texts, json_values, max_size=3).map(lambda fields: dict(sorted(fields.items())))
effects = st.builds(
    SideEffect, kind=texts, target=texts, capability=st.none() | texts, mutation=st.none() | texts, metadata=json_maps
)
costs = st.builds(Cost, model_calls=counts, input_tokens=counts, total_cost_usd=money, wall_ms=counts)
actions = st.builds(
    Action,
    id=texts,
    kind=texts,
    name=texts,
    inputs=json_values,
    output=json_values,
    parameters=json_maps,
    side_effects=st.lists(effects, max_size=4).map(tuple),
    capabilities=st.lists(texts, max_size=4).map(tuple),
    required_secrets=st.lists(texts, max_size=4).map(tuple),
    cost=costs,
    duration_ms=st.none() | counts,
    deterministic=st.none() | st.booleans(),
    fuzzy=st.none() | st.booleans(),
    metadata=json_maps,
)
traces = st.builds(
    Trace,
    version=st.integers(0, 3),
    id=texts,
    source_hash=st.none() | texts | st.just("sha256:" + "0f" * 32),
    actions=st.lists(actions, max_size=4).map(tuple),
    usage=st.just(Usage()) | st.builds(Usage, model_calls=counts, total_cost_usd=money),
    metadata=json_maps,
)


def action(name: str, kind: str = "tool_call", **fields: Any) -> Action:
    """An action whose id is its name."""
    return Action.decode({"id": name, "kind": kind, "name": name, **fields})


def run(trace_id: str, *made: Action | str, **fields: Any) -> Trace:
    """A run with an id and a hash; a bare name is a plain tool call."""
    listed = tuple(action(item) if isinstance(item, str) else item for item in made)
    return Trace(version=1, id=trace_id, source_hash=f"sha256:{trace_id}", actions=listed).replace(**fields)
