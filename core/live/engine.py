"""The engine: a pure step from one state of the files, the journal and the policy to the next.

The state after any series of changes equals that of a cold start on the final content (spec/review.md). What follows
from something that did not change is kept: a decision sorts and mines nothing again and makes only its own view anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from core.artifacts.redact import PLAIN, Redactor
from core.columns.again import NOWHERE, Reader, VanishedError
from core.live.by_cohort import decided_on, given_names, rules_made
from core.live.changes import ChangeSet, FileProblem, LoadedFile
from core.live.decided import Archived
from core.live.elsewhere import Elsewhere
from core.live.layered import layered
from core.live.mined import Mined as Mined
from core.live.names import order_of
from core.live.partition import Cohort, NoRuns
from core.live.snapshot import JournalView, Problem, Snapshot
from core.live.viewed import Viewed
from core.live.views import listed, views
from core.model.trace import Trace
from core.promotion.rules import ruling
from core.promotion.standing import heard
from core.store.policy import Policy
from core.traces.times import EPOCH

if TYPE_CHECKING:  # columns need numpy, which nobody has to wait for before there are runs
    from core.live.column_parts import ColumnParts
    from core.live.exact import Recall
    from core.live.proposing import Ground, Proposed
    from core.live.shelf import Shelf

Miner: TypeAlias = "Callable[[State, Sequence[Ground]], Sequence[Proposed | None]]"
"""Finds the generalised candidates of some cohorts of a state; None for those that it mines later.

Raises VanishedError.
"""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Change:
    """What happened since the last step; None is `as before`."""

    files: ChangeSet = field(default_factory=ChangeSet)
    journal: JournalView | None = None
    archive: Mapping[str, Archived] | None = None
    policy: Policy | None = None
    notices: tuple[str, ...] | None = None
    redactor: Redactor | None = None
    ranked: Mapping[Cohort, Mined] = field(default_factory=dict)
    """What was mined beside of some cohorts, maybe of other runs than there are now."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything a snapshot is made from, and the snapshot."""

    files: Mapping[str, LoadedFile] = field(default_factory=dict)
    shelf: Shelf | None = None
    """The runs as columns; None where there are none."""
    elsewhere: Elsewhere | None = None
    """What was mined elsewhere, of more runs than these, in either mode."""
    apart: Miner | None = None
    """Mines in generalised mode, elsewhere or with other ways to read; None for here. What it finds is the same."""
    recall: Recall = lambda _: None
    """Where exact mining found sequences in the very same runs, as far as somebody knows (core.live.exact)."""
    ranks_later: bool = False
    """Whether known generalised candidates are only kept up, for somebody mines beside and tells what was found."""
    read: Reader = NOWHERE
    """Reads runs again that are not kept whole."""
    vanished: frozenset[str] = frozenset()
    """Units that are here otherwise than whoever watches told of them, such as those that were found not to be on disk
    any more as they were read, which count as gone. They stay until they are asked for again (Feed.doubt)."""
    broken: Mapping[str, FileProblem] = field(default_factory=dict)
    journal: JournalView = field(default_factory=JournalView)
    archive: Mapping[str, Archived] = field(default_factory=dict)
    """Approved and rejected candidates, by the name of the crashpack that keeps them."""
    policy: Policy = field(default_factory=Policy)
    notices: tuple[str, ...] = ()
    redactor: Redactor = PLAIN
    """What the archive's candidates are compared through, as they are kept redacted."""
    created_at: str = EPOCH
    """The creation time written into promotions, RFC 3339."""
    mined: Mapping[Cohort, Mined] = field(default_factory=dict)
    parts: NoRuns | ColumnParts = field(default_factory=NoRuns)
    parted: tuple[object, ...] = ()
    """What the parts were made from."""
    viewed: Mapping[str, Viewed] = field(default_factory=dict)
    """Every lineage's view, by lineage."""
    snapshot: Snapshot = field(default_factory=Snapshot)


def step(state: State, change: Change, *, rank: bool = True) -> State:
    """The state after a change. Pure but for runs that are read again: the same state and change give the same result.

    Without `rank` the exact candidates that are known are brought up to date and nothing is mined anew; the snapshot
    says how many runs the ranking has not seen. The next step with `rank` makes up for that. Generalised ones are mined
    at every change, unless that goes on beside.
    """
    moved = absorb(state, change)
    while True:
        try:
            parted = _part(moved)
            return _show(replace(parted, mined=_mine(parted, rank=rank)))
        except VanishedError as error:
            moved = without(moved, error.units)


def without(state: State, units: frozenset[str]) -> State:
    """The state without some runs, with nothing derived yet: they are not on disk any more as they were read."""
    return replace(absorb(state, Change(files=ChangeSet(gone=units))), vanished=state.vanished | units)


def anew(state: State) -> State:
    """The state with everything derived once more, for runs that their bytes alone do not tell from earlier ones."""
    return step(replace(state, mined={}, viewed={}, parted=()), Change())


