"""Ranking the exact candidates of a cohort, or bringing the known ones up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.columns.again import Reader
from core.live.engine import State
from core.live.exact import Cast, made
from core.live.members import Members
from core.live.mined import Mined
from core.live.partition import Cohort
from core.model.decision import Decision
from core.promotion.rules import rules_for


def cast_of(state: State, cohort: Cohort, names: Mapping[str, str], rulings: Sequence[Decision]) -> Cast:
    """What a cohort's exact candidates are made from; `names` are the workflow names that reviewers gave."""
    policy, members, compared = state.policy, state.parts.cohorts[cohort], state.parts.shadow
    assert isinstance(members, Members)
    assert isinstance(compared, Members)
    return Cast(
        cohort=cohort,
        members=members,
        compared=compared,
        min_examples=policy.min_examples,
        max_candidates=policy.max_candidates,
        min_confidence=policy.min_confidence,
        author=policy.author,
        names=names,
        rules=lambda lineage: rules_for(lineage, cohort or "", rulings),
        created_at=state.created_at,
        recall=state.recall,
    )


def exact(
    state: State,
    cohort: Cohort,
    names: Mapping[str, str],
    rulings: Sequence[Decision],
    known: Mined | None,
    fingerprint: tuple[object, ...],
    read: Reader,
    rank: bool,
) -> Mined:
    """A cohort's candidates: of all sequences that are mined anew, or of those that were found the last time.

    Raises VanishedError.
    """
    cast = cast_of(state, cohort, names, rulings)
    if known is None or known.ranked is None:
        known, rank = Mined((), ()), True
    sequences = None if rank else known.sequences
    found = made(cast, known.made, read, sequences, known.line)
    return Mined(
        fingerprint,
        tuple(one.proposal for one in found.values()),
        made=found,
        sequences=tuple(one.compared.sequence_signature for one in found.values()) if rank else known.sequences,
        ranked=cast.members if rank else known.ranked,
        line=(cast.members, cast.compared),
        policy=state.policy,
        unranked=0 if rank or known.ranked is None else _moved(known.ranked, cast.members),
    )


def _moved(ranked: Members, now: Members) -> int:
    """How many runs came or went since they were ranked; at least one when they only stand in another order."""
    if now == ranked:
        return 0
    return max(now.unlike(ranked) + ranked.unlike(now), 1)
