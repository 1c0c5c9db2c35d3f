"""What all examples of a candidate say about its behaviour and its transfer, without the examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.candidate import Candidate
from core.model.jsontext import Json
from core.model.trace import Action


@dataclass(frozen=True, slots=True)
class Witness:
    """What core.promotion.behaviour and core.live.transfer ask the examples for."""

    columns: tuple[Sequence[Action], ...]
    """For each step the different actions that stand for it, without payloads; none for a generalised candidate,
    whose record tells it already."""
    receipts: Json
    """The least of what the runs' receipts are once what may differ is taken out."""
    backwards: int
    """Examples whose times go back."""
    unresolved: int
    """Required approval points that no approver resolved."""


def told_by_record(candidate: Candidate, backwards: int, unresolved: int) -> Witness:
    """The same for a generalised candidate."""
    return Witness(tuple(() for _ in candidate.steps), [], backwards, unresolved)