def absorb(state: State, change: Change) -> State:
    """The state with a change taken in and nothing derived yet, for changes of which more are on their way."""
    files = change.files
    shelf, loaded, touched = state.shelf, files.loaded, files.touched
    if shelf is not None or loaded:
        from core.live.shelf import Shelf, put

        shelf, loaded = put(shelf or Shelf(), touched, loaded)
    return replace(
        state,
        files=_updated(state.files, touched, loaded),
        shelf=shelf,
        broken=_updated(state.broken, files.gone.union(files.loaded) if state.broken else (), files.problems),
        policy=change.policy or state.policy,
        journal=change.journal or state.journal,
        archive=state.archive if change.archive is None else change.archive,
        notices=state.notices if change.notices is None else change.notices,
        redactor=change.redactor or state.redactor,
        mined={**state.mined, **change.ranked} if change.ranked else state.mined,
    )


def _updated(items: Mapping[str, Item], gone: Collection[str], new: Mapping[str, Item]) -> Mapping[str, Item]:
    """The items without some and with others; the very same mapping when nothing is to be done."""
    if not gone and not new:
        return items
    return layered(items).updated(gone, new)


def _reader(state: State) -> Reader:
    """How runs are read with their payloads; it outlives the state, so it holds no more of it than it needs."""
    files, again = state.files, state.read

    def read(unit: str, sha256: str) -> Trace:
        file = files.get(unit)
        if file is not None and file.trace is not None and file.sha256 == sha256:
            return file.trace
        return again.run(unit, sha256)

    return Reader(read, again.facts)


def _part(state: State) -> State:
    """The state with its runs sorted into cohorts, if what decides that changed."""
    files, *rules = parted = (state.files, state.policy.cohort, state.policy.shadow_paths, state.shelf)
    if state.parted and state.parted[0] is files and list(state.parted[1:]) == rules:
        return state
    if state.shelf is None:
        return replace(state, parts=NoRuns(), parted=parted)
    from core.live.column_parts import ColumnParts

    before = state.parts if isinstance(state.parts, ColumnParts) else None
    return replace(state, parts=ColumnParts(state.shelf, state.policy, _reader(state), before), parted=parted)


def _mine(state: State, *, rank: bool) -> dict[Cohort, Mined]:
    """Proposals of every cohort, those of an unchanged cohort as they were."""
    decisions = heard(state.journal.decisions, state.policy.keys_required)
    names, rules, decided = given_names(decisions), rules_made(decisions), decided_on(decisions)
    rulings = ruling(decisions)
    mined: dict[Cohort, Mined] = {}
    whole: dict[Cohort, tuple[object, ...]] = {}
    """The fingerprints of cohorts that are looked at in generalised mode, all at once."""
    for cohort, members in state.parts.cohorts.items():
        key, known = cohort or "", state.mined.get(cohort)
        # The runs themselves, for a run's own source hash is only what its file claims.
        fingerprint: tuple[object, ...] = (members, state.parts.shadow, state.policy, names[key], rules[key])
        if state.elsewhere is None and state.policy.mode != "exact":
            fingerprint = (*fingerprint, decided[key])
        if known is not None and known.fingerprint == fingerprint and not (rank and known.unranked):
            mined[cohort] = known
        elif state.elsewhere is not None:
            found = state.elsewhere.proposals(state, cohort, names[key], rulings, _reader(state))
            mined[cohort] = Mined(fingerprint, found)
        elif state.policy.mode == "exact":
            from core.live.ranking import exact

            mined[cohort] = exact(state, cohort, names[key], rulings, known, fingerprint, _reader(state), rank)
        else:
            whole[cohort] = fingerprint
    if whole:
        from core.live import generalised

        mined |= generalised.mined(state, whole, names, decided, rulings, _reader(state))
    return {cohort: mined[cohort] for cohort in state.parts.cohorts}


def _show(state: State) -> State:
    """The state with its snapshot."""
    parts = state.parts
    broken = [_problem(item) for item in state.broken.values()]
    problems = sorted((*broken, *parts.excluded), key=lambda p: (order_of(p.unit), p.state))
    quarantined = sum(p.state == "quarantined" for p in problems)
    proposed = [proposal for mined in state.mined.values() for proposal in mined.proposals]
    viewed = views(
        proposed, parts, state.journal, state.archive, state.policy, quarantined, state.redactor, state.viewed
    )
    snapshot = Snapshot(
        candidates=listed(viewed),
        runs=parts.runs,
        problems=tuple(problems),
        loaded=len(parts.runs) if state.elsewhere is None else state.elsewhere.loaded,
        excluded=len(parts.excluded),
        quarantined=quarantined,
        settling=sum(p.state == "settling" for p in problems),
        journal=state.journal,
        policy=state.policy,
        unranked=sum(mined.unranked for mined in state.mined.values()),
        notices=state.notices,
    )
    return replace(state, viewed=viewed, snapshot=snapshot)


def _problem(found: FileProblem) -> Problem:
    return Problem(
        state=found.state,
        unit=found.unit,
        rule=found.rule,
        reason=found.reason,
        place=found.place,
        advice=found.advice,
        size=found.size,
        first_seen=found.first_seen,
    )
