"""The generalised candidates of one cohort (spec/review.md, Pipeline in the background)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from core.crystallize import assess
from core.live.beside import Result, copies, each, in_parts
from core.live.folded import FoldedRun, Folds, Name, Read, folded
from core.live.packed import packed, with_key
from core.live.partition import Cohort
from core.live.room import MANY
from core.live.transfer import points_at
from core.live.viewed import Proposal
from core.mining.generalised.candidate import Compared, GeneralisedCandidate
from core.mining.generalised.describe import describe, describe_rejected
from core.mining.generalised.evidence import Pool as Runs
from core.mining.generalised.fold import Facts, Run
from core.mining.generalised.judge import Judged, Rejected
from core.mining.generalised.judgements import Judgements, judgements
from core.mining.generalised.mine import propose
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.recipe import Recipe
from core.mining.generalised.record import candidate_of
from core.mining.generalised.standings import Standings
from core.model.candidate import Candidate
from core.model.decision import Decision
from core.model.options import Options
from core.model.trace import Trace
from core.model.uncollected import uncollected
from core.promotion.lineage import lineage_id
from core.promotion.rules import rules_for
from core.promotion.witness import Witness, told_by_record
from core.shadow.compare import Pool
from core.shadow.waivers import Waiver
from core.store.policy import Policy

_MOST = 256
"""Cohorts that are mined side by side, at most."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What was found out about the runs of a cohort, to be used again where they did not change."""

    known: Facts
    standings: Standings
    judgements: Judgements
    described: Mapping[Pattern, GeneralisedCandidate]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the candidates of a cohort are made from."""

    cohort: Cohort
    members: Sequence[Name]
    """The runs that are mined."""
    shadow: Sequence[Name]
    """The runs that are only compared."""
    policy: Policy
    names: Mapping[str, str]
    """The workflow names that reviewers gave, by lineage."""
    decisions: Sequence[Decision]
    """Those that made or withdrew allow rules."""
    created_at: str
    decided: frozenset[str] = frozenset()
    """The lineages that somebody decided on; they stay as long as they repeat."""
    folds: Folds = field(default_factory=dict)
    """Runs that were folded before."""
    worked: Worked | None = None
    """What was found out about them before."""

    def alone(self) -> Ground:
        """Without what was found out about the runs."""
        return replace(self, folds={}, worked=None)

    def options(self, lineage: str) -> Options:
        """The options for one lineage."""
        return Options(
            min_examples=self.policy.min_examples,
            promotion_min_confidence=self.policy.min_confidence,
            workflow_name=self.names.get(lineage),
            author=self.policy.author,
        )

    def rules(self, lineage: str) -> tuple[Waiver, ...]:
        """The allow rules in force for a lineage."""
        return rules_for(lineage, self.cohort or "", self.decisions)

    def lineage(self, sequence: Sequence[str]) -> str:
        """The lineage of a sequence."""
        return lineage_id(self.policy.mode, self.cohort, sequence)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The candidates of a cohort, and what may be used again the next time."""

    proposals: tuple[Proposal, ...] = ()
    """Best first."""
    folds: Folds = field(default_factory=dict)
    worked: Worked | None = None


def proposals(ground: Ground, read: Read, count: int = 0) -> Proposed:
    """The generalised candidates of a cohort, worked on by so many copies of this process, too.

    Raises VanishedError.
    """
    if len(ground.members) < ground.policy.min_examples:
        return Proposed()
    with uncollected(stays=not ground.folds):
        known, folds = folded(ground.members, ground.shadow, read, ground.folds)
        return _generalised(ground, known, folds, count)


def proposals_of(grounds: Sequence[Ground], read: Read, *, holds: bool = True) -> list[Proposed]:
    """The generalised candidates of several cohorts; side by side, where that can be done and is worth it.

    `holds` is whether what may be used again the next time is kept until then. Raises VanishedError.
    """

    def lean(made: Proposed) -> Proposed:
        return Proposed(made.proposals)

    def work(ground: Ground, count: int) -> Proposed:
        made = proposals(ground, read, count)
        return made if holds else lean(made)

    return shared_out(grounds, work, lean)


