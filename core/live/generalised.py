"""The generalised candidates of cohorts: mined where runs changed, made anew where only decisions did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.columns.again import Reader
from core.live.again import Before, again
from core.live.by_cohort import decided_on
from core.live.engine import State
from core.live.members import Members
from core.live.mined import Mined
from core.live.partition import Cohort
from core.live.proposing import Ground, proposals_of
from core.model.decision import Decision

Fingerprint = tuple[object, ...]

_MINED_BY = 3
"""Parts of a fingerprint that no decision changes: the runs, those that are only compared, and the policy."""


def mined(
    state: State,
    fingerprints: Mapping[Cohort, Fingerprint],
    names: Mapping[str, Mapping[str, str]],
    decisions: Sequence[Decision],
    read: Reader,
) -> dict[Cohort, Mined]:
    """What there is now of some cohorts, by their fingerprints; `names` are those that reviewers gave.

    Raises VanishedError.
    """
    found: dict[Cohort, Mined] = {}
    left: list[Ground] = []
    for cohort, fingerprint in fingerprints.items():
        ground = _ground(state, cohort, names.get(cohort or "", {}), decisions)
        known = state.mined.get(cohort) or Mined((), ())
        if known.fingerprint[:_MINED_BY] == fingerprint[:_MINED_BY] and (now := _decided(known, ground, state)):
            found[cohort] = replace(now, fingerprint=fingerprint)
        else:
            left.append(replace(ground, folds=known.folds, worked=known.worked))
    if left:
        made = proposals_of(left, read.run) if state.apart is None else state.apart(state, left)
        for ground, one in zip(left, made, strict=True):
            fingerprint = fingerprints[ground.cohort]
            found[ground.cohort] = Mined(fingerprint, one.proposals, one.folds, one.worked, ground.alone())
    return found


def _decided(known: Mined, ground: Ground, state: State) -> Mined | None:
    """What was mined of the same runs, by the present decisions; None where these change what is mined."""
    if (was := known.ground) is None:
        return None
    rules = {one.lineage: was.rules(one.lineage) for one in known.proposals}
    proposals = again(Before(known.proposals, was.decided, rules), ground, state.parts)
    return None if proposals is None else replace(known, proposals=proposals, ground=ground)


def _ground(state: State, cohort: Cohort, names: Mapping[str, str], decisions: Sequence[Decision]) -> Ground:
    """What the generalised candidates of a cohort are made from."""
    members, compared = state.parts.cohorts[cohort], state.parts.shadow
    assert isinstance(members, Members)
    assert isinstance(compared, Members)
    return Ground(
        cohort=cohort,
        members=members.named(),
        shadow=compared.named(),
        policy=state.policy,
        names=names,
        decisions=decisions,
        created_at=state.created_at,
        decided=decided_on(decisions)[cohort or ""],
    )
