"""What the generalised candidates of a cohort are made from where the runs are, one task per cohort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.cluster.parts import Cohort
from core.cluster.source import Source
from core.live.proposing import Ground, proposals
from core.live.viewed import Proposal
from core.model.candidate import Candidate
from core.model.jsontext import compact, parse
from core.promotion.promote import unjudged
from core.store.policy import Policy
from core.traces.times import EPOCH


class Run(NamedTuple):
    """A run to be read again."""

    unit: str
    sha256: str
    """Hex, of its file."""


class Found(NamedTuple):
    """A candidate as it travels."""

    lineage: str
    candidate: bytes
    """JSON."""
    backwards: int
    unresolved: int
    trace_ids: frozenset[str]
    """Of the runs that it was made from or compared with."""


def mine_cohort(
    source: Source, cohort: Cohort, mined: Sequence[Run], compared: Sequence[Run], policy: Policy
) -> list[Found]:
    """The generalised candidates of a cohort, best first; runs are in the order of their paths.

    Raises ChangedError.
    """
    ground = Ground(
        cohort=cohort, members=mined, shadow=compared, policy=policy, names={}, decisions=(), created_at=EPOCH
    )
    return [_found(one) for one in proposals(ground, source.trace).proposals]


def _found(one: Proposal) -> Found:
    candidate = unjudged(one.candidate)
    told = [example.trace_id for example in candidate.examples] + [
        result.trace_id for result in candidate.shadow.traces
    ]
    return Found(
        one.lineage,
        compact(candidate),
        one.witness.backwards,
        one.witness.unresolved,
        frozenset(told),
    )


def candidate_of(found: Found) -> Candidate:
    """The candidate that travelled."""
    return Candidate.decode(parse(found.candidate))
