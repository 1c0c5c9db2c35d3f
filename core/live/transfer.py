"""The transfer state of a promotion, filled from facts so that each oracle can really fail (spec/review.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from core.crashpack.oracles import TransferState, Violation
from core.model.approval_points import asked_before, points_of
from core.model.candidate import Candidate
from core.model.outlined import Acts, Outlined, is_unresolved
from core.traces.times import moment, runs_backwards

__all__ = [
    "CHECKS",
    "ORACLE",
    "Facts",
    "finding",
    "in_words",
    "judged_state",
    "moment",
    "points_at",
    "runs_backwards",
    "source_actions",
    "source_points",
]

CHECKS = {
    "manifest_integrity": "manifest",
    "journal_consistency": "journal",
    "quiescence": "quiescence",
    "obligation_leak": "obligations",
    "path_consistency": "paths",
}
"""The policy's name of each oracle check, by violation type."""

ORACLE = "promotion"
"""The name under which a promotion's transfer state is judged."""


Point = tuple[Outlined, Acts, bool]
"""A run's action at which a human had to be asked, and whether one approved."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known besides the candidate when its promotion is judged."""

    expected_behaviour: str
    """Behaviour digest of the snapshot that was reviewed."""
    present_behaviour: str
    """Behaviour digest re-derived from the files as they are now."""
    journal_breaks: int = 0
    """Faults in the journal's chain."""
    lost_sources: int = 0
    """Source traces whose file vanished or changed since mining."""
    pending: int = 0
    """Changed files of the candidate that were not absorbed yet, and quarantined files."""


def finding(violation: Violation) -> tuple[str, str]:
    """The policy's name of a violated check, and the violation as a reviewer reads it, below that name."""
    check = CHECKS.get(violation.violation_type, violation.violation_type)
    return check, f"{check}: {in_words(violation)}"


def in_words(violation: Violation) -> str:
    """What a violation says of a promotion; the oracles' own sentences are about transfers between replicas."""
    evidence = violation.evidence
    match violation.violation_type:
        case "manifest_integrity":
            reviewed, now = evidence.get("expected_hash", "?"), evidence.get("actual_hash", "?")
            return f"the behaviour is not the reviewed one: {reviewed} was reviewed, {now} is what the runs show"
        case "journal_consistency":
            where = "in the journal's chain or in source runs, whose times go back or whose file changed or is gone"
            return f"{_counted(evidence.get('gap_count'), 'fault')} {where}"
        case "quiescence":
            files = _counted(evidence.get("pending_count"), "file")
            return f"{files} quarantined, or changed and not read yet"
        case "obligation_leak":
            return f"{_counted(evidence.get('leak_count'), 'approval point')} that no approver resolved"
        case "path_consistency":
            return "compared runs diverge"
    return violation.description


def _counted(number: str | None, noun: str) -> str:
    return f"{number or 'some'} {noun}" + "s" * (number != "1")


def judged_state(candidate: Candidate, facts: Facts, backwards: int, unresolved: int) -> TransferState:
    """The state that the transfer oracles judge.

    So many examples have times that go back, and so many approvals nobody gave.
    """
    return TransferState(
        manifest_hash=facts.present_behaviour,
        expected_manifest_hash=facts.expected_behaviour,
        journal_gaps=facts.journal_breaks + facts.lost_sources + backwards,
        pending_operations=facts.pending,
        leaked_obligations=unresolved,
        path_outcomes_consistent=candidate.shadow.passed,
    )


def source_actions(candidate: Candidate, examples: Sequence[Outlined]) -> Iterator[tuple[Outlined, Acts]]:
    """Every action that the candidate was mined from, with its run, in the order of the examples."""
    by_id = {trace.id: trace for trace in reversed(examples)}
    count = len(candidate.steps)
    for example in candidate.examples:
        if trace := by_id.get(example.trace_id):
            actions = trace.actions
            indexes = (index for step in example.aligned(count) for index in step)
            yield from ((trace, actions[index]) for index in indexes if index < len(actions))


def source_points(candidate: Candidate, examples: Sequence[Outlined]) -> Iterator[Point]:
    """Every point of these runs at which a step of the candidate, or what it waits for, asks somebody."""
    by_id = {trace.id: trace for trace in reversed(examples)}
    count = len(candidate.steps)
    for example in candidate.examples:
        if trace := by_id.get(example.trace_id):
            for index in points_at(trace.actions, example.aligned(count), are_apart=example.steps is not None):
                action = trace.actions[index]
                yield trace, action, not is_unresolved(action.approval)


def points_at(
    actions: Sequence[Acts], steps: Sequence[Sequence[int]], *, are_apart: bool, points: Sequence[int] | None = None
) -> Sequence[int]:
    """The approval points of the actions that stand for each step; of steps that are apart also those before them.

    `points` are those that it is asked about; by default all of the run.
    """
    if not (points := points_of(actions) if points is None else points):
        return points
    own = {index for step in steps for index in step}
    if are_apart:
        own.update(chain.from_iterable(asked_before(actions, points, steps).values()))
    return [point for point in points if point in own]
