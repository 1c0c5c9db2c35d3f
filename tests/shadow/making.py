"""Small runs and candidates for tests, and strategies for JSON."""

from __future__ import annotations

from hypothesis import strategies as st

from core.model.candidate import Candidate, Example, Step
from core.model.effects import canonical_side_effects
from core.model.signature import signatures
from core.model.trace import Action, AllowRule, ReplayRun, Trace

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, -0.0, 1.0, 2.5]) | st.sampled_from("ab1")
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "~", "/", "", "0"]), inner, max_size=3)
    ),
    max_leaves=12,
)


def action(name: str = "build", **fields: object) -> Action:
    return Action.decode({"id": f"id-{name}", "kind": "tool_call", "name": name, **fields})


def run(trace_id: str, *actions: Action, **fields: object) -> Trace:
    return Trace(version=1, id=trace_id, source_hash=f"sha256:{trace_id}", actions=actions).replace(**fields)


def candidate(first: Trace, *others: Trace, start: int = 0, receipts: tuple[object, ...] = ()) -> Candidate:
    """What the first run does from `start` on, as a candidate with all given runs as examples."""
    actions = first.actions[start:]
    return Candidate(
        id="candidate_1",
        name="flow",
        confidence=0.99,
        sequence_signature=signatures(first)[start:],
        steps=tuple(step(index, one) for index, one in enumerate(actions, 1)),
        examples=tuple(
            Example(trace_id=trace.id, source_hash=trace.source_hash or "", start_index=start)
            for trace in (first, *others)
        ),
        expected_receipts=receipts,
    )


def step(index: int, one: Action) -> Step:
    return Step(
        index=index,
        kind=one.kind,
        name=one.name,
        side_effects=canonical_side_effects(one.side_effects),
        approval=one.approval,
        expected_output=one.seen_output,
    )


def replay(run_id: str = "r", *receipts: object, **lists: tuple[object, ...]) -> ReplayRun:
    return ReplayRun(run_id=run_id, effect_receipts=receipts).replace(**lists)


RUN_ID = AllowRule(path="/run_id", reason="allocated per run", replacement="<run>")
