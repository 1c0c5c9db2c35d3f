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

_POLICY = 2


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
            ranked=self.line[0],
            line=self.line,
            base=found.proposals,
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
        if known is not None and (now := _still(known, fingerprint, line, state, given, decisions, read)):
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
    known: Mined,
    fingerprint: Fingerprint,
    line: Line,
    state: State,
    names: Mapping[str, str],
    decisions: Sequence[Decision],
    read: Reader,
) -> Mined | None:
    """What was mined before, by the present decisions and runs; None where it has to be mined anew now."""
    if (was := known.ground) is None or known.line is None or known.fingerprint[_POLICY] != fingerprint[_POLICY]:
        return None
    is_same = known.line == line
    if not is_same and not state.ranks_later:
        return None
    ground = replace(was, names=names, decisions=decisions, decided=decided_on(decisions)[was.cohort or ""])
    rules = {one.lineage: was.rules(one.lineage) for one in known.base}
    base = again(Before(known.base, was.decided, rules), ground, state.parts)
    if base is None:
        # What somebody decided on is shown when it was mined for.
        return replace(known, unranked=max(known.unranked, 1)) if state.ranks_later else None
    known = replace(known, ground=ground, base=base)
    return replace(known, proposals=base, unranked=0) if is_same else kept_up(known, ground, line, read)


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
