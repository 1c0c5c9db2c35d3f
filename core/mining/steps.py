"""Steps of a workflow from the actions that show them (spec/pipeline.md §2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.model.candidate import Step
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json, plain, same
from core.model.text import sorted_strings
from core.model.trace import Action

Column = Sequence[Action]
"""The actions of all examples that stand for one step, in the order of the examples."""


def step_of(
    action: Action, index: int, *, fuzzy: bool, refs: set[str], output: Json, notes: Sequence[str] = ()
) -> Step:
    """The step that an action shows; `index` counts from 1, `refs` are the names of its parameters."""
    return Step(
        index=index,
        kind=action.kind,
        name=action.name,
        segment="fuzzy" if fuzzy else "deterministic",
        parameter_refs=tuple(sorted(refs)),
        constants=_constants(action),
        preconditions=tuple(_preconditions(action)),
        side_effects=canonical_side_effects(action.side_effects),
        capabilities=tuple(sorted_strings(action.capabilities)),
        required_secrets=tuple(sorted_strings(action.required_secrets)),
        approval=action.approval,
        expected_output=output,
        review_notes=tuple(notes),
    )


def is_fuzzy(column: Column) -> bool:
    """Whether a step needs a model or a person."""
    return column[0].kind == "model_call" or any(action.fuzzy is True for action in column)


def fuzzy_warning(step: Step) -> str:
    """What a reviewer is told about a fuzzy step."""
    return f"step {step.index} '{step.name}' remains fuzzy and requires review/LLM handling"


def divergence(column: Column, index: int) -> str | None:
    """Why a step is rejected: its side effects are not strictly the same in all examples."""
    if not any(action.side_effects for action in column):
        return None
    first, *others = (plain(canonical_side_effects(action.side_effects)) for action in column)
    if all(same(first, other) for other in others):
        return None
    return divergent(index, column[0].name)


def divergent(index: int, name: str) -> str:
    """The rejection of a step, counted from 1, whose side effects differ."""
    return f"step {index} '{name}' has divergent side effects across examples"


def common_output(column: Column) -> Json:
    """The output that every example shows; None when they differ."""
    first = column[0].seen_output
    return first if all(same(first, action.seen_output) for action in column[1:]) else None


def _constants(action: Action) -> dict[str, Any]:
    fixed = {"deterministic": True} if action.deterministic is True else {}
    return fixed | {"kind": action.kind, "name": action.name}


def _preconditions(action: Action) -> Iterator[str]:
    yield from (f"capability '{capability}' is available" for capability in action.capabilities)
    yield from (f"secret '{secret}' is configured" for secret in action.required_secrets)
    if action.approval and action.approval.required:
        yield "human approval boundary is preserved"
