"""Why a candidate is what it is: its steps, its confidence, the runs for and against it (`assay explain`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.live.snapshot import CandidateView
from core.mining.generalised.patterns import REACH
from core.model.binding_words import ambiguity_told, constant_told, place_told, source_told
from core.model.candidate import Candidate, Step, TraceResult
from core.model.generalised import Binding, Induction, Tried
from core.model.shares import confidence, interval, percent
from core.model.text import plural


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything in sentences; the record of the candidate has the same in numbers."""

    steps: tuple[str, ...]
    """Why these steps."""
    confidence: tuple[str, ...]
    """Why this confidence."""
    values: tuple[tuple[int, tuple[str, ...]], ...]
    """By step (from 1) where its values come from and what was tried in vain, and where that failed."""
    supports: tuple[TraceResult, ...]
    """The runs that support it."""
    against: tuple[TraceResult, ...]
    """The runs that speak against it."""
    verdict: tuple[str, ...]
    """What follows for its promotion."""


def explanation(view: CandidateView) -> Explanation:
    """The explanation of a candidate as it stands."""
    made = view.candidate
    induced = made.induction
    supports: list[TraceResult] = []
    against: list[TraceResult] = []
    for result in made.shadow.traces:
        holds = result.passed if induced is None else result.standing == "holds"
        if holds:
            supports.append(result)
        if not (holds and result.passed):
            against.append(result)
    return Explanation(
        steps=tuple(_steps(view)),
        confidence=tuple(_exact_confidence(view) if induced is None else _confidence(made, induced)),
        values=tuple((step.index, tuple(_values(step))) for step in made.steps if step.detail is not None),
        supports=tuple(supports),
        against=tuple(against),
        verdict=(*made.rejection_reasons, *(f"it cannot be approved now: {why}" for why in view.approvable)),
    )


def _steps(view: CandidateView) -> Iterator[str]:
    made, induced = view.candidate, view.candidate.induction
    found = len(made.examples)
    if induced is None:
        stands = "stands" if view.proposed else "stood"
        yield f"this sequence of {len(made.steps)} actions {stands}, word for word, in {view.occurrence}"
        yield "of all that stand in as many runs it is the longest that what was found before leaves (exact rule)"
        return
    have = (
        f"{plural(induced.groups, 'distinct run has', 'distinct runs have')} the steps: re-runs of one task, of which "
        "each counts by itself"
        if induced.reruns
        else f"{plural(induced.groups, 'group of runs has', 'groups of runs have')} the steps, a group is what begins "
        "with the same call"
    )
    if view.proposed:
        yield f"{view.occurrence} hold{'s' * (found == 1)} these steps as described; {have}"
    else:
        yield f"it is proposed no longer; these steps were found as described in {view.occurrence}"
    yield (
        "they end where a job may end, model calls that only choose the next step are folded into it, repetitions are "
        f"one step, and no longer sequence of at most {REACH + 1} steps is shown by the same runs"
    )
    if made.rejection_reasons:
        return
    yield _LINK[induced.link]
    yield (
        f"of the candidates that could explain the same work it is among the few that explain most: worth "
        f"{induced.worth:.2f} = (steps + 2) · share of arguments that are bound · confidence"
    )
    if induced.idle:
        yield f"passed over, because they never change or return anything: {', '.join(induced.idle)}"


_LINK = {
    "data": "they hang together by values: every step passes one on or takes one, in the order of the steps",
    "determined": "not all of them pass values on, but everything about them is determined, and the first step implies "
    "the rest",
    "implied": "some of them pass values on, others take what somebody gives, and the first step implies the rest",
}


def _exact_confidence(view: CandidateView) -> Iterator[str]:
    made = view.candidate
    if not view.proposed:
        yield f"{confidence(made.confidence)}, as it was when it was decided; it is proposed no longer"
        return
    certain = sum(step.segment == "deterministic" for step in made.steps)
    yield (
        f"{confidence(made.confidence)} = 0.65 · {len(made.examples)} examples / {view.cohort_runs} runs + 0.35 · "
        f"{certain} deterministic / {len(made.steps)} steps, at most 0.99, and 0 with a reason for rejection"
    )


def _confidence(made: Candidate, induced: Induction) -> Iterator[str]:
    bounds, groups = interval(induced.interval.low, induced.interval.high), induced.interval.groups
    if made.rejection_reasons and not made.confidence:
        yield "0: it is not acceptable, whatever the runs say"
        return
    yield (
        f"{confidence(made.confidence)}, with 95 % between {bounds}: how probable it "
        "is that a run that does this job, and that it was not made from, does it as described"
    )
    yield (
        f"judged on {groups:,} {'runs' if induced.reruns else 'groups of runs'}, each described by the other "
        "ones only; every group has one vote, here and in all shares, and few votes lean on what all candidates of the "
        "cohort show"
    )
    if induced.near_misses:
        yield f"{plural(induced.near_misses, 'run does', 'runs do')} the job, but not as described, which lowers it"
    if induced.unfinished:
        begun = plural(induced.unfinished, "run begins", "runs begin")
        yield f"{begun} like it without doing the job, which says nothing about it"
    if induced.with_outcome:
        yield (
            f"{induced.succeeded} of {induced.with_outcome} supporting runs that say how they ended succeeded; that a "
            "workflow is reproduced does not make it right"
        )


def _values(step: Step) -> Iterator[str]:
    assert step.detail is not None
    for binding in step.detail.bindings:
        yield from _binding(binding)


def _binding(binding: Binding) -> Iterator[str]:
    evidence = binding.evidence
    if binding.kind == "constant":
        yield f"{binding.name} is always {constant_told(binding)} ({percent(evidence.share)} of the groups)"
        yield from (f"  or {ambiguity_told(place)}: no run tells them apart" for place in binding.ambiguous)
    elif binding.kind == "free":
        tried = (
            f"none of {evidence.tried} places that were looked at in earlier steps explains them"
            if evidence.tried
            else "no step comes before it"
        )
        yield f"{binding.name} is given: {evidence.distinct} different values, and {tried}"
    else:
        size = f", one of {evidence.mean_size:.1f} on average" if binding.choice else ""
        yield (
            f"{binding.name} is {source_told(binding)}: {percent(evidence.share)} of the groups, {evidence.distinct} "
            f"different values{size}; by chance {_by_chance(evidence.chance)}, evidence {evidence.bits:.0f} bits, "
            f"{evidence.tried} places tried"
        )
    yield from (f"  tried in vain: {_tried(tried)}" for tried in evidence.failed)


def _by_chance(share: float) -> str:
    return "under 0.1 %" if 0 < share < 0.0005 else f"{share * 100:.1f} %"


def _tried(tried: Tried) -> str:
    where = f"{place_told(tried.step, tried.place)}: {tried.fault} ({percent(tried.share)} of the groups"
    where += f", {tried.distinct} different values, {tried.bits:.0f} bits)"
    if tried.missed_count:
        more = f" and {tried.missed_count - len(tried.missed)} more" if tried.missed_count > len(tried.missed) else ""
        where += f"; not in {', '.join(tried.missed)}{more}"
    return where
