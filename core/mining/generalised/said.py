"""What an action says besides its values: few actions differ in it, so that many are counted at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.mining.generalised.shapes import Kinds, kinds_of
from core.model.trace import Action, Approval


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What an action says; equal ones are one object, as far as that is remembered."""

    kinds: Kinds | None
    """Of its output; None where that was not recorded."""
    capabilities: tuple[str, ...]
    required_secrets: tuple[str, ...]
    approval: bool | None
    """Whether it asks somebody first; None when it says nothing."""
    boundary: str | None
    """Where it asks."""
    is_fuzzy: bool
    """Whether a model or a person does it."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the actions of a step say together besides their values; equal ones are one object, as far as remembered."""

    said: tuple[Said, ...]
    """What each says."""
    names: tuple[tuple[str, ...], ...]
    """The arguments that each gives."""


_one = lru_cache(maxsize=1024)(Said)
together = lru_cache(maxsize=4096)(Told)
"""What actions say together."""


def said_by(action: Action, approval: Approval | None) -> Said:
    """What an action says, where that is the point at which it waits for an approval."""
    return _one(
        kinds_of(action.seen_output),
        action.capabilities,
        action.required_secrets,
        approval.required if approval is not None else None,
        approval.boundary if approval is not None else None,
        action.kind == "model_call" or action.fuzzy is True,
    )
