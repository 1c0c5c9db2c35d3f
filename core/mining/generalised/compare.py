"""Shadow comparison for generalised candidates: how a run stands to a workflow, and where it differs."""

from __future__ import annotations

from collections.abc import Iterable

from core.mining.generalised.candidate import Compared, GeneralisedCandidate
from core.mining.generalised.fold import fold
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted, Mismatch, done, nearest, occurrences
from core.mining.generalised.patterns import Alignment, Pattern, contains
from core.mining.generalised.values import shape
from core.model.jsontext import canonical, same
from core.model.trace import Trace


def compare(candidate: GeneralisedCandidate, trace: Trace) -> Compared:
    """How a run stands to a candidate; values, effects and approvals count, outputs are only told."""
    material = Material(fold(trace, candidate.facts))
    found = compared(material, candidate.fitted)
    if not found.steps:
        return found
    boundary = tuple(_approvals(candidate, trace, found.steps))
    outputs = tuple(_outputs(candidate, trace, found.steps))
    return Compared(
        trace_id=found.trace_id,
        source_hash=found.source_hash,
        standing="differs" if boundary else found.standing,
        steps=found.steps,
        mismatches=(*found.mismatches, *boundary, *outputs),
        note=found.note,
    )


def compared(material: Material, fitted: Fitted) -> Compared:
    """How a folded run stands to a workflow by its steps, values and effects."""
    trace, pattern = material.run.trace, fitted.pattern
    names = (trace.id, trace.source_hash or "")
    if (at := next(occurrences(material, fitted), None)) is not None:
        return Compared(*names, "holds", steps_at(material, at))
    if (best := nearest(material, fitted)) is not None:
        return Compared(*names, "differs", steps_at(material, best[0]), best[1])
    if done(material, pattern):
        return Compared(*names, "otherwise", note=_left(material, pattern))
    if pattern[0] in material.run.sequence:
        return Compared(*names, "unfinished", note=f"{_name(pattern[-1])} never succeeds after {_name(pattern[0])}")
    return Compared(*names, "absent")


def steps_at(material: Material, at: Alignment) -> tuple[tuple[int, ...], ...]:
    """For each step the indexes of the run's actions that stand for it."""
    return tuple(material.run.steps[index].actions for index in at)


def _left(material: Material, pattern: Pattern) -> str:
    """Where a run that gets the job done leaves the steps."""
    sequence = material.run.sequence
    missing = [symbol for symbol in pattern if symbol not in sequence]
    if missing:
        return f"the job gets done without {', '.join(map(_name, missing))}"
    if not contains(sequence, pattern):
        return "the steps stand in another order"
    return "other effects, or too many other steps, stand between the steps"


def _name(symbol: str) -> str:
    return symbol.partition(":")[2]


def _approvals(candidate: GeneralisedCandidate, trace: Trace, steps: tuple[tuple[int, ...], ...]) -> Iterable[Mismatch]:
    """Steps that ask somebody first where the candidate's do not, or the other way round."""
    for step, actions in zip(candidate.steps, steps, strict=True):
        for index in actions:
            approval = trace.actions[index].approval
            seen = approval.required if approval is not None else None
            if (seen or False) is not (step.approval_required or False):
                yield Mismatch(step.index - 1, "approval", "required", (_flag(step.approval_required),), (_flag(seen),))


def _flag(value: bool | None) -> str:
    return {None: "not said", True: "true", False: "false"}[value]


def _outputs(candidate: GeneralisedCandidate, trace: Trace, steps: tuple[tuple[int, ...], ...]) -> Iterable[Mismatch]:
    """Outputs of another shape, or of another value where nearly all examples agree on one."""
    for step, actions in zip(candidate.steps, steps, strict=True):
        for index in actions:
            output = trace.actions[index].seen_output
            if step.output is not None and not same(step.output.value, output):
                wanted, seen = canonical(step.output.value).decode(), canonical(output).decode()
                yield Mismatch(step.index - 1, "output", "value", (wanted,), (seen,))
            elif step.output is None and step.shape.value != shape(output):
                yield Mismatch(step.index - 1, "output", "shape", (step.shape.value,), (shape(output),))