def shared_out(
    grounds: Sequence[Ground],
    work: Callable[[Ground, int], Result],
    lean: Callable[[Result], Result],
    *,
    shared: bool | None = None,
) -> list[Result]:
    """What is made of several cohorts, given how many copies of this process are to share in one.

    `lean` is what of it is sent by a copy: not what is as quickly made anew as handed over. `shared` is whether there
    are to be copies; by default where there is much to do.
    """
    total = sum(len(ground.members) for ground in grounds)
    is_shared = total >= MANY if shared is None else shared
    count = copies() if is_shared and len(grounds) <= _MOST else 0
    if not count:
        return [work(ground, 0) for ground in grounds]
    order = sorted(range(len(grounds)), key=lambda index: -len(grounds[index].members))
    # All share in a cohort that is too large for one, and in what would be left when each has had as many cohorts.
    large = sum(len(ground.members) * (count + 1) > total for ground in grounds)
    large += (len(grounds) - large) % (count + 1)
    made = {index: work(grounds[index], count) for index in order[:large]}
    rest = order[large:]
    found = each(lambda ground: work(ground, 0), lean, [grounds[index] for index in rest], count)
    made |= zip(rest, found, strict=True)
    return [made[index] for index in range(len(grounds))]


def _generalised(ground: Ground, known: Facts, folds: Folds, count: int) -> Proposed:
    """The few workflows worth approving, then what else repeats with why it is none."""
    runs, before, policy = Runs(folds[name].material for name in ground.members), ground.worked, ground.policy
    standings = before.standings.later([one.material for one in folds.values()]) if before else Standings()
    still = before.judgements.still(runs, known.writers) if before else {}
    stays = (lambda pattern: ground.lineage(pattern) in ground.decided) if ground.decided else (lambda _: False)
    found = propose(runs, known, policy.min_examples, policy.max_candidates, stays, still)
    at_hand = before.described if before and before.known == known else {}
    at_hand = {pattern: one for pattern, one in at_hand.items() if pattern in still}
    making = _Making(ground, runs, known, folds, standings, at_hand)
    every: tuple[Judged, ...] = (*found.chosen, *found.rejected)
    if count:
        return Proposed(_packed(in_parts(lambda one: making.proposal(making.described(one)), every, count)), folds)
    described = {one.pattern: making.described(one) for one in every}
    made = _packed([making.proposal(one) for one in described.values()])
    standings.settle(described)
    return Proposed(made, folds, Worked(known, standings, judgements(found.judged, runs, known.writers), described))


def _packed(made: Sequence[Proposal]) -> tuple[Proposal, ...]:
    return tuple(map(with_key, made, packed([one.candidate for one in made])))


@dataclass(frozen=True)
class _Making:
    """What candidates are made with."""

    ground: Ground
    runs: Runs
    known: Facts
    folds: Folds
    standings: Standings
    at_hand: Mapping[Pattern, GeneralisedCandidate]
    """What was described of the same runs."""

    def described(self, one: Judged) -> GeneralisedCandidate:
        """A pattern in full; how sure one can be of it depends on all others, too."""
        old = self.at_hand.get(one.pattern)
        if isinstance(one, Rejected):
            return old or describe_rejected(one, self.runs, self.known, self.standings)
        if old is not None:
            return replace(old, confidence=one.trials.confidence, worth=one.worth)
        return describe(one, self.runs, self.known, standings=self.standings)

    def proposal(self, one: GeneralisedCandidate) -> Proposal:
        """The candidate, compared and judged."""
        ground, lineage = self.ground, self.ground.lineage(one.signature)
        options = ground.options(lineage)
        made = assess(
            candidate_of(one, self._mined, options),
            self._pool,
            options,
            ground.created_at,
            waivers=ground.rules(lineage),
            held_out=frozenset(self.folds[name].trace.id for name in ground.shadow),
            looking=partial(_looking, self._by_id, self.standings),
        )
        return Proposal(lineage, ground.cohort, made, len(ground.members), self._witness(made))

    def _witness(self, made: Candidate) -> Witness:
        """What its examples say."""
        runs = [self._mined[example.trace_id] for example in made.examples]
        unresolved = sum(
            len(points_at(run.trace.actions, example.steps or (), are_apart=True, points=run.unresolved))
            for run, example in zip(runs, made.examples, strict=True)
            if run.unresolved
        )
        return told_by_record(made, sum(run.is_backwards for run in runs), unresolved)

    @cached_property
    def _mined(self) -> Mapping[str, Run]:
        runs = (self.folds[name].material.run for name in self.ground.members)
        return {run.trace.id: run for run in runs}

    @cached_property
    def _by_id(self) -> Mapping[str, FoldedRun]:
        return {one.trace.id: one for one in self.folds.values()}

    @cached_property
    def _pool(self) -> Pool:
        return Pool(tuple(self.folds[name].trace for name in (*self.ground.members, *self.ground.shadow)))


def _looking(runs: Mapping[str, FoldedRun], standings: Standings, recipe: Recipe) -> Callable[[Trace], Compared]:
    """How runs stand to a recipe, from what is known already; `runs` by their ids."""
    look = standings.to_record(recipe)
    return lambda trace: look(runs[trace.id].material)
