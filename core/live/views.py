"""How each lineage stands: its candidate, the decisions on it, and what follows (spec/review.md, Status)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.artifacts.redact import PLAIN, Redactor
from core.live.decided import (
    Archived,
    Kept,
    changes_since,
    compared_again,
    contains,
    growth,
    packs_of,
    risk_of,
    turned_against,
)
from core.live.labels import base_label, unique_labels, whole_label
from core.live.partition import NoRuns
from core.live.snapshot import CandidateView, JournalView
from core.live.viewed import Judged, Proposal, Viewed
from core.model.candidate import Candidate, Criteria
from core.model.decision import Decision, Status
from core.model.text import plural
from core.model.trace import Trace
from core.promotion.changes import Change, failing_changes
from core.promotion.promote import criteria
from core.promotion.rules import rules_for, ruling
from core.promotion.standing import (
    ON_DISK,
    Rules,
    Standing,
    approval_history,
    approver,
    governing,
    heard,
    standing,
)
from core.shadow.results import count_allowed
from core.shadow.waivers import Waiver, about
from core.store.policy import ApproversPolicy, Policy

if TYPE_CHECKING:  # columns need numpy, which nobody has to wait for who only looks
    from core.live.column_parts import ColumnParts
    from core.live.judging import Judging

ORDER: tuple[Status, ...] = ("drifted", "stale", "needs_approval", "blocked", "needs_work", "ready", "rejected")
"""The sections of the list, most urgent first."""

NO_LONGER_PROPOSED = "no longer proposed"


@dataclass(frozen=True, slots=True)
class _World:
    """What every view is made from."""

    parts: NoRuns | ColumnParts
    decisions: Mapping[str, Sequence[Decision]]
    journal: JournalView
    archive: Mapping[str, Archived]
    policy: Policy
    quarantined: int
    redactor: Redactor

    @property
    def traces(self) -> Mapping[str, Trace]:
        """Every run that takes part, by trace id."""
        return self.parts.traces

    def kept(self, decision: Decision | None) -> Kept | None:
        """What a crashpack keeps of what a decision is about, if one is there."""
        packs = packs_of(self.decisions[decision.lineage], decision) if decision else ()
        found = (archived.kept for pack in packs if (archived := self.archive.get(pack.name)))
        return next((kept for kept in found if kept), None)

    def archived(self, lineage: str) -> tuple[Archived | None, ...]:
        """The crashpacks of a lineage."""
        packs = (decision.crashpack for decision in self.decisions.get(lineage, ()))
        return tuple(self.archive.get(pack.name) for pack in packs if pack)

    def governing(self, lineage: str) -> Decision:
        """The decision that says what a lineage is about which is proposed no longer."""
        return governing(self.decisions[lineage], self._rules)

    def _rules(self, decision: Decision) -> Rules:
        """Whose approval counts of what a decision is about."""
        if self.policy.approvers == ApproversPolicy():
            return self.policy.rules("low")  # as of any risk
        return self.policy.rules(risk_of(self.kept(decision)))

    @property
    def ruling(self) -> tuple[Decision, ...]:
        """The decisions that made or withdrew allow rules."""
        return ruling(heard(self.journal.decisions, self.policy.keys_required))


def views(
    proposals: Sequence[Proposal],
    parts: NoRuns | ColumnParts,
    journal: JournalView,
    archive: Mapping[str, Archived],
    policy: Policy,
    quarantined: int,
    redactor: Redactor = PLAIN,
    known: Mapping[str, Viewed] = MappingProxyType({}),
) -> dict[str, Viewed]:
    """Every lineage that is proposed or was decided on; `known` are earlier ones, taken over where nothing changed.

    `redactor` is what decided candidates were redacted with, as far as that is known.
    """
    by_lineage: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in journal.decisions:
        by_lineage[decision.lineage].append(decision)
    world = _World(parts, by_lineage, journal, archive, policy, quarantined, redactor.strict)
    ruled = world.ruling
    common = (policy, len(journal.faults), world.redactor)
    made: dict[str, Viewed] = {}

    def basis_of(lineage: str, rules: tuple[Waiver, ...], *more: object) -> tuple[object, ...]:
        return (*more, rules, tuple(by_lineage.get(lineage, ())), world.archived(lineage), *common)

    if proposals:  # nobody has to wait for the oracles before there are candidates
        from core.live.judging import judged
    for proposal in proposals:
        lineage = proposal.lineage
        judging: Judging = (proposal, quarantined, policy, len(journal.faults))
        rules = rules_for(lineage, proposal.cohort or "", ruled)
        basis, found = basis_of(lineage, rules, proposal, quarantined), known.get(lineage)
        if not found or found.basis != basis:
            alone = judged(judging, found)
            view = _proposed(proposal, alone, rules, world)
            found = Viewed(basis, view, _wanted(view, policy), judging, alone)
        made[lineage] = found
    proposed = [viewed.view for viewed in made.values()]
    for lineage in by_lineage.keys() - made.keys() - {""}:
        rules = rules_for(lineage, _cohort(lineage, world), ruled)
        basis, found = basis_of(lineage, rules, parts, tuple(proposals)), known.get(lineage)
        if not found or found.basis != basis:
            view = _gone(lineage, rules, proposed, world)
            found = Viewed(basis, view, _wanted(view, policy))
        made[lineage] = found
    return made


def listed(viewed: Mapping[str, Viewed]) -> tuple[CandidateView, ...]:
    """All views with their labels, most urgent first."""
    labels = unique_labels(
        {lineage: (item.wanted, item.view.cohort) for lineage, item in viewed.items()},
        {lineage: whole_label(item.view.candidate) for lineage, item in viewed.items() if item.is_generalised},
    )
    return tuple(sorted((item.labelled(labels[lineage]) for lineage, item in viewed.items()), key=_order))


def _order(view: CandidateView) -> tuple[int, float, int, str]:
    """Most urgent first, then what is most worth approving."""
    made = view.candidate
    worth = made.induction.worth if made.induction else made.confidence
    return (ORDER.index(view.status), -worth, -len(made.steps), view.lineage)


def _wanted(view: CandidateView, policy: Policy) -> str:
    renames = [d for d in heard(view.decisions, policy.keys_required) if d.kind == "rename" and "name" in d.detail]
    return str(renames[-1].detail["name"]) if renames and renames[-1].detail["name"] else base_label(view.candidate)


def _proposed(proposal: Proposal, judged: Judged, rules: tuple[Waiver, ...], world: _World) -> CandidateView:
    candidate, lineage, policy = proposal.candidate, proposal.lineage, world.policy
    decisions = world.decisions.get(lineage, ())
    changes: tuple[Change, ...] = ()
    stands = standing(decisions, judged.behaviour_digest, judged.failures, policy.rules(judged.risk))
    if stands.status in ("stale", "drifted") and (kept := world.kept(stands.relied_on)):
        changes = changes_since(kept, judged.behaviour, candidate, world.traces, world.redactor)
        told = [change.text for change in changes]
        stands = standing(decisions, judged.behaviour_digest, judged.failures, policy.rules(judged.risk), told)
    elif (
        stands.status == "ready"
        and candidate.induction is not None
        and (told_against := turned_against(world.kept(stands.relied_on), candidate, world.redactor))
    ):
        failures = (*judged.failures, told_against)
        stands = standing(decisions, judged.behaviour_digest, failures, policy.rules(judged.risk))
    stands, changes = _explained(stands, candidate, changes)
    return CandidateView(
        lineage=lineage,
        label=candidate.name,
        cohort=proposal.cohort or "",
        candidate=with_standing(candidate, decisions, stands, policy),
        status=stands.status,
        reasons=stands.reasons,
        behaviour_digest=judged.behaviour_digest,
        evidence=judged.evidence,
        risk=judged.risk,
        cohort_runs=proposal.cohort_runs,
        warnings=(*_thanks_to_rules(candidate), *candidate.warnings, *judged.warnings),
        decisions=tuple(decisions),
        changes=changes,
        approvable=(*judged.failures, *judged.blocking),
        notes=(*growth(candidate, stands), *_thanks_to_rules(candidate)),
        rules=about(rules, candidate.steps),
    )


def _explained(
    stands: Standing, candidate: Candidate, changes: tuple[Change, ...]
) -> tuple[Standing, tuple[Change, ...]]:
    """What an approval no longer holds for, in words: how runs fail, and what changed since."""
    if stands.status == "drifted":
        failing = failing_changes(candidate)
        return replace(stands, reasons=(*stands.reasons, *(change.text for change in failing))), (*failing, *changes)
    return stands, changes


def _thanks_to_rules(candidate: Candidate) -> tuple[str, ...]:
    """How many comparisons pass only because a reviewer said that they may differ."""
    count = count_allowed(candidate.shadow.traces)
    return (f"{plural(count, 'run passes', 'runs pass')} only thanks to allow rules",) if count else ()


def with_standing(candidate: Candidate, decisions: Sequence[Decision], stands: Standing, policy: Policy) -> Candidate:
    """The candidate with the human part of its promotion taken from the journal."""
    made: Criteria = criteria(
        (), stands.reasons, min_examples=policy.min_examples, min_confidence=policy.min_confidence
    ).replace(status=ON_DISK[stands.status])
    promotion = candidate.promotion.replace(
        approver=approver(decisions, policy),
        approval_history=approval_history(decisions),
        criteria=made,
    )
    return candidate.replace(promotion=promotion)


def _gone(lineage: str, rules: tuple[Waiver, ...], proposed: Sequence[CandidateView], world: _World) -> CandidateView:
    """A decided lineage that mining proposes no longer; it never leaves the list."""
    decisions, subject = world.decisions[lineage], world.governing(lineage)
    kept = world.kept(subject)
    candidate = kept.candidate if kept else Candidate(id=subject.candidate_id, name=lineage)
    cohort = _cohort(lineage, world)
    if kept:
        candidate = compared_again(kept, world.parts.showing(kept.candidate), rules, world.redactor)
    home = next((v for v in proposed if contains(v, candidate, cohort)), None)
    failures: tuple[str, ...] = ()
    if home is None or not candidate.shadow.passed:
        failures = (NO_LONGER_PROPOSED, *candidate.shadow.failures)
    risk = risk_of(kept)
    stands = standing(decisions, subject.behaviour_digest, failures, world.policy.rules(risk))
    stands, changes = _explained(stands, candidate, ())
    missing = () if kept else ("its crashpack is missing, so its steps are not known",)
    return CandidateView(
        lineage=lineage,
        label=candidate.name,
        cohort=cohort,
        candidate=with_standing(candidate, decisions, stands, world.policy),
        status=stands.status,
        reasons=stands.reasons,
        behaviour_digest=subject.behaviour_digest,
        evidence=subject.evidence_digest,
        risk=risk,
        cohort_runs=world.parts.of_workflow(cohort),
        proposed=False,
        decisions=tuple(decisions),
        changes=changes,
        approvable=(NO_LONGER_PROPOSED,),
        notes=(*((f"now part of {base_label(home.candidate)} ({home.lineage})",) if home else ()), *missing),
        rules=about(rules, candidate.steps) if kept else rules,
    )


def _cohort(lineage: str, world: _World) -> str:
    """The cohort's key text of a decided lineage."""
    subject = world.governing(lineage)
    if "cohort" in subject.detail:
        return str(subject.detail["cohort"])
    kept = world.kept(subject)
    return kept.cohort if kept else ""
