"""The generalised candidates of cohorts: mined where runs changed, made anew where only decisions did.

Where mining goes on beside (`State.ranks_later`), nobody waits for it: known candidates are kept up with the runs that
there are (core.live.between), and what was found is taken in when it comes, whatever changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
    left: list[Ranking] = []
    for cohort, fingerprint in fingerprints.items():
        known, line = state.mined.get(cohort), _line(state, cohort)
        given = names.get(cohort or "", {})
        now = None if known is None else _still(known, line, state, given, decisions, read)
        if now is None and state.ranks_later and not decided_on(decisions)[cohort or ""]:
            # Of what was decided on nobody is to be told, even for a moment, that it is no longer proposed.
            now = known or Mined((), ())
            now = replace(now, unranked=max(now.unranked, 1) if now.ground else len(line[0]))
        if now is not None:
            found[cohort] = replace(now, fingerprint=fingerprint)
        else:
            ground = _ground(state, cohort, line, given, decisions)
            known = known or Mined((), ())
            left.append(Ranking(fingerprint, replace(ground, folds=known.folds, worked=known.worked), line))
    if left:
        grounds = [one.ground for one in left]
        made = proposals_of(grounds, read.run) if state.apart is None else state.apart(state, grounds)
        found |= {one.ground.cohort: one.mined(proposed) for one, proposed in zip(left, made, strict=True)}
    return found


def rankings(state: State) -> list[Ranking]:
    """The cohorts whose candidates were mined of other runs than there are now."""
    decisions = heard(state.journal.decisions, state.policy.keys_required)
    names = given_names(decisions)
    made = []
    for cohort, known in state.mined.items():
        if known.unranked:
            line = _line(state, cohort)
            ground = _ground(state, cohort, line, names[cohort or ""], decisions)
            made.append(Ranking(known.fingerprint, ground, line))
    return made


def _still(
    known: Mined, line: Line, state: State, names: Mapping[str, str], decisions: Sequence[Decision], read: Reader
) -> Mined | None:
    """What was mined before, by the present decisions and runs; None where that does not tell what there is now."""
    if (was := known.ground) is None or known.line is None:
        return None
    is_same, is_mined_by = known.line == line, known.policy == state.policy
    if not (is_same and is_mined_by) and not state.ranks_later:
        return None
    decided = decided_on(decisions)[was.cohort or ""]
    ground = replace(was, policy=state.policy, names=names, decisions=decisions, decided=decided)
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


def _ground(
    state: State, cohort: Cohort, line: Line, names: Mapping[str, str], decisions: Sequence[Decision]
) -> Ground:
    """What the generalised candidates of a cohort are made from."""
    return Ground(
        cohort=cohort,
        members=line[0].named(),
        shadow=line[1].named(),
        policy=state.policy,
        names=names,
        decisions=decisions,
        created_at=state.created_at,
        decided=decided_on(decisions)[cohort or ""],
    )
