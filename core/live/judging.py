"""What a proposal is by itself, whatever was decided on it: its behaviour, what it lacks, what the oracles say."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from core.crashpack.oracles import TransferState, run_oracle
from core.live.transfer import ORACLE, Facts, finding, judged_state
from core.live.viewed import Judged, Proposal, Viewed
from core.model.candidate import Candidate
from core.model.jsontext import digest
from core.model.late import LateText
from core.promotion.behaviour import behaviour_of, evidence_digest
from core.promotion.promote import unmet
from core.promotion.risk import risk_level
from core.store.policy import Policy

Judging = tuple[Proposal, int, Policy, int]
"""What is judged: a proposal, with the number of quarantined files, the policy and the number of journal faults."""


def judged(judging: Judging, before: Viewed | None) -> Judged:
    """A proposal by itself; `before` is the view of it before."""
    return (before and _still(before, judging)) or _anew(judging)


def _still(before: Viewed, judging: Judging) -> Judged | None:
    """What was judged the last time, as far as it holds: with the same evidence only the confidence may be another."""
    if before.judged is None or before.judging == judging:
        return before.judged
    (was, *rest), (proposal, *others) = before.judging, judging
    if proposal.evidence is None or not isinstance(was, Proposal) or was.evidence != proposal.evidence:
        return None
    return replace(before.judged, failures=_failures(proposal.candidate, judging[2])) if rest == others else None


def _failures(candidate: Candidate, policy: Policy) -> tuple[str, ...]:
    return unmet(candidate, min_examples=policy.min_examples, min_confidence=policy.min_confidence)


def _anew(judging: Judging) -> Judged:
    proposal, quarantined, policy, breaks = judging
    candidate, seen = proposal.candidate, proposal.witness
    present = behaviour_of(candidate, seen.columns, seen.receipts)
    present_digest = digest(present)
    facts = Facts(present_digest, present_digest, journal_breaks=breaks, pending=quarantined)
    state = judged_state(candidate, facts, seen.backwards, seen.unresolved)
    blocking, warnings = _oracle_findings(state, policy)
    return Judged(
        behaviour=present,
        behaviour_digest=present_digest,
        evidence=LateText(partial(evidence_digest, candidate), proposal.evidence),
        failures=_failures(candidate, policy),
        blocking=blocking,
        warnings=warnings,
        risk=risk_level(candidate.side_effects, candidate.required_secrets),
    )


def _oracle_findings(state: TransferState, policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the transfer oracles would find now: what forbids an approval, and what has to be acknowledged."""
    result = run_oracle(ORACLE, state)
    blocking: list[str] = []
    warnings: list[str] = []
    for violation in result.violations:
        check, told = finding(violation)
        (blocking if check in policy.block_on else warnings).append(told)
    return tuple(blocking), tuple(warnings)
