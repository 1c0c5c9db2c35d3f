"""The one way in to comparing a candidate with runs, whichever way it was mined."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.mining.generalised.costs import saved_by_step
from core.mining.generalised.differ import generalised_differences, places_of
from core.mining.generalised.patterns import done
from core.mining.generalised.record import savings_of
from core.mining.generalised.shadow import Look, folding, shadow_report
from core.model.candidate import Candidate, Example, Savings, ShadowReport
from core.model.signature import occurrence, signatures
from core.model.trace import Action, Trace
from core.promotion.savings import step_savings
from core.shadow import compare as exact
from core.shadow.differences import Difference, differences
from core.shadow.waivers import Waiver


def shadow_compare(
    candidate: Candidate,
    pool: Sequence[Trace] | exact.Pool,
    waivers: Sequence[Waiver] = (),
    *,
    held_out: Collection[str] | None = None,
    looking: Look | None = None,
) -> ShadowReport:
    """The candidate compared with its examples, then with every other run that it is about.

    For generalised candidates `held_out` are the ids of runs that it was not made from (by default those that its
    record says), and `looking` tells how runs stand to it.
    """
    if candidate.induction is None:
        return exact.shadow_compare(candidate, pool, waivers)
    traces = pool.traces if isinstance(pool, exact.Pool) else pool
    return shadow_report(candidate, traces, waivers, held_out=held_out, looking=looking)


def all_differences(candidate: Candidate, trace: Trace, waivers: Sequence[Waiver] = ()) -> tuple[Difference, ...]:
    """Everything that differs between a candidate and a run, what a rule expects marked."""
    if candidate.induction is not None:
        return generalised_differences(candidate, trace, waivers)
    return differences(candidate, trace, start_in(candidate, trace) or 0, waivers)


def start_in(candidate: Candidate, trace: Trace) -> int | None:
    """The index (from 0) of the action with which a candidate begins in a run: as its example says, else searched."""
    for example in candidate.examples:
        if example.trace_id == trace.id:
            return example.start_index
    if candidate.induction is None:
        return occurrence(candidate.sequence_signature, signatures(trace))
    return next((indexes[0] for indexes in places_of(candidate, trace)), None)


def steps_in(candidate: Candidate, trace: Trace) -> tuple[tuple[int, ...], ...]:
    """For each step the indexes of the run's actions that stand for it; empty when the steps do not occur."""
    example = next((e for e in candidate.examples if e.trace_id == trace.id), None)
    if example is not None:
        found = example.aligned(len(candidate.steps))
        return found if all(index < len(trace.actions) for indexes in found for index in indexes) else ()
    if candidate.induction is not None:
        return places_of(candidate, trace)
    start = occurrence(candidate.sequence_signature, signatures(trace))
    return () if start is None else tuple((start + n,) for n in range(len(candidate.steps)))


def occurs(candidate: Candidate, trace: Trace) -> bool:
    """Whether a run says anything about a candidate: its sequence occurs, or in generalised mode its job gets done."""
    if not candidate.sequence_signature:
        return False
    if candidate.induction is not None:
        return done(folding(candidate)(trace).shape, candidate.sequence_signature)
    return occurrence(candidate.sequence_signature, signatures(trace)) is not None


def run_savings(candidate: Candidate, example: Example, trace: Trace) -> tuple[Savings, ...]:
    """What a run would have saved, step by step; in generalised mode a step's part is the glue in front of it."""
    if candidate.induction is None:
        window: Sequence[Action] = exact.window_of(candidate, trace, example.start_index)
        return step_savings([window])
    material = folding(candidate)(trace)
    wanted = [indexes[0] for indexes in example.aligned(len(candidate.steps))]
    holders = {index: place for place, step in enumerate(material.run.steps) for index in step.actions}
    if not all(index in holders for index in wanted):
        return ()
    return tuple(map(savings_of, saved_by_step(material, tuple(holders[index] for index in wanted))))
