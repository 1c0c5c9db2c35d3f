"""The engine: a pure step from one state of the files, the journal and the policy to the next.

The state after any series of changes equals that of a cold start on the final content (spec/review.md). What follows
from something that did not change is kept: a decision sorts and mines nothing again and makes only its own view anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.artifacts.redact import PLAIN, Redactor
from core.crystallize import EPOCH
from core.live.changes import ChangeSet, FileProblem, LoadedFile
from core.live.decided import Archived
from core.live.names import order_of
from core.live.partition import Cohort, Partition, partition
from core.live.proposing import Ground, proposals
from core.live.snapshot import JournalView, Problem, Snapshot
from core.live.viewed import Proposal, Viewed
from core.live.views import listed, views
from core.mining.generalised.folded import Folds
from core.model.decision import Decision
from core.promotion.standing import heard
from core.store.policy import Policy

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Mined:
    """What mining made of one cohort, and from what."""

    fingerprint: tuple[object, ...]
    proposals: tuple[Proposal, ...]
    folds: Folds = field(default_factory=dict)
    """Its runs as generalised mining folded them, to be used again."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happened since the last step; None is `as before`."""

    files: ChangeSet = field(default_factory=ChangeSet)
    journal: JournalView | None = None
    archive: Mapping[str, Archived] | None = None
    policy: Policy | None = None
    notices: tuple[str, ...] | None = None
    redactor: Redactor | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything a snapshot is made from, and the snapshot."""

    files: Mapping[str, LoadedFile] = field(default_factory=dict)
    broken: Mapping[str, FileProblem] = field(default_factory=dict)
    journal: JournalView = field(default_factory=JournalView)
    archive: Mapping[str, Archived] = field(default_factory=dict)
    """Approved or rejected candidates by lineage, as their newest crashpack keeps them."""
    policy: Policy = field(default_factory=Policy)
    notices: tuple[str, ...] = ()
    redactor: Redactor = PLAIN
    """What the archive's candidates are compared through, as they are kept redacted."""
    created_at: str = EPOCH
    """The creation time written into promotions, RFC 3339."""
    mined: Mapping[Cohort, Mined] = field(default_factory=dict)
    parts: Partition = field(default_factory=lambda: Partition({}, (), {}, ()))
    parted: tuple[object, ...] = ()
    """What the parts were made from."""
    viewed: Mapping[str, Viewed] = field(default_factory=dict)
    """Every lineage's view, by lineage."""
    snapshot: Snapshot = field(default_factory=Snapshot)


def step(state: State, change: Change) -> State:
    """The state after a change. Pure: the same state and change give the same result."""
    moved = _part(absorb(state, change))
    moved = replace(moved, mined=_mine(moved))
    return _show(moved)


def absorb(state: State, change: Change) -> State:
    """The state with a change taken in and nothing derived yet, for changes of which more are on their way."""
    files = change.files
    return replace(
        state,
        files=_updated(state.files, files.touched, files.loaded),
        broken=_updated(state.broken, files.gone.union(files.loaded), files.problems),
        policy=change.policy or state.policy,
        journal=change.journal or state.journal,
        archive=state.archive if change.archive is None else change.archive,
        notices=state.notices if change.notices is None else change.notices,
        redactor=change.redactor or state.redactor,
    )


def _updated(items: Mapping[str, Item], gone: frozenset[str], new: Mapping[str, Item]) -> Mapping[str, Item]:
    """The items without some and with others; the very same mapping when nothing is to be done."""
    if not gone and not new:
        return items
    return {key: item for key, item in items.items() if key not in gone} | dict(new)


def _part(state: State) -> State:
    """The state with its runs sorted into cohorts, if what decides that changed."""
    files, *rules = parted = (state.files, state.policy.cohort, state.policy.shadow_paths)
    if state.parted and state.parted[0] is files and list(state.parted[1:]) == rules:
        return state
    return replace(state, parts=partition(state.files, state.policy), parted=parted)


def _mine(state: State) -> dict[Cohort, Mined]:
    """Proposals of every cohort, those of an unchanged cohort as they were."""
    decisions = heard(state.journal.decisions, state.policy.keys_required)
    names, rules = _given_names(decisions), _rules(decisions)
    made = {}
    for cohort, members in state.parts.cohorts.items():
        # The runs themselves, for a run's own source hash is only what its file claims.
        fingerprint = (members, state.parts.shadow, state.policy, names[cohort or ""], rules[cohort or ""])
        known = state.mined.get(cohort)
        if known is None or known.fingerprint != fingerprint:
            ground = Ground(
                cohort=cohort,
                members=members,
                shadow=state.parts.shadow,
                policy=state.policy,
                names=names[cohort or ""],
                decisions=decisions,
                created_at=state.created_at,
                folds=known.folds if known else {},
            )
            known = Mined(fingerprint, *proposals(ground))
        made[cohort] = known
    return made


def _given_names(decisions: Sequence[Decision]) -> defaultdict[str, dict[str, str]]:
    """The workflow names that reviewers gave, by cohort and lineage."""
    given: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for decision in decisions:
        if decision.kind == "rename" and "name" in decision.detail:
            given[_cohort(decision)][decision.lineage] = str(decision.detail["name"])
    return given


def _rules(decisions: Sequence[Decision]) -> defaultdict[str, tuple[int, ...]]:
    """The decisions that made or withdrew allow rules, by cohort."""
    made: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
    for decision in decisions:
        if decision.kind in ("allow", "withdraw"):
            made[_cohort(decision)] += (decision.seq,)
    return made


def _cohort(decision: Decision) -> str:
    """The key text of the cohort that a decision's lineage belongs to."""
    return str(decision.detail.get("cohort", ""))


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
        loaded=len(parts.runs),
        excluded=len(parts.excluded),
        quarantined=quarantined,
        settling=sum(p.state == "settling" for p in problems),
        journal=state.journal,
        policy=state.policy,
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
