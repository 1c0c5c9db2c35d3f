"""Runs that may not be mined, and the one thing in each that says so (spec/pipeline.md §1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from core.model.jsontext import Json, compact
from core.model.record import JsonMap
from core.model.text import lower, quoted
from core.model.trace import Action, Trace

Rule = Literal["policy violation", "nondeterministic side effects"]

_ADVICE: dict[Rule, str] = {
    "policy violation": "Resolve the violation and record that in the run's metadata, or leave the run out.",
    "nondeterministic side effects": "Make the action deterministic, or record the run without its side effects.",
}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a run is set aside, and what in it caused that."""

    rule: Rule
    reason: str
    """A sentence that quotes the offending value."""
    key: str
    """The metadata key or the action's field that decided."""
    action_id: str | None = None
    """The action, or None when the run's own metadata decided."""
    action_index: int | None = None
    """Its index, from 0."""

    @property
    def place(self) -> str:
        """Where in the run: `metadata.KEY`, `actions[2].fuzzy`."""
        return self.key if self.action_index is None else f"actions[{self.action_index}].{self.key}"

    @property
    def advice(self) -> str:
        """What a person can do about it."""
        return _ADVICE[self.rule]


def exclusion(trace: Trace) -> Exclusion | None:
    """Why a run may not be mined; None when it may. Policy violations come before side effects."""
    if (key := _violation(trace.metadata)) is not None:
        return _policy(trace.metadata, key)
    for index, action in enumerate(trace.actions):
        if (key := _violation(action.metadata)) is not None:
            return _policy(action.metadata, key, action, index)
    for index, action in enumerate(trace.actions):
        if (key := _nondeterminism(action)) is not None:
            return Exclusion(
                "nondeterministic side effects",
                f"action {quoted(action.id)} has side effects that are not deterministic: {key}",
                key.partition(" ")[0],
                action.id,
                index,
            )
    return None


def eligible(traces: Iterable[Trace]) -> tuple[Trace, ...]:
    """The runs that may be mined, in their order."""
    return tuple(trace for trace in traces if exclusion(trace) is None)


def _policy(metadata: JsonMap, key: str, action: Action | None = None, index: int | None = None) -> Exclusion:
    whose = "the run" if action is None else f"action {quoted(action.id)}"
    value = compact(metadata[key]).decode()
    return Exclusion(
        "policy violation",
        f"{whose} has an unresolved policy violation: metadata {quoted(key)} is {_shortened(value)}",
        f"metadata.{key}",
        action.id if action else None,
        index,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _violation(metadata: JsonMap) -> str | None:
    """The first metadata key that holds an unresolved policy violation."""
    return next((key for key, value in metadata.items() if (told := _told_by(key)) and _violates(told, value)), None)


@lru_cache(maxsize=4096)
def _told_by(key: str) -> Literal["status", "violation"] | None:
    """What a metadata key tells; None for most of them."""
    lowered = lower(key)
    if lowered == "policy_status":
        return "status"
    named = lowered in ("policy_violation_unresolved", "policy_violation")
    return "violation" if named or "unresolved_policy_violation" in lowered else None


def _violates(told: Literal["status", "violation"], value: Json) -> bool:
    if isinstance(value, str):
        return lower(value) == "unresolved"
    return told == "violation" and (value is True or (isinstance(value, list) and bool(value)))


def _nondeterminism(action: Action) -> str | None:
    """The first sign that an action with side effects may do something else next time."""
    return next(_signs(action), None) if action.side_effects else None


def _signs(action: Action) -> Iterator[str]:
    if action.metadata.get("nondeterministic_side_effect") is True:
        yield "metadata.nondeterministic_side_effect is true"
    if action.deterministic is False:
        yield "deterministic is false"
    if action.fuzzy is True:
        yield "fuzzy is true"
    for index, effect in enumerate(action.side_effects):
        if effect.metadata.get("nondeterministic") is True:
            yield f"side_effects[{index}].metadata.nondeterministic is true"
