"""Action signatures: what mining counts and shadow comparison looks for (spec/pipeline.md §2)."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.trace import Action, Trace

Signature = str
"""`KIND:NAME:` and the sorted parameter names, comma-joined."""


def signature(action: Action) -> Signature:
    """The signature of one action."""
    return f"{action.kind}:{action.name}:{','.join(sorted(action.parameters))}"


def signatures(trace: Trace) -> tuple[Signature, ...]:
    """The signatures of a run's actions, in order."""
    return tuple(map(signature, trace.actions))


def occurrence(sequence: Sequence[Signature], within: Sequence[Signature]) -> int | None:
    """The index (from 0) at which a sequence first stands contiguously in another, if it does."""
    length, wanted = len(sequence), tuple(sequence)
    if not wanted:
        return None
    first = wanted[0]
    for start in range(len(within) - length + 1):
        if within[start] == first and tuple(within[start : start + length]) == wanted:
            return start
    return None
