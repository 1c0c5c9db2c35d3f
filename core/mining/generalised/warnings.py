"""What a reviewer has to know of a workflow besides its steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.mining.generalised.candidate import GeneralisedCandidate
from core.mining.steps import fuzzy_warning
from core.model.binding_words import ambiguity_told
from core.model.candidate import Step
from core.model.text import plural


def warnings(made: GeneralisedCandidate, steps: Sequence[Step]) -> Iterator[str]:
    """Everything that does not go without saying, of a workflow and the steps as they are recorded."""
    yield from _by_hand(steps)
    yield from _optional(made)
    yield from _repeated(made, steps)
    yield from _doubtful(made)
    yield from _outcome(made)


def _by_hand(steps: Sequence[Step]) -> Iterator[str]:
    """What stays with a person or a model, and what may not be what it looks like."""
    details = [(step, step.detail) for step in steps if step.detail is not None]
    for step, detail in details:
        chosen = any(binding.choice for binding in detail.bindings)  # which is told below
        if step.segment == "fuzzy" and (step.kind == "model_call" or not chosen):
            yield fuzzy_warning(step)
    if talking := [(step, detail) for step, detail in details if detail.has_conversation]:
        where = "before or within" if any(detail.repeats for _, detail in talking) else "before"
        listed = _listed([str(step.index) for step, _ in talking])
        yield f"conversation {where} step {listed} stays with a model or a person"
    for step, detail in details:
        if names := [binding.name for binding in detail.bindings if binding.choice]:
            yield f"step {step.index} '{step.name}': somebody has to choose {_listed(names)} among several values"
        for binding in detail.bindings:
            if binding.ambiguous:
                yield (
                    f"step {step.index} '{step.name}': {binding.name} is always the same, but may come from "
                    f"{ambiguity_told(binding.ambiguous[0])}"
                )


def _optional(made: GeneralisedCandidate) -> Iterator[str]:
    """Arguments that are not always given, so that what is stated of them does not hold for all runs."""
    for step in made.steps:
        if not step.sometimes:
            continue
        stated = {binding.name for binding in step.bindings}
        names = [name if name in stated else f"{name} (not stated here)" for name, _ in step.sometimes]
        yield f"step {step.index} '{step.name}': not every call of the runs gives {_listed(names)}"


def _repeated(made: GeneralisedCandidate, steps: Sequence[Step]) -> Iterator[str]:
    """What a loop for each step does not say of those that the workflow repeats."""
    looping = [
        step for step, written in zip(made.steps, steps, strict=True) if written.detail and written.detail.is_loop
    ]
    for step in looping:
        given = [binding.name for binding in step.bindings if binding.kind == "free"]
        if names := [name for name in given if name in step.rounds.varying]:
            yield (
                f"step {step.index} '{step.name}' repeats with other values of {_listed(names)}, of which the workflow "
                "is given one"
            )
    turns = [step.index for step in looping if step.rounds.in_turns]
    for begin in (index for index in turns if index - 1 not in turns):
        block = [str(index) for index in _block(begin, turns)]
        yield f"steps {_listed(block)} repeat in turns, though the workflow states a loop for each"


def _block(begin: int, turns: Sequence[int]) -> Iterator[int]:
    """The steps that repeat in turns, of which all but the first are in a list, from the second on."""
    yield begin - 1
    while begin in turns:
        yield begin
        begin += 1


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _doubtful(made: GeneralisedCandidate) -> Iterator[str]:
    """Calls that count as failed by a word which may be the answer: that the job somebody asked about failed."""
    for step in made.steps:
        if count := step.doubtful:
            runs = plural(count, "run that does", "runs that do")
            yield (
                f"step {step.index} '{step.name}': in {runs} the job its call counts as failed, because of the status "
                "that it gives"
            )


def _outcome(made: GeneralisedCandidate) -> Iterator[str]:
    """Reproduced is not right: mining repeats the agents' mistakes as well (design/mining.md, finding 4)."""
    succeeded, said = made.outcomes
    if 2 * succeeded < said:
        yield "of the supporting runs that say how they ended fewer than half say that they succeeded"
