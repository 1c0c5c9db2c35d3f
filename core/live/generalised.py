"""The generalised candidates of cohorts: mined where runs changed, made anew where only decisions did.

Where mining goes on beside (`State.ranks_later`), nobody waits for it: known candidates are kept up with the runs that
there are (core.live.between), and what was found is taken in when it comes, whatever changed meanwhile. At the first
look that is one part of the cohorts after another, so that what is found of the first is shown while others are mined.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.columns.again import Reader
from core.live.again import Before, again
from core.live.between import Line, kept_up
from core.live.by_cohort import decided_on, given_names
from core.live.engine import State
from core.live.members import Members
from core.live.mined import Mined
from core.live.partition import Cohort
from core.live.proposing import Ground, Proposed, proposals_of
from core.model.decision import Decision
from core.promotion.rules import ruling
from core.promotion.standing import heard

Fingerprint = tuple[object, ...]
"""What a cohort's candidates are made from: runs, those that are only compared, policy, names, rules, decided on."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A cohort that is mined."""

    fingerprint: Fingerprint
    ground: Ground
    line: Line

    def mined(self, found: Proposed) -> Mined:
        """What was mined of it."""
        return Mined(
            self.fingerprint,
            found.proposals,
            found.folds,
            found.worked,
            self.ground.alone(),
            line=self.line,
            base=found.proposals,
            policy=self.ground.policy,
        )


class _By(NamedTuple):
    """What was decided, as far as a cohort's candidates depend on it."""

    names: Mapping[str, str]
    decided: frozenset[str]
    rulings: Sequence[Decision]


def mined(
    state: State,
    fingerprints: Mapping[Cohort, Fingerprint],
    names: Mapping[str, Mapping[str, str]],
    decided: Mapping[str, frozenset[str]],
    rulings: Sequence[Decision],
    read: Reader,
) -> dict[Cohort, Mined]:
    """What there is now of some cohorts, by their fingerprints. Raises VanishedError.

    `names` are those that reviewers gave, `decided` the lineages that somebody decided on, both by cohort; `rulings`
    are the decisions that made or withdrew allow rules.
    """
    found: dict[Cohort, Mined] = {}
    left: list[Ranking] = []
    for cohort, fingerprint in fingerprints.items():
        known, line, key = state.mined.get(cohort), _line(state, cohort), cohort or ""
        by = _By(names.get(key, {}), decided.get(key, frozenset()), rulings)
        now = None if known is None else _still(known, line, state, by, read)
        if now is None and known is not None and state.ranks_later and not by.decided:
            # Of what was decided on nobody is to be told, even for a moment, that it is no longer proposed.
            now = replace(known, unranked=max(known.unranked, 1) if known.ground else len(line[0]))
        if now is not None:
            found[cohort] = replace(now, fingerprint=fingerprint)
        else:
            ground = _ground(state, cohort, line, by)
            known = known or Mined((), ())
            left.append(Ranking(fingerprint, replace(ground, folds=known.folds, worked=known.worked), line))
    if left:
        grounds = [one.ground for one in left]
        made = proposals_of(grounds, read.run) if state.apart is None else state.apart(state, grounds)
        for one, proposed in zip(left, made, strict=True):
            later = Mined(one.fingerprint, (), unranked=len(one.line[0]))
            found[one.ground.cohort] = later if proposed is None else one.mined(proposed)
    return found


def unmined(state: State) -> dict[Cohort, int]:
    """How many runs the cohorts have that were never mined, where mining goes on beside."""
    if not state.ranks_later:
        return {}
    return {cohort: known.unranked for cohort, known in state.mined.items() if known.unranked and not known.ground}


def unranked(state: State) -> list[Cohort]:
    """The cohorts whose candidates were mined of other runs than there are now."""
    return [cohort for cohort, known in state.mined.items() if known.unranked]


def rankings(state: State, cohorts: Collection[Cohort]) -> list[Ranking]:
    """Some cohorts as they are to be mined."""
    decisions = heard(state.journal.decisions, state.policy.keys_required)
    names, decided, rulings = given_names(decisions), decided_on(decisions), ruling(decisions)
    made = []
    for cohort in cohorts:
        line, key = _line(state, cohort), cohort or ""
        ground = _ground(state, cohort, line, _By(names[key], decided[key], rulings))
        made.append(Ranking(state.mined[cohort].fingerprint, ground, line))
    return made


def _still(known: Mined, line: Line, state: State, by: _By, read: Reader) -> Mined | None:
    """What was mined before, by the present decisions and runs; None where that does not tell what there is now."""
    if (was := known.ground) is None or known.line is None:
        return None
    is_same, is_mined_by = known.line == line, known.policy == state.policy
    if not (is_same and is_mined_by) and not state.ranks_later:
        return None
    ground = replace(was, policy=state.policy, names=by.names, decisions=by.rulings, decided=by.decided)
    rules = {one.lineage: was.rules(one.lineage) for one in known.base}
    if (base := again(Before(known.base, was.decided, rules), ground, state.parts)) is None:
        return None
    if known.compared == line and base is known.base and is_mined_by:
        return replace(known, ground=ground)
    known = replace(known, ground=ground, base=base)
    if is_same:
        return replace(known, proposals=base, compared=None, unranked=int(not is_mined_by))
    return kept_up(known, ground, line, read)


def _line(state: State, cohort: Cohort) -> Line:
    members, compared = state.parts.cohorts[cohort], state.parts.shadow
    assert isinstance(members, Members)
    assert isinstance(compared, Members)
    return members, compared


def _ground(state: State, cohort: Cohort, line: Line, by: _By) -> Ground:
    """What the generalised candidates of a cohort are made from."""
    return Ground(
        cohort=cohort,
        members=line[0].named(),
        shadow=line[1].named(),
        policy=state.policy,
        names=by.names,
        decisions=by.rulings,
        created_at=state.created_at,
        decided=by.decided,
    )
