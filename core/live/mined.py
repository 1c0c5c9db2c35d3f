"""What mining made of one cohort, kept from one snapshot to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.live.viewed import Proposal

if TYPE_CHECKING:  # columns need numpy, which nobody has to wait for before there are runs
    from core.live.exact import Made, Sequences
    from core.live.folded import Folds
    from core.live.found import Compared
    from core.live.members import Members
    from core.live.proposing import Ground, Worked
    from core.store.policy import Policy


@dataclass(frozen=True, slots=True)
class Mined:
    """What mining made of one cohort, and from what."""

    fingerprint: tuple[object, ...]
    proposals: tuple[Proposal, ...]
    folds: Folds = field(default_factory=dict)
    """Its runs as generalised mining folded them, to be used again."""
    worked: Worked | None = None
    """What generalised mining found out about them."""
    ground: Ground | None = None
    """What generalised candidates were made from, without what was found out about the runs."""
    made: Mapping[str, Made] = field(default_factory=dict)
    """Exact candidates with what they were made from, to be used again, by lineage."""
    sequences: Sequences = ()
    """What exact mining found the last time that it ranked."""
    ranked: Members | None = None
    """The runs that it ranked then."""
    line: Compared | None = None
    """The runs that the candidates were made from, and those that were only compared with them."""
    base: tuple[Proposal, ...] = ()
    """Generalised candidates as they were mined of these runs, before others came."""
    compared: Compared | None = None
    """The runs that generalised candidates are compared with, where these are others."""
    policy: Policy | None = None
    """By which they were mined."""
    told: dict[Any, Any] = field(default_factory=dict)
    """How runs that came since compare with them (core.live.between); only ever added to."""
    unranked: int = 0
    """How many runs came or went since."""
