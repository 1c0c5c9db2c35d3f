"""Dropping events while the failure stays (spec/crashpack.md, Minimiser).

A removal counts only if every failure witness occurs as often as before. As an event is its own witness, taking one
out always lowers a count and taking out any other event never does: one look at each event is enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.crashpack.events import TraceEvent
from core.crashpack.witness import is_witness
from core.model.jsontext import canonical
from core.model.record import F64, U64, Record

STRUCTURAL_KINDS = frozenset(
    [
        *("spawn", "complete", "cancel_request", "cancel_ack", "region_cancelled"),
        *("region_close_begin", "region_close_complete"),
        *("obligation_reserve", "obligation_commit", "obligation_abort", "obligation_leak"),
    ]
)
"""Kinds that hold a trace together."""


@dataclass(frozen=True, slots=True)
class MinimiseOptions:
    """How far to go; `reduction_target` is the share of events after whose removal to stop; above 1 it is as 1."""

    enabled: bool = True
    reduction_target: float = 0.3
    max_attempts: int = 100
    """Removals tried at the most, refused ones included."""
    preserve_oracle_events: bool = True
    """Whether structural kinds and witnesses are not even tried."""
    preserve_timing: bool = False
    """Whether every event stays, because each one's time matters."""


class MinimiseStats(Record):
    """What minimising did; `reduction_percentage` is a fraction from 0 to 1."""

    original_length: U64 = 0
    minimized_length: U64 = 0
    reduction_percentage: F64 = 0.0
    attempts_made: U64 = 0


@dataclass(frozen=True, slots=True)
class Minimised:
    """The events that are left, and what was done."""

    events: list[TraceEvent]
    stats: MinimiseStats

    @property
    def summary(self) -> str:
        """The outcome in a sentence."""
        stats = self.stats
        return (
            f"Minimization: {stats.original_length} → {stats.minimized_length} events "
            f"({stats.reduction_percentage * 100:.1f}% reduction) in {stats.attempts_made} attempts"
        )

    def as_json(self) -> dict[str, object]:
        """The outcome as JSON."""
        return {"minimized_events": self.events, "stats": self.stats, "summary": self.summary}


def minimise(events: Sequence[TraceEvent], options: MinimiseOptions | None = None) -> Minimised:
    """Drop events, last first, until the target or the attempts are reached."""
    options = options or MinimiseOptions()
    kept, attempts = list(events), 0
    if options.enabled and not options.preserve_timing:
        kept, attempts = _reduced(events, options)
    total = len(events)
    return Minimised(
        kept,
        MinimiseStats(
            original_length=total,
            minimized_length=len(kept),
            reduction_percentage=(total - len(kept)) / total if total else 0.0,
            attempts_made=attempts,
        ),
    )


def _reduced(events: Sequence[TraceEvent], options: MinimiseOptions) -> tuple[list[TraceEvent], int]:
    witnesses = [is_witness(event) for event in events]
    removable = any(witnesses)
    length, attempts = len(events), 0
    goal = target_length(length, options.reduction_target)
    refused: set[bytes] = set()
    dropped: set[int] = set()
    for index in reversed(range(len(events))):
        if length <= goal or attempts >= options.max_attempts:
            break
        event = events[index]
        if options.preserve_oracle_events and (witnesses[index] or event.kind in STRUCTURAL_KINDS):
            continue
        if removable and not witnesses[index]:
            dropped.add(index)
            length -= 1
        else:
            key = canonical(event)
            if key in refused:
                continue
            refused.add(key)
        attempts += 1
    return [event for index, event in enumerate(events) if index not in dropped], attempts


def target_length(total: int, reduction_target: float) -> int:
    """The number of events at which to stop: the target's rest rounded down, from none to all."""
    return math.floor(total * min(1.0, max(0.0, 1.0 - reduction_target)))
