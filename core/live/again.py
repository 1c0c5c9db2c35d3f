"""Generalised candidates of the same runs after a decision: nothing is mined, only what it concerns is made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import is_
from typing import TYPE_CHECKING

from core.crystallize import assess
from core.live.packed import with_key
from core.live.viewed import Proposal
from core.mining.generalised.record import workflow_name
from core.model.candidate import Promotion
from core.model.options import Options
from core.promotion.promote import promote, unjudged
from core.shadow.waivers import Waiver

if TYPE_CHECKING:
    from core.live.column_parts import ColumnParts
    from core.live.partition import NoRuns
    from core.live.proposing import Ground

Rules = Mapping[str, Sequence[Waiver]]
"""The allow rules in force by lineage."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was proposed before, and by which decisions."""

    proposals: tuple[Proposal, ...]
    decided: frozenset[str] = frozenset()
    """The lineages that somebody had decided on."""
    rules: Rules = field(default_factory=dict)


def again(before: Before, ground: Ground, parts: NoRuns | ColumnParts) -> tuple[Proposal, ...] | None:
    """What is proposed of the same runs by the decisions that there are now; a proposal that they do not concern stays.

    None where something was decided on, or is not any more, that changes what mining proposes. Raises VanishedError.
    """
    proposed = {one.lineage for one in before.proposals}
    if not before.decided <= ground.decided or not ground.decided - before.decided <= proposed:
        return None
    made = tuple(_decided_anew(one, before.rules.get(one.lineage, ()), ground, parts) for one in before.proposals)
    return before.proposals if all(map(is_, made, before.proposals)) else made


def _decided_anew(one: Proposal, rules: Sequence[Waiver], ground: Ground, parts: NoRuns | ColumnParts) -> Proposal:
    """A proposal, compared by some rules, as it is by the present names and rules."""
    options, created_at, now = ground.options(one.lineage), ground.created_at, ground.rules(one.lineage)
    candidate = one.candidate
    name = options.workflow_name or workflow_name(candidate.steps)
    if tuple(rules) == now:
        if candidate.name == name and _is_judged(candidate.promotion, options, created_at):
            return one
        found = unjudged(candidate).replace(name=name)
        judged = promote(found, options, created_at=created_at, package_name=name.replace("_", "-"))
    else:
        # Which runs are compared does not depend on the rules, only how they compare.
        ids = {result.trace_id for result in candidate.shadow.traces}
        pool = [parts.traces[trace_id] for trace_id in parts.traces if trace_id in ids]
        apart = frozenset(trace_id for trace_id in ids if parts.runs[trace_id].shadow)
        found = unjudged(candidate).replace(name=name)
        judged = assess(found, pool, options, created_at, waivers=now, held_out=apart)
    return with_key(one, judged)


def _is_judged(promotion: Promotion, options: Options, created_at: str) -> bool:
    """Whether a promotion record was made by some options."""
    made = promotion.criteria
    before = (promotion.created_at, promotion.author, made.min_examples, made.min_confidence)
    return before == (created_at, options.author, options.needed_examples, options.needed_confidence)
